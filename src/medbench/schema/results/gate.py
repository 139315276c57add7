"""The answer of a gate: is a run worse than another by more than is allowed?"""

from __future__ import annotations

from typing import Literal

from medbench.schema.base import Record
from medbench.schema.score import Interval

GateOutcome = Literal["pass", "fail", "undecided"]
"""A larger drop is ruled out, shown, or neither."""


class Gate(Record):
    """A run held against another, with the largest drop that is allowed."""

    outcome: GateOutcome
    """The result."""
    benchmark: str
    """Name of the benchmark."""
    benchmark_digest: str
    """Its digest."""
    run: str
    """The run that is to pass."""
    against: str
    """The run that it is held against."""
    metric: str
    """Name of the metric, as in a comparison: 'good', 'above_chance.finding.f1', …"""
    rater: str | None
    """The rater that counts; None where the metric is not one of grades."""
    max_drop: float
    """The largest drop that is allowed, as a share."""
    coverage: float
    """Share of the wanted cases that must have both."""
    n: int
    """Cases that have both."""
    wanted: int
    """Cases that both runs were asked for."""
    difference: float | None
    """Run minus the other; None where no case has both."""
    interval: Interval | None
    """Its interval."""
    lowest_if_missing: float | None = None
    """The difference, were each missing grade against the run; None where none is missing."""
    cases_needed: int | None = None
    """Cases with both that would decide; None where it is decided, and where no number can be named."""
    reasons: tuple[str, ...] = ()
    """Reasons why it is undecided."""
    notices: tuple[str, ...] = ()
    """Notices about what this rests on, as in a comparison."""
    signatures: dict[str, str] = {}
    """Scorer to the signature of its numbers."""
