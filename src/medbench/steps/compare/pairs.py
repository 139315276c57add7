"""Two runs on the same cases: differences, tests, and what missing verdicts could change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from medbench.schema.results.comparison import GradedPair, IfMissing, PairedDifference
from medbench.stats.groups import grouped
from medbench.stats.holm import holm
from medbench.stats.judge_correction import prediction_powered
from medbench.stats.paired import design_effect, difference_intervals, rate_difference_interval
from medbench.stats.sign_flips import flip_numbers, flip_whole_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from medbench.schema.score import Interval
    from medbench.steps.reading.grades import Grades
    from medbench.steps.reading.score_columns import Cases, ScoreTable

    Array = NDArray[np.float64]
    Bools = NDArray[np.bool_]

DECLARED = ("finding.f1", "rouge_l.recall", "rouge_l.f1")
"""Metrics that are tested together with good and key finding (Holm); all others are described only."""
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class PairSide:
    """One system in a pair."""

    name: str
    sheet: ScoreTable
    grades: Grades | None
    """Of the rater that counts."""
    people: Grades | None
    """Of the one reviewer."""

    def column(self, metric: str) -> Array:
        """The share of good grades ('good'), or a metric, of each case; NaN where there is none."""
        if metric == "good" and self.grades is not None:
            return self.grades.share("good")
        if metric in self.sheet.sums:
            return self.sheet.means(metric)
        return np.full(len(self.sheet.cases), np.nan)


def metric_differences(a: PairSide, b: PairSide, rates: frozenset[str]) -> dict[str, PairedDifference]:
    """Each metric that both have, over the cases where both have it; `rates` are 1 or 0 for each output."""
    cases = a.sheet.cases
    names = sorted(a.sheet.sums.keys() & b.sheet.sums.keys())
    columns = {name: b.sheet.means(name) - a.sheet.means(name) for name in names}
    columns = {name: column for name, column in columns.items() if not np.isnan(column).all()}
    numbers = [name for name in columns if name not in rates]
    found = difference_intervals([columns[name] for name in numbers], cases.topics)
    intervals = dict(zip(numbers, found, strict=True)) | {
        name: rate_difference_interval(column, cases.topics)
        for name, column in columns.items()
        if name in rates
    }
    tested = [name for name in columns if name in DECLARED]
    p_values = flip_numbers([grouped(columns[name], cases.topics).sums for name in tested])
    p_of = dict(zip(tested, p_values, strict=True))
    return {
        name: mean_difference(column, intervals[name]).model_copy(
            update={"test": "sign-flip", "p": p_of[name]} if name in p_of else {}
        )
        for name, column in columns.items()
    }


def graded_pair(a: PairSide, b: PairSide, judged: Bools) -> GradedPair | None:
    """The grades of both systems.

    Args:
        a: The first system.
        b: The second.
        judged: Which cases could be graded for both: all that both were asked for.

    Returns:
        None where one of them has no grades.
    """
    if a.grades is None or b.grades is None:
        return None
    cases = a.sheet.cases
    first, second = a.grades.share("good"), b.grades.share("good")
    there = ~np.isnan(first) & ~np.isnan(second)
    if not there.any():
        return None
    mostly_a, mostly_b = there & (first > 0.5), there & (second > 0.5)
    keys = b.grades.share("key_finding") - a.grades.share("key_finding")
    return GradedPair(
        n=int(there.sum()),
        unpaired=int((judged & ~there).sum()),
        both=int((mostly_a & mostly_b).sum()),
        only_a=_ids(cases, mostly_a & ~mostly_b),
        only_b=_ids(cases, mostly_b & ~mostly_a),
        neither=_ids(cases, there & ~mostly_a & ~mostly_b),
        good=rate_difference(second - first, cases, "mcnemar"),
        key_finding=None if np.isnan(keys).all() else rate_difference(keys, cases, "mcnemar"),
        ordinal=rate_difference(np.sign(b.grades.level() - a.grades.level()), cases, "sign"),
        if_missing=_if_missing(first, second, judged, cases),
        reviewed=_reviewed(a, b),
        design_effect=design_effect(second - first, cases.topics),
    )


def rate_difference(differences: Array, cases: Cases, test: Literal["mcnemar", "sign"]) -> PairedDifference:
    """A difference of rates with its interval, and the exact and mid-p test of the sums of topics."""
    found = mean_difference(differences, rate_difference_interval(differences, cases.topics))
    exact, mid = _flipped(differences, cases)
    return found.model_copy(update={"test": test, "p": exact, "p_mid": mid})


def _flipped(differences: Array, cases: Cases) -> tuple[float, float]:
    there = differences[~np.isnan(differences)]
    if np.isin(there, (-1.0, 0.0, 1.0)).all():
        found = flip_whole_numbers([round(value) for value in grouped(differences, cases.topics).sums])
        return found.exact, found.mid_p
    # With repeats the differences are fractions: the same test, its flips drawn.
    (p,) = flip_numbers([grouped(differences, cases.topics).sums])
    return p, p


def mean_difference(column: Array, interval: Interval | None) -> PairedDifference:
    """A mean difference over the cases that have one, with an interval computed elsewhere."""
    there = column[~np.isnan(column)]
    return PairedDifference(
        difference=float(there.mean()),
        n=len(there),
        higher=int((there > 0).sum()),
        lower=int((there < 0).sum()),
        interval=interval,
    )


def _if_missing(first: Array, second: Array, judged: Bools, cases: Cases) -> IfMissing | None:
    missing = np.isnan(first) | np.isnan(second)
    missing &= judged
    if not missing.any():
        return None
    seen_p, _ = _flipped(second - first, cases)
    seen = float(np.nanmean(second - first))
    ends = []
    for fill_a, fill_b in ((1.0, 0.0), (0.0, 1.0)):
        filled = np.where(np.isnan(second), fill_b, second) - np.where(np.isnan(first), fill_a, first)
        filled = np.where(judged, filled, np.nan)
        ends.append((float(np.nanmean(filled)), _flipped(filled, cases)[0]))
    (lowest, p_lowest), (highest, p_highest) = ends
    said = _said(seen, seen_p)
    return IfMissing(
        lowest=lowest,
        highest=highest,
        p_lowest=p_lowest,
        p_highest=p_highest,
        turns=any(_said(difference, p) != said for difference, p in ends),
    )


def _said(difference: float, p: float) -> int:
    """-1, 0 or 1: what the exact test says of the sign of a difference."""
    return int(np.sign(difference)) if p <= LEVEL else 0


def _reviewed(a: PairSide, b: PairSide) -> PairedDifference | None:
    """The difference in good corrected by the cases that people graded for both systems."""
    if a.people is None or b.people is None or a.grades is None or b.grades is None:
        return None
    if a.people.rater == a.grades.rater:
        return None
    people = b.people.share("good") - a.people.share("good")
    judge = b.grades.share("good") - a.grades.share("good")
    sample, rest = ~np.isnan(people) & ~np.isnan(judge), np.isnan(people) & ~np.isnan(judge)
    topics = a.sheet.cases.topics
    found = prediction_powered(
        people[sample], judge[sample], judge[rest], labels=(topics[sample].tolist(), topics[rest].tolist())
    )
    if found is None:
        return None
    described = mean_difference(people, found.interval)
    return described.model_copy(update={"difference": found.value})


def adjusted(metrics: Mapping[str, PairedDifference], graded: GradedPair | None) -> dict[str, float]:
    """Holm over what is tested in a pair: good, key finding and the declared metrics."""
    tests: dict[str, float | None] = {name: found.p for name, found in metrics.items()}
    if graded:
        tests["good"] = graded.good.p
        tests["key_finding"] = graded.key_finding.p if graded.key_finding else None
    known = {name: p for name, p in tests.items() if p is not None}
    return dict(zip(known, holm([*known.values()]), strict=True))


def _ids(cases: Cases, chosen: Bools) -> tuple[str, ...]:
    return tuple(cases.ids[place] for place in np.flatnonzero(chosen))
