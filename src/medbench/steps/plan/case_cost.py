"""What one case of a run took on average: the one place where `plan` learns of prices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.schema.verdict import Verdict
from medbench.steps.reading.summaries import summary_of
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from medbench.store.runs import RunFolder


@dataclass(frozen=True, slots=True)
class Price:
    """The mean of one system's case."""

    system: str
    usd: float | None
    """Dollars of its calls; None where a cost of a call is unknown."""
    seconds: float | None
    """Seconds of the calls; None where none was timed."""
    judging_usd: float | None = None
    """Dollars of its verdicts; None where no verdict has a known cost."""


def price_of(run: RunFolder) -> Price:
    """What one case of the run took, from what is recorded of it."""
    summary = summary_of(run)
    if summary is None or not summary.outputs:
        return Price(run.name, None, None)
    latency = summary.everything.metrics.get("latency_ms")
    seconds = latency.mean / 1000 if latency and latency.mean is not None else None
    known = summary.cost_usd is not None and not summary.cost_unknown
    judging = _judging(run)
    return Price(
        system=run.name,
        usd=summary.cost_usd / summary.outputs if known and summary.cost_usd is not None else None,
        judging_usd=None if judging is None else judging / summary.outputs,
        seconds=seconds,
    )


def _judging(run: RunFolder) -> float | None:
    """Dollars of all verdicts whose cost is known; None where there is none."""
    costs = [verdict.cost.usd for verdict in read_records(run.path / VERDICTS, Verdict) if verdict.cost]
    return math.fsum(costs) if costs else None
