"""What raters say of systems: the rates of the one that counts, and how two of them agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.comparison import Graded
from medbench.schema.score import Estimate
from medbench.stats.judge_correction import prediction_powered
from medbench.stats.rates import rate
from medbench.steps.reading.grades import why_missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from medbench.stats.intervals import RateMethod
    from medbench.steps.compare.pairs import PairSide

    Array = NDArray[np.float64]


def graded_row(side: PairSide, wanted: int, asked: NDArray[np.bool_], method: RateMethod) -> Graded | None:
    """The rates of one system by the rater that counts.

    Args:
        side: The system.
        wanted: Case-replicates asked for.
        asked: Which cases were asked for.
        method: Of the intervals.

    Returns:
        None where that rater graded nothing of it.
    """
    grades = side.grades
    if grades is None or not grades.graded.any():
        return None
    topics = side.sheet.cases.topics
    good, graded = float(grades.shares["good"].sum()), float(grades.graded.sum())
    missing = max(0, wanted - int(graded))
    return Graded(
        rater=grades.rater,
        wanted=wanted,
        good=rate(grades.shares["good"], grades.graded, topics, wanted, method),
        partial=rate(grades.shares["partial"], grades.graded, topics, wanted, method),
        poor=rate(grades.shares["poor"], grades.graded, topics, wanted, method),
        key_finding=rate(grades.shares["key_finding"], grades.keyed, topics, wanted, method),
        good_if_missing_poor=good / wanted if wanted else None,
        good_if_missing_good=(good + missing) / wanted if wanted else None,
        missing=why_missing(side.sheet, grades, np.flatnonzero(asked & (grades.graded == 0)).tolist()),
        by_fallback=grades.by_fallback,
        older=grades.older,
        reviewed=_reviewed(side),
    )


def _reviewed(side: PairSide) -> Estimate | None:
    """The share good as people would grade: their sample and the judge's grades of all (PPI++)."""
    people, judge = side.people, side.grades
    if people is None or judge is None or people.rater == judge.rater:
        return None
    truth, seen = people.share("good"), judge.share("good")
    sample, rest = ~np.isnan(truth) & ~np.isnan(seen), np.isnan(truth) & ~np.isnan(seen)
    topics = side.sheet.cases.topics
    found = prediction_powered(
        truth[sample], seen[sample], seen[rest], labels=(topics[sample].tolist(), topics[rest].tolist())
    )
    if found is None:
        return None
    return Estimate(
        mean=found.value, median=None, p95=None, n=found.labelled, missing=0, interval=found.interval
    )
