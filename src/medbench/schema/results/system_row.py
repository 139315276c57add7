"""One run in a comparison: what was asked, what failed, what it cost, and its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from medbench.schema.base import Record
from medbench.schema.score import Estimate, Slice, descending

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

RAW: Final = ("finding.f1", "answer.right")
"""The metrics that say how much is right, before chance is taken out."""
ORDERS: Final = (
    *("above_chance.finding.f1", "finding.f1"),
    *("above_chance.answer.right", "answer.right", "rouge_l.f1"),
)
"""Metrics that order systems where nothing is graded, the first that they have; conclusions are about it."""


class Graded(Record):
    """The rates of grades of one system, by the rater that decides."""

    rater: str
    """Its name."""
    wanted: int
    """Outputs that could be graded: case-replicates asked for."""
    good: Estimate
    """Share of graded outputs that are good."""
    partial: Estimate
    """Share that are partial."""
    poor: Estimate
    """Share that are poor."""
    key_finding: Estimate
    """Share that name the key finding, of those of which the rater says so or not."""
    good_if_missing_poor: float | None
    """Share good of all wanted, were each missing verdict not good."""
    good_if_missing_good: float | None
    """The same, were each of them good."""
    missing: dict[str, int]
    """Reason why outputs have no grade to their number: together, all that are wanted and have none."""
    by_fallback: int = 0
    """Grades by the fallback."""
    older: int = 0
    """Grades of a text that an older parser found."""
    reviewed: Estimate | None = None
    """Share good as people would grade, corrected by their sample; None without one."""


class SystemRow(Record):
    """One run in a comparison."""

    name: str
    """Short name: the run folder's."""
    path: str
    """The run folder."""
    floor: bool
    """True for a baseline, which the others are read against."""
    n: int
    """Outputs with a text."""
    wanted: int
    """Case-replicates asked for."""
    not_run: int
    """Those that have neither an output nor a failure."""
    failures: dict[str, int]
    """Kind of failure to number of outputs."""
    flags: dict[str, int]
    """Flag to number of outputs."""
    flagged: int
    """Outputs with at least one flag."""
    other_models: tuple[str, ...] = ()
    """Models that answered and were not asked for, as their service names them."""
    cost_usd: float | None
    """Dollars of the responses of known cost that this run paid for; None where no cost is known."""
    cost_unknown: int
    """Those of unknown cost."""
    cost_reused_usd: float = 0.0
    """Dollars of the answers that other runs paid for, as far as they are known."""
    cost_reused_unknown: int = 0
    """Those of unknown cost."""
    cost_up_usd: float = 0.0
    """Dollars of the hours that endpoints were up for it, of which `cost_usd` was used; 0 without any."""
    metrics: dict[str, Estimate]
    """Metric to estimate, over all outputs."""
    unflagged: Slice
    """The same over the outputs without a flag."""
    by: dict[str, dict[str, Slice]]
    """Region, modality, number of images, length of the reference: each value to its estimates."""
    graded: Graded | None = None
    """Grades of the rater that decides; None where it graded none of the run."""

    def mean(self, metric: str) -> float | None:
        """Return the mean of a metric, or the share of 'good'; None where it is unknown."""
        estimate = self.metrics.get(metric)
        if metric == "good" and self.graded:
            estimate = self.graded.good
        return estimate.mean if estimate else None

    def good_outputs(self) -> float:
        """Return how many answers are good if those without a grade are as good as the others."""
        share = self.graded.good.mean if self.graded else None
        return (share or 0.0) * self.n

    def usd_a_good_case(self) -> float | None:
        """Return the dollars of all answers by the good ones, whoever paid; None where either is unknown."""
        good = self.good_outputs()
        if not good or self.cost_usd is None or self.cost_unknown or self.cost_reused_unknown:
            return None
        return (self.cost_usd + self.cost_reused_usd) / good


def in_order(rows: Iterable[SystemRow], metric: str) -> list[SystemRow]:
    """Return the rows that have a metric, the best first; equal ones by their raw metrics, then by name."""
    known = (row for row in rows if row.mean(metric) is not None)
    return sorted(known, key=lambda row: (*(descending(row.mean(one)) for one in (metric, *RAW)), row.name))


class Floor(NamedTuple):
    """The best of some baselines."""

    row: SystemRow
    by: str
    """The metric in which it is the best."""


def best_floor(floors: Collection[SystemRow], metric: str) -> Floor | None:
    """Return the best of some baselines; None where none has a number.

    Args:
        floors: The baselines.
        metric: The metric by which the systems are ordered. Baselines without it, as where a judge graded the
            systems alone, are ordered as systems are that nobody graded.
    """
    best = (Floor(row, by) for by in (metric, *ORDERS) for row in in_order(floors, by)[:1])
    return next(best, None)
