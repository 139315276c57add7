"""The calls behind each output, found while both files are read once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from medbench.schema.account import Account
from medbench.schema.response import Response
from medbench.scoring.item import CallTotals
from medbench.store.jsonl import read_records
from medbench.store.runs import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


_N = TypeVar("_N", int, float)


class CallFacts(NamedTuple):
    """The facts of one response that scoring needs; None is unknown."""

    role: str
    other_model: bool
    """True if the service says that another model answered than the one that was asked."""
    prompt: str | None
    """The prompt as it was sent; None where the call failed."""
    text: str | None
    """The answer; None where the call failed."""
    finish_reason: str | None
    """Why the answer ended, as the provider says it."""
    latency_s: float | None
    cost_usd: float | None
    input_tokens: int | None
    output_tokens: int | None


class LedgerReader:
    """Reads the responses of a run in step with its outputs.

    Outputs follow their responses in nearly the same order, so that only those in between are held.
    """

    def __init__(self, run: Path) -> None:
        self._responses = read_records(run / RESPONSES, Response)
        self._ahead: dict[str, CallFacts] = {}
        self.spent = Account()
        """The money of the responses read so far, judging left out."""

    def calls_of(self, response_ids: Sequence[str]) -> tuple[CallFacts, ...]:
        """Return the calls of one output; those that are not in the ledger are left out."""
        for wanted in response_ids:
            while wanted not in self._ahead and self._read_one():
                pass
        return tuple(call for wanted in response_ids if (call := self._ahead.pop(wanted, None)))

    def finish(self) -> None:
        """Read the rest, so that what was paid for without an output is in the cost."""
        while self._read_one():
            self._ahead.clear()

    def _read_one(self) -> bool:
        response = next(self._responses, None)
        if response is None:
            return False
        if response.call_for.is_judging:
            return True  # the price of a judge isn't a cost of the system
        self.spent.add(response)
        self._ahead[response.response_id] = CallFacts(
            role=response.call_for.role,
            other_model=response.is_by_another,
            prompt=response.prompt if response.failure is None else None,
            text=response.text,
            finish_reason=response.finish_reason,
            latency_s=response.latency_s,
            cost_usd=response.cost.whole_usd if response.cost else None,
            input_tokens=response.usage.input,
            output_tokens=response.usage.output,
        )
        return True


def asked_of(calls: Sequence[CallFacts], examples: Iterable[str] = ()) -> str | None:
    """Return what the last call asked for: its prompt without the answers and examples that it passes on.

    Who keeps a sentence of an earlier answer repeats no instruction.
    """
    prompt = calls[-1].prompt if calls else None
    earlier = (call.text for call in calls[:-1] if call.role != calls[-1].role)
    for text in (*earlier, *examples):
        if prompt and text:
            before, _, after = prompt.rpartition(text)
            prompt = before + after
    return prompt


def totals(calls: Sequence[CallFacts], *, asked: bool) -> CallTotals:
    """Return the sums over the calls of one output; a sum is unknown where one of them is unknown.

    Args:
        calls: The calls.
        asked: True if a model was asked at all; where none was, the cost is nothing.
    """
    if not asked:
        return CallTotals(cost_usd=0.0)
    return CallTotals(
        latency_s=_sum([call.latency_s for call in calls]),
        cost_usd=_sum([call.cost_usd for call in calls]),
        input_tokens=_sum([call.input_tokens for call in calls]),
        output_tokens=_sum([call.output_tokens for call in calls]),
    )


def _sum(values: Sequence[_N | None]) -> _N | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
