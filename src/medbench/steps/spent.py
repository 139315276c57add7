"""What one case of a run took on average: the one place where `plan` learns of prices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.schema.verdict import Verdict
from medbench.steps.rescore import summary_of
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from medbench.store.runs import RunFolder


@dataclass(frozen=True, slots=True)
class Price:
    """The mean of one system's case, calls and judging together."""

    system: str
    usd: float | None
    """Dollars; None where a cost of a call is unknown."""
    seconds: float | None
    """Seconds of the calls; None where none was timed."""


def price_of(run: RunFolder) -> Price:
    """What one case of the run took, from what is recorded of it; judging counts where its cost is known."""
    summary = summary_of(run)
    if summary is None or not summary.outputs:
        return Price(run.name, None, None)
    latency = summary.everything.metrics.get("latency_ms")
    seconds = latency.mean / 1000 if latency and latency.mean is not None else None
    if summary.cost_usd is None or summary.cost_unknown:
        return Price(run.name, None, seconds)
    return Price(run.name, (summary.cost_usd + _judging(run)) / summary.outputs, seconds)


def _judging(run: RunFolder) -> float:
    costs = (getattr(verdict, "cost", None) for verdict in read_records(run.path / VERDICTS, Verdict))
    return math.fsum(cost.usd for cost in costs if cost is not None)
