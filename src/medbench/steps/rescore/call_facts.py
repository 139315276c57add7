"""What the responses behind each output took, found while both files are read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from medbench.schema.model import same_model
from medbench.schema.response import Response
from medbench.scoring.item import Spent
from medbench.store.jsonl import read_records
from medbench.store.runs import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


_N = TypeVar("_N", int, float)


@dataclass(frozen=True, slots=True)
class Call:
    """What scoring needs of one response."""

    other_model: bool
    prompt: str | None
    finish_reason: str | None
    latency_s: float | None
    cost_usd: float | None
    input_tokens: int | None
    output_tokens: int | None


class Calls:
    """Hands out the calls of each output.

    Outputs follow their responses in nearly the same order, so that only those in between are held.
    """

    def __init__(self, run: Path) -> None:
        self._lines = read_records(run / RESPONSES, Response)
        self._ahead: dict[str, Call] = {}
        self._known_usd = 0.0
        self._known = 0
        self.cost_unknown = 0
        """Responses read so far whose cost is unknown."""

    @property
    def cost_usd(self) -> float | None:
        """Dollars of the responses read so far whose cost is known; None where all are unknown."""
        return self._known_usd if self._known or not self.cost_unknown else None

    def of(self, response_ids: Sequence[str]) -> tuple[Call, ...]:
        """The calls of one output; those that are not in the ledger are left out."""
        for wanted in response_ids:
            while wanted not in self._ahead and self._read_one():
                pass
        return tuple(call for wanted in response_ids if (call := self._ahead.pop(wanted, None)))

    def finish(self) -> None:
        """Read the rest, so that what was paid for without an output is in the cost."""
        while self._read_one():
            self._ahead.clear()

    def _read_one(self) -> bool:
        response = next(self._lines, None)
        if response is None:
            return False
        if response.call_for.is_judging:
            return True  # what a judge costs is no cost of the system
        if response.cost is None:
            self.cost_unknown += 1
        else:
            self._known += 1
            self._known_usd += response.cost.usd
        self._ahead[response.response_id] = Call(
            other_model=_by_another(response),
            prompt=response.prompt if response.failure is None else None,
            finish_reason=response.finish_reason,
            latency_s=response.latency_s,
            cost_usd=response.cost.usd if response.cost else None,
            input_tokens=response.usage.input,
            output_tokens=response.usage.output,
        )
        return True


def _by_another(response: Response) -> bool:
    """Whether the service says that another model answered; a record that is replayed is no service."""
    by_name = ":" not in response.asked  # 'my_pkg.my_mod:Name' is where the code is, and names no model
    return by_name and response.usage.source != "replay" and not same_model(response.asked, response.answered)


def spent(calls: Sequence[Call], *, asked: bool) -> Spent:
    """The sums over the calls of one output; unknown where one of them is unknown.

    Args:
        calls: The calls.
        asked: Whether a model was asked at all; where none was, the cost is nothing.
    """
    if not asked:
        return Spent(cost_usd=0.0)
    return Spent(
        latency_s=_sum([call.latency_s for call in calls]),
        cost_usd=_sum([call.cost_usd for call in calls]),
        input_tokens=_sum([call.input_tokens for call in calls]),
        output_tokens=_sum([call.output_tokens for call in calls]),
    )


def _sum(values: Sequence[_N | None]) -> _N | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
