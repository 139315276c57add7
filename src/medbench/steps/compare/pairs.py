"""Two runs on the same cases: differences, tests, and what missing verdicts could change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from medbench.schema.results.comparison import GradedPair, IfMissing, PairedDifference
from medbench.scoring.controls import ABOVE, CORRECTED, above, swapped
from medbench.stats.above_chance import above_chance
from medbench.stats.describe import mean_difference
from medbench.stats.groups import grouped, mean_of_values, minus
from medbench.stats.judge_correction import prediction_powered
from medbench.stats.paired import design_effect, difference_intervals, rate_difference_interval
from medbench.stats.power import ALPHA
from medbench.stats.sign_flips import flip_numbers, flip_whole_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from medbench.stats.judge_correction import Corrected
    from medbench.steps.reading.grades import Grades
    from medbench.steps.reading.score_columns import Cases, ScoreTable

    Array = NDArray[np.float64]
    Bools = NDArray[np.bool_]

DECLARED = (
    *(above("finding.f1"), "finding.f1", "rouge_l.recall", "rouge_l.f1"),
    *(above("answer.right"), "answer.right"),
)
"""Metrics that are tested together with good and key finding (Holm); all others are described only."""


@dataclass(frozen=True, slots=True)
class PairSide:
    """One system of a pair."""

    name: str
    table: ScoreTable
    grades: Grades | None
    """Grades of the rater that decides."""
    people: Grades | None
    """Grades of the one reviewer."""

    def column(self, metric: str) -> Array:
        """Return the share of good grades ('good') or a metric of each case; NaN where there is none."""
        if metric == "good" and self.grades is not None:
            return self.grades.share("good")
        if metric in self.table.sums:
            return self.table.means(metric)
        return np.full(len(self.table.cases), np.nan)


def columns_of(sides: Sequence[PairSide], metric: str) -> list[Array]:
    """Return the metric of each case, a column a system; one above chance over the cases that all have."""
    if not metric.startswith(ABOVE):
        return [side.column(metric) for side in sides]
    of = metric.removeprefix(ABOVE)
    parts = [(side.column(of), side.column(swapped(of))) for side in sides]
    missing = np.isnan(np.array(parts)).any(axis=(0, 1))
    return [above_chance(np.where(missing, np.nan, scores), chances) for scores, chances in parts]


def metric_differences(
    a: PairSide, b: PairSide, rates: frozenset[str], alpha: float = ALPHA
) -> dict[str, PairedDifference]:
    """Return the difference of each metric, over the cases where both systems have it.

    Args:
        a: The first system.
        b: The second.
        rates: Metrics that are 1 or 0 for each output.
        alpha: Level of the tests; the intervals hold 1 minus it.
    """
    topics = a.table.cases.topics
    names = sorted((*(a.table.sums.keys() & b.table.sums.keys()), *map(above, CORRECTED)))
    found: dict[str, PairedDifference] = {}
    numbers: list[str] = []
    sums: dict[str, Array] = {}

    def columns() -> Iterator[Array]:
        """Yield the differences of numbers; those of rates are done with at once. None of them is held."""
        for name in names:
            first, second = columns_of((a, b), name)
            column = minus(second, first)
            if np.isnan(column).all():
                continue
            if name in DECLARED:
                sums[name] = grouped(column, topics).sums
            if name in rates:
                found[name] = mean_difference(column, rate_difference_interval(column, topics, 1 - alpha))
                continue
            found[name] = mean_difference(column, None)
            numbers.append(name)
            yield column

    intervals = difference_intervals(columns(), topics, 1 - alpha)
    for name, interval in zip(numbers, intervals, strict=True):
        found[name] = found[name].model_copy(update={"interval": interval})
    for name, p in zip(sums, flip_numbers([*sums.values()]), strict=True):
        found[name] = found[name].model_copy(update={"test": "sign-flip", "p": p})
    return found


def graded_pair(a: PairSide, b: PairSide, judged: Bools, alpha: float = ALPHA) -> GradedPair | None:
    """Return the grades of both systems; None where one of them has none.

    Args:
        a: The first system.
        b: The second.
        judged: True for the cases that could be graded for both: all that both were asked for.
        alpha: Level of the tests; the intervals hold 1 minus it.
    """
    if a.grades is None or b.grades is None:
        return None
    cases = a.table.cases
    first, second = a.grades.share("good"), b.grades.share("good")
    both_graded = ~np.isnan(first) & ~np.isnan(second)
    if not both_graded.any():
        return None
    good_a, good_b = both_graded & (first > 0.5), both_graded & (second > 0.5)
    keys = minus(b.grades.share("key_finding"), a.grades.share("key_finding"))
    shares = minus(second, first)
    return GradedPair(
        n=int(both_graded.sum()),
        unpaired=int((judged & ~both_graded).sum()),
        both=int((good_a & good_b).sum()),
        only_a=_ids(cases, good_a & ~good_b),
        only_b=_ids(cases, good_b & ~good_a),
        neither=_ids(cases, both_graded & ~good_a & ~good_b),
        good=rate_difference(shares, cases, "mcnemar", alpha),
        key_finding=None if np.isnan(keys).all() else rate_difference(keys, cases, "mcnemar", alpha),
        ordinal=rate_difference(np.sign(b.grades.level() - a.grades.level()), cases, "sign", alpha),
        if_missing=_if_missing(first, second, judged, cases, alpha),
        reviewed=_reviewed(a, b),
        design_effect=design_effect(shares, cases.topics),
        discordance=float(np.nanmean(first * (1 - second) + second * (1 - first))),
    )


def rate_difference(
    differences: Array, cases: Cases, test: Literal["mcnemar", "sign"], alpha: float = ALPHA
) -> PairedDifference:
    """Return a difference of rates with its interval, and the exact and mid-p test of the sums of topics.

    With several answers to a case the differences are fractions, whose test has other flips and no mid-p.
    """
    exact, mid = _flipped(differences, cases)
    interval = rate_difference_interval(differences, cases.topics, 1 - alpha)
    tested = {"test": "sign-flip" if mid is None else test, "p": exact, "p_mid": mid}
    return mean_difference(differences, interval).model_copy(update=tested)


def corrected_by_people(people: Array, judge: Array, cases: Cases, lowest: float = 0.0) -> Corrected | None:
    """Return a judge's mean corrected by the cases that people graded too (PPI++); None for too few.

    Args:
        people: A number of each case as people see it; NaN where they did not grade.
        judge: The same as the judge sees it.
        cases: The cases, with their topics.
        lowest: Lowest value that a case can have: 0, or -1 for a difference of two systems.
    """
    sample = ~np.isnan(people) & ~np.isnan(judge)
    rest = np.isnan(people) & ~np.isnan(judge)
    topics = cases.topics
    return prediction_powered(
        people[sample],
        judge[sample],
        judge[rest],
        labels=(topics[sample].tolist(), topics[rest].tolist()),
        lowest=lowest,
    )


def _flipped(differences: Array, cases: Cases) -> tuple[float, float | None]:
    """Return the exact and the mid p-value of 'the two are interchangeable', topics being flipped as one.

    Fractions have no mid-p, and their flips are drawn where there are many.
    """
    known = differences[~np.isnan(differences)]
    sums = grouped(differences, cases.topics).sums
    if np.isin(known, (-1.0, 0.0, 1.0)).all():
        flips = flip_whole_numbers(np.rint(sums).astype(np.int64))
        return flips.exact, flips.mid_p
    (p,) = flip_numbers([sums])
    return p, None


def _if_missing(first: Array, second: Array, judged: Bools, cases: Cases, alpha: float) -> IfMissing | None:
    """Return the difference, were all missing verdicts against one side; None where none is missing."""
    missing = judged & (np.isnan(first) | np.isnan(second))
    if not missing.any():
        return None
    bounds = []
    for fill_a, fill_b in ((1.0, 0.0), (0.0, 1.0)):
        filled = minus(np.where(np.isnan(second), fill_b, second), np.where(np.isnan(first), fill_a, first))
        bounds.append((mean_of_values(filled[judged]), _flipped(np.where(judged, filled, np.nan), cases)[0]))
    (lowest, p_lowest), (highest, p_highest) = bounds
    shares = minus(second, first)
    seen = mean_of_values(shares[~np.isnan(shares)])
    sign = _shown_sign(seen, _flipped(shares, cases)[0], alpha)
    return IfMissing(
        lowest=lowest,
        highest=highest,
        p_lowest=p_lowest,
        p_highest=p_highest,
        turns=any(_shown_sign(difference, p, alpha) != sign for difference, p in bounds),
    )


def _shown_sign(difference: float, p: float, alpha: float) -> int:
    """Return -1, 0 or 1: the sign of a difference, as far as the exact test shows it."""
    return int(np.sign(difference)) if p <= alpha else 0


def _reviewed(a: PairSide, b: PairSide) -> PairedDifference | None:
    """Return the difference in good corrected by the cases that people graded for both systems."""
    if a.people is None or b.people is None or a.grades is None or b.grades is None:
        return None
    if a.people.rater == a.grades.rater:
        return None
    people = minus(b.people.share("good"), a.people.share("good"))
    judge = minus(b.grades.share("good"), a.grades.share("good"))
    corrected = corrected_by_people(people, judge, a.table.cases, lowest=-1.0)
    if corrected is None:
        return None
    return mean_difference(people, corrected.interval).model_copy(update={"difference": corrected.value})


def _ids(cases: Cases, chosen: Bools) -> tuple[str, ...]:
    return tuple(cases.ids[index] for index in np.flatnonzero(chosen))
