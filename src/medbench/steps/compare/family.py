"""The family of tests of a comparison: every two systems in every declared metric, adjusted together (Holm).

What is called a clear difference and the adjusted p-values of the table of pairs both come from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from medbench.schema.results.comparison import ClearDifference
from medbench.schema.score import descending
from medbench.stats.describe import mean_difference
from medbench.stats.groups import grouped, minus
from medbench.stats.holm import holm
from medbench.stats.paired import difference_intervals
from medbench.stats.power import ALPHA
from medbench.stats.sign_flips import flip_numbers
from medbench.steps.compare.pairs import DECLARED, columns_of, rate_difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from medbench.schema.results.comparison import Pair, PairedDifference
    from medbench.schema.score import Interval
    from medbench.steps.compare.pairs import PairSide

    Array = NDArray[np.float64]
    Bools = NDArray[np.bool_]

_GRADED = ("good", "key_finding")
TESTED = (*_GRADED, *DECLARED)
"""The metrics of the family."""


@dataclass(frozen=True, slots=True)
class FamilyData:
    """The data of tests between any two systems."""

    sides: Mapping[str, PairSide]
    """Every system and floor by its name."""
    wanted: Mapping[str, Bools]
    """True for the cases that each was asked for."""
    metric: str
    """The metric by which they are ordered."""
    min_coverage: float
    """Share of the wanted cases that two must both have before they can be told apart."""
    alpha: float = ALPHA
    """Level of the tests."""

    def fewest(self, a: str, b: str) -> float:
        """Return the cases with both below which two systems are not tested."""
        return max(self.min_coverage * int((self.wanted[a] & self.wanted[b]).sum()), 1)


class FamilyTest(NamedTuple):
    """A test of one family."""

    a: str
    b: str
    metric: str
    difference: PairedDifference
    """The second minus the first; its `p_holm` is over the family."""


def family_of(names: Iterable[str], pairs: Iterable[Pair], data: FamilyData) -> list[FamilyTest]:
    """Return the tests of every two systems in every declared metric, adjusted together.

    A metric that too few cases have for both is not tested, and raises no other p-value.

    Args:
        names: The systems, and the floor that a single one is held against.
        pairs: Those that are tested already; their tests are taken, not made again.
        data: What all of them scored.
    """
    known = {frozenset((pair.a, pair.b)): pair for pair in pairs}
    tests: list[FamilyTest] = []
    for a, b in combinations(names, 2):
        pair = known.get(frozenset((a, b)))
        if pair is None:
            tests += (FamilyTest(a, b, *one) for one in tested(data, a, b, TESTED, interval=False).items())
        else:
            tests += (one for one in _of_pair(pair) if one.difference.n >= data.fewest(a, b))
    return _adjusted(tests)


def with_family(pair: Pair, family: Iterable[FamilyTest], data: FamilyData) -> Pair:
    """Return a pair with the adjusted p-values of its tests.

    A pair with a floor that no system is held against is a family by itself: its metrics.
    """
    names = {pair.a, pair.b}
    known = [one for one in family if {one.a, one.b} == names]
    if not known:
        tests = _of_pair(pair)
        known = _adjusted([one for one in tests if one.difference.n >= data.fewest(pair.a, pair.b)])
    p_holm = {one.metric: one.difference.p_holm for one in known}

    def adjusted(difference: PairedDifference, metric: str) -> PairedDifference:
        return difference.model_copy(update={"p_holm": p_holm.get(metric)})

    metrics = {metric: adjusted(one, metric) for metric, one in pair.metrics.items()}
    graded = pair.graded
    if graded is not None:
        keys = graded.key_finding
        update = {
            "good": adjusted(graded.good, "good"),
            "key_finding": keys and adjusted(keys, "key_finding"),
        }
        graded = graded.model_copy(update=update)
    return pair.model_copy(update={"metrics": metrics, "graded": graded})


def clear_differences(family: Iterable[FamilyTest], data: FamilyData) -> tuple[ClearDifference, ...]:
    """Return what differs clearly between any two systems, the largest first."""
    found = []
    for one in family:
        if p_of(one.difference, adjusted=True) <= data.alpha:
            higher, lower = (one.b, one.a) if one.difference.difference > 0 else (one.a, one.b)
            shown = tested(data, lower, higher, [one.metric], interval=True)[one.metric]
            shown = shown.model_copy(update={"p_holm": one.difference.p_holm})
            found.append(ClearDifference(higher=higher, lower=lower, metric=one.metric, difference=shown))
    return tuple(sorted(found, key=lambda one: descending(one.difference.difference)))


def p_of(difference: PairedDifference | None, *, adjusted: bool = False) -> float:
    """Return the p-value of a difference; 1 where it has none."""
    if difference is None:
        return 1.0
    p = difference.p_holm if adjusted else difference.p
    return 1.0 if p is None else p


def tested(
    data: FamilyData, a: str, b: str, metrics: Sequence[str], *, interval: bool
) -> dict[str, PairedDifference]:
    """Return the second minus the first in each metric, tested; without those that too few cases have."""
    first, second = data.sides[a], data.sides[b]
    cases = first.table.cases
    columns = {metric: _differences(first, second, metric) for metric in metrics}
    fewest = data.fewest(a, b)
    columns = {metric: one for metric, one in columns.items() if (~np.isnan(one)).sum() >= fewest}
    numbers = {metric: one for metric, one in columns.items() if metric not in _GRADED}
    p_values = flip_numbers([grouped(one, cases.topics).sums for one in numbers.values()])
    p_of_number = dict(zip(numbers, p_values, strict=True))
    ends: dict[str, Interval | None] = {}
    if interval:
        level = 1 - data.alpha
        ends = dict(zip(numbers, difference_intervals([*numbers.values()], cases.topics, level), strict=True))
    return {
        metric: mean_difference(one, ends.get(metric)).model_copy(
            update={"test": "sign-flip", "p": p_of_number[metric]}
        )
        if metric in numbers
        else rate_difference(one, cases, "mcnemar", data.alpha)
        for metric, one in columns.items()
    }


def _differences(a: PairSide, b: PairSide, metric: str) -> Array:
    if metric == "key_finding":
        if a.grades is None or b.grades is None:
            return np.full(len(a.table.cases), np.nan)
        return minus(b.grades.share(metric), a.grades.share(metric))
    first, second = columns_of((a, b), metric)
    return minus(second, first)


def _of_pair(pair: Pair) -> list[FamilyTest]:
    """Return the tests of a pair in the declared metrics."""
    tests = {metric: pair.metrics[metric] for metric in DECLARED if metric in pair.metrics}
    if pair.graded is not None:
        tests["good"] = pair.graded.good
        if pair.graded.key_finding is not None:
            tests["key_finding"] = pair.graded.key_finding
    return [FamilyTest(pair.a, pair.b, *one) for one in tests.items()]


def _adjusted(tests: Sequence[FamilyTest]) -> list[FamilyTest]:
    p_values = holm([p_of(one.difference) for one in tests])
    return [
        one._replace(difference=one.difference.model_copy(update={"p_holm": p}))
        for one, p in zip(tests, p_values, strict=True)
    ]
