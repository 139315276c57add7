"""The rates of grades of one system, by the rater that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.schema.results.system_row import Graded
from medbench.schema.score import Estimate
from medbench.stats.rates import rate
from medbench.steps.compare.pairs import corrected_by_people
from medbench.steps.reading.grades import why_missing

if TYPE_CHECKING:
    from medbench.stats.intervals import RateMethod
    from medbench.steps.compare.pairs import PairSide


def graded_row(side: PairSide, wanted: int, method: RateMethod) -> Graded | None:
    """Return the rates of one system; None where the rater graded nothing of it.

    Args:
        side: The system.
        wanted: Case-replicates asked for.
        method: Method of the intervals.
    """
    grades = side.grades
    if grades is None or not grades.graded.any():
        return None
    topics = side.table.cases.topics
    good, graded = float(grades.counts["good"].sum()), float(grades.graded.sum())
    missing = max(0, wanted - int(graded))
    return Graded(
        rater=grades.rater,
        wanted=wanted,
        good=rate(grades.counts["good"], grades.graded, topics, wanted, method),
        partial=rate(grades.counts["partial"], grades.graded, topics, wanted, method),
        poor=rate(grades.counts["poor"], grades.graded, topics, wanted, method),
        key_finding=rate(grades.counts["key_finding"], grades.key_graded, topics, wanted, method),
        good_if_missing_poor=good / wanted if wanted else None,
        good_if_missing_good=(good + missing) / wanted if wanted else None,
        missing=why_missing(side.table, grades, wanted),
        by_fallback=grades.by_fallback,
        older=grades.older,
        reviewed=_reviewed(side),
    )


def _reviewed(side: PairSide) -> Estimate | None:
    """Return the share good as people would grade; None where people graded no sample."""
    people, judge = side.people, side.grades
    if people is None or judge is None or people.rater == judge.rater:
        return None
    corrected = corrected_by_people(people.share("good"), judge.share("good"), side.table.cases)
    if corrected is None:
        return None
    return Estimate(mean=corrected.value, n=corrected.labelled, interval=corrected.interval)
