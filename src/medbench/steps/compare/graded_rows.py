"""What raters say of systems: the rates of the one that counts, and how two of them agree."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.comparison import Coefficient, Graded, Judgings
from medbench.schema.score import Estimate
from medbench.stats.agreement import cohen_kappa, gwet_ac
from medbench.stats.groups import Groups
from medbench.stats.intervals import rate_interval
from medbench.stats.judge_correction import prediction_powered
from medbench.steps.reading.grades import GRADES, why_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from medbench.stats.agreement import Agreement
    from medbench.stats.intervals import RateMethod
    from medbench.steps.compare.pairs import Side
    from medbench.steps.reading.grades import Grades
    from medbench.steps.reading.score_columns import Cases

    Array = NDArray[np.float64]


def graded_row(side: Side, wanted: int, asked: NDArray[np.bool_], method: RateMethod) -> Graded | None:
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


def rate(
    hits: Array, counts: Array, topics: NDArray[np.int64], wanted: int, method: RateMethod = "wilson"
) -> Estimate:
    """A rate over the outputs of cases, with its interval over topics.

    Args:
        hits: Outputs of each case that are so.
        counts: Outputs of each case of which it is known.
        topics: Topic of each case.
        wanted: Outputs of which it should be known.
        method: Of the interval.
    """
    by_topic: Array = np.bincount(topics, weights=counts).astype(np.float64)
    sums: Array = np.bincount(topics, weights=hits).astype(np.float64)
    groups = Groups(sums[by_topic > 0], by_topic[by_topic > 0])
    n = groups.n
    return Estimate(
        mean=groups.mean if n else None,
        median=None,
        p95=None,
        n=n,
        missing=max(0, wanted - n),
        interval=rate_interval(groups, method),
    )


def _reviewed(side: Side) -> Estimate | None:
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


def judgings(graded: Mapping[str, Mapping[str, Grades]], cases: Cases) -> tuple[Judgings, ...]:
    """Every two raters of the systems: how far they agree, and where they do not."""
    raters = sorted({rater for of_run in graded.values() for rater in of_run})
    found = (_between(a, b, graded, cases) for a, b in combinations(raters, 2))
    return tuple(one for one in found if one is not None)


def _between(a: str, b: str, graded: Mapping[str, Mapping[str, Grades]], cases: Cases) -> Judgings | None:
    pairs: list[tuple[str, str]] = []
    topics: list[int] = []
    flips = []
    for system, of_run in graded.items():
        if a not in of_run or b not in of_run:
            continue
        first, second = of_run[a].level(), of_run[b].level()
        for place in np.flatnonzero(~np.isnan(first) & ~np.isnan(second)):
            one, other = GRADES[round(first[place])], GRADES[round(second[place])]
            pairs.append((one, other))
            topics.append(int(cases.topics[place]))
            if one != other:
                flips.append((system, cases.ids[place], one, other))
    if not pairs:
        return None
    ones, others = zip(*pairs, strict=True)
    return Judgings(
        a=a,
        b=b,
        n=len(pairs),
        same=len(pairs) - len(flips),
        kappa=_coefficient(cohen_kappa(ones, others, GRADES, labels=topics)),
        quadratic=_coefficient(cohen_kappa(ones, others, GRADES, weights="quadratic", labels=topics)),
        ac1=_coefficient(gwet_ac(pairs, GRADES, labels=topics)),
        flips=tuple(flips),
    )


def _coefficient(found: Agreement) -> Coefficient:
    return Coefficient(value=found.value, interval=found.interval)
