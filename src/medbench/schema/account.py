"""The account of money: what recorded calls cost, for what, by model, run and day; all screens rest on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from medbench.schema.response import Cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.schema.response import CallFor, Response

Purpose = Literal["answers", "verdicts", "listings", "canaries", "doctor", "imported"]
JUDGING: Final[tuple[Purpose, ...]] = ("verdicts", "listings", "canaries")
_PURPOSES: Final[dict[str, Purpose]] = {"judge": "verdicts", "listing": "listings", "doctor": "doctor"}


class Line(NamedTuple):
    """Purpose of a sum of the account."""

    purpose: Purpose
    """Answers of systems; verdicts, listings and canaries of judges; probes of `doctor`; imported answers."""
    model: str
    """Id of the model that was asked."""
    run: str
    """Run whose ledger has the calls, as BENCHMARK/SYSTEM; '' in a running command."""
    day: str
    """Day of the last try, UTC; '' where nothing was sent."""


@dataclass(slots=True)
class Sum:
    """The money of some calls. What was paid here and what was taken over never mix."""

    calls: int = 0
    """Calls that were made and paid for here, failed ones included."""
    usd: float = 0.0
    """Dollars of these calls, as far as they are known."""
    unknown: int = 0
    """Calls of which the cost, or that of a try, is unknown: `usd` is the least that was paid."""
    reused: int = 0
    """Answers that were paid for elsewhere: by another run, or before they were imported."""
    reused_usd: float = 0.0
    """Dollars of these, as far as they are known."""
    reused_unknown: int = 0
    """Those of unknown cost."""
    up_usd: float = 0.0
    """Dollars of the hours that endpoints were up for these calls, of which `usd` is the part that was used;
    0 where no endpoint that medbench put up answered."""

    @property
    def known(self) -> float | None:
        """Dollars that were paid here; None where nothing is known of the cost of any call."""
        return None if self.unknown and not self.usd else self.usd

    @property
    def whole(self) -> float | None:
        """Dollars of all these calls, whoever paid; None where the cost of one is unknown."""
        return None if self.unknown or self.reused_unknown else self.usd + self.reused_usd

    def add(self, other: Sum) -> None:
        """Add another sum."""
        self.calls += other.calls
        self.usd += other.usd
        self.unknown += other.unknown
        self.reused += other.reused
        self.reused_usd += other.reused_usd
        self.reused_unknown += other.reused_unknown
        self.up_usd += other.up_usd


class Account:
    """Sums by purpose, model, run and day."""

    def __init__(self) -> None:
        self.sums: dict[Line, Sum] = {}

    def add(self, response: Response, run: str = "", *, imported: bool = False) -> None:
        """Enter a line of a ledger.

        Args:
            response: The line.
            run: Whose ledger it is.
            imported: True if the answers of the run were made elsewhere; its judging was not.
        """
        if response.withdraws is not None:
            return  # no call: a line about an earlier one
        imported = imported and not response.call_for.is_judging
        purpose = "imported" if imported else purpose_of(response.call_for)
        day = response.attempts[-1].start[:10] if response.attempts else ""
        cost = response.cost
        usd, unknown = (cost.usd, cost.unknown_tries > 0) if cost else (0.0, True)
        if imported or response.reused_from is not None:
            new = Sum(reused=1, reused_usd=usd, reused_unknown=int(unknown))
        else:
            new = Sum(calls=1, usd=usd, unknown=int(unknown))
        self.sums.setdefault(Line(purpose, response.asked, run, day), Sum()).add(new)

    def add_up(self, model: str, run: str, day: str, usd: float) -> None:
        """Enter the hours that an endpoint was up for the answers of a run, used or not."""
        self.sums.setdefault(Line("answers", model, run, day), Sum()).add(Sum(up_usd=usd))

    def merge(self, other: Account) -> None:
        """Enter all that stands in another account."""
        for line, some in other.sums.items():
            self.sums.setdefault(line, Sum()).add(some)

    def total(self, *purposes: Purpose) -> Sum:
        """Return the sum of these purposes; of all without any."""
        whole = Sum()
        for line, some in self.sums.items():
            if not purposes or line.purpose in purposes:
                whole.add(some)
        return whole


def purpose_of(call_for: CallFor) -> Purpose:
    """Return what a call was for."""
    if call_for.stage.startswith("canary-"):
        return "canaries"
    return _PURPOSES.get(call_for.stage, "answers")


def together(costs: Iterable[Cost | None]) -> Cost | None:
    """Return the cost of several tries or calls; None where nothing that was paid is known."""
    every: Sequence[Cost | None] = list(costs)
    known = [cost for cost in every if cost is not None]
    usd = sum(cost.usd for cost in known)
    unknown = len(every) - len(known) + sum(cost.unknown_tries for cost in known)
    if not known or (unknown and not usd):
        return None
    return Cost(usd=usd, basis=known[-1].basis, unknown_tries=unknown)
