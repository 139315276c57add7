"""The budget of one command: the worst case of a call is set aside before it is sent."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field

from medbench.errors import BudgetError
from medbench.sentences import money


@dataclass(slots=True)
class Budget:
    """Dollars of one command, shared by all its systems; belongs to one event loop."""

    most: float
    """Dollars that may be spent."""
    spent: float = 0.0
    """Dollars spent; a call whose cost is unknown counts with its worst case."""
    set_aside: float = 0.0
    """Worst cases of the calls in flight."""
    strict: bool = True
    """True if it must hold; False to let calls pass whose worst case is unknown."""
    raised_by: str = "--max-cost"
    """Option or key that sets `most`, as a hint names it."""
    exhausted: bool = False
    """True once a call was not sent because of it."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def reserve(self, usd: float | None) -> None:
        """Set the worst case of a call aside; waits while calls in flight may turn out cheaper.

        Raises:
            BudgetError: Even with nothing in flight the call could cost more than is left.
        """
        usd = self._bounded(usd)
        while self.spent + self.set_aside + usd > self.most:
            if self.set_aside <= 0:
                raise self._exceeded(usd)
            self._changed.clear()
            await self._changed.wait()
        self.set_aside += usd

    def spend(self, usd: float | None) -> None:
        """Count the worst case of a call as spent: nobody waits to see what it will really cost.

        Raises:
            BudgetError: It could cost more than is left.
        """
        usd = self._bounded(usd)
        if self.spent + self.set_aside + usd > self.most:
            raise self._exceeded(usd)
        self.spent += usd

    def give_back(self, usd: float) -> None:
        """Count no more what `spend` counted, since it was not sent."""
        self.spent = max(0.0, self.spent - usd)
        self._changed.set()

    def _bounded(self, usd: float | None) -> float:
        if usd is None and self.strict and self.most < math.inf:
            self.exhausted = True
            raise BudgetError(
                f"{money(self.spent)} of {money(self.most)} are spent; what the next call costs has no "
                "bound.",
                "give its model a price, limits.image_tokens and settings.max_tokens, see docs/costs.md",
            )
        return usd or 0.0

    def _exceeded(self, usd: float) -> BudgetError:
        self.exhausted = True
        return BudgetError(
            f"{money(self.spent)} of {money(self.most)} are spent; the next call could cost {money(usd)}.",
            f"the same line with a higher {self.raised_by} goes on; --dry-run says what is left to pay",
        )

    def settle(self, reserved: float, cost: float | None) -> None:
        """Settle a call that has ended.

        Args:
            reserved: What was set aside for it.
            cost: What it cost; None where that is unknown and may be all of it.
        """
        self.set_aside = max(0.0, self.set_aside - reserved)
        if self.set_aside < 1e-9:
            self.set_aside = 0.0  # sums of floats: with no call in flight nothing is set aside
        self.spent += reserved if cost is None else cost
        self._changed.set()
