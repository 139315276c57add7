"""Two systems on the same cases: the difference of their means, with its interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from medbench.schema.score import Interval
from medbench.stats.bootstrap import mean_intervals
from medbench.stats.groups import grouped
from medbench.stats.intervals import FEW_CLUSTERS, LEVEL, normal_quantile, t_quantile
from medbench.stats.intervals import design_effect as grouping_effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from medbench.stats.groups import Groups, Labels

    Array = NDArray[np.float64]

FEW_PAIRS = 5
"""Below so many pairs a difference is read from the counts."""


def bonett_price(only_a: float, only_b: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the interval of a difference of paired rates, second minus first (Bonett and Price 2012).

    Args:
        only_a: Cases that only the first gets right.
        only_b: Cases that only the second gets right.
        n: All pairs; like the counts, need not be whole. Without any the interval is from -1 to 1.
        level: Of confidence.
    """
    if n <= 0:
        return -1.0, 1.0
    first, second = (only_a + 1) / (n + 2), (only_b + 1) / (n + 2)
    middle = second - first
    half = normal_quantile(level) * math.sqrt((first + second - middle**2) / (n + 2))
    return max(-1.0, middle - half), min(1.0, middle + half)


def difference_intervals(
    columns: Iterable[Array], labels: Labels | None = None, level: float = LEVEL
) -> list[Interval | None]:
    """Return intervals of mean differences within cases: the outer ends of BCa's and Student's t.

    Either alone is too narrow for few groups: BCa where many cases are equal, t where a tail is long.

    Args:
        columns: Second minus first of each case, one array a metric; NaN where a case lacks either. They are
            taken one by one and not held.
        labels: Group of each case, such as its topic; None where each stands by itself.
        level: Of confidence.

    Returns:
        One interval a column; None where there are fewer than two groups.
    """
    students: list[_Student | None] = []

    def by_group() -> Iterator[Groups]:
        for column in columns:
            groups = grouped(column, labels)
            students.append(_Student.of(groups) if len(groups.sums) > 1 else None)
            yield groups

    intervals = mean_intervals(by_group(), level=level)
    return [
        interval and student and student.widened(interval)
        for interval, student in zip(intervals, students, strict=True)
    ]


class _Student(NamedTuple):
    """Quantities of Student's interval of a mean over groups."""

    clusters: int
    mean: float
    error: float
    """The jackknife's standard error."""
    most: float
    """The largest mean that there can be."""

    @classmethod
    def of(cls, groups: Groups) -> Self:
        clusters = len(groups.sums)
        left_out = (groups.sums.sum() - groups.sums) / (groups.counts.sum() - groups.counts)
        # A difference of shares is not beyond 1.
        most = 1.0 if (np.abs(groups.sums) <= groups.counts).all() else math.inf
        return cls(clusters, groups.mean, math.sqrt((clusters - 1) * float(left_out.var())), most)

    def widened(self, interval: Interval) -> Interval:
        """Return an interval that holds Student's as well."""
        half = t_quantile(interval.level, self.clusters - 1) * self.error
        return interval.model_copy(
            update={
                "low": min(interval.low, max(-self.most, self.mean - half)),
                "high": max(interval.high, min(self.most, self.mean + half)),
                "method": "bca+t",
            }
        )


def rate_difference_interval(
    differences: Array, labels: Labels | None = None, level: float = LEVEL
) -> Interval | None:
    """Return Bonett and Price's interval, with an effective number of pairs where cases come in groups.

    With repeats the differences of a case are fractions, and the interval is that of a mean.

    Args:
        differences: Second minus first of each case: 1, 0 or -1; NaN where a case lacks either.
        labels: Group of each case, such as its topic; None where each stands by itself.
        level: Of confidence.

    Returns:
        None where there are no pairs.
    """
    known = differences[~np.isnan(differences)]
    if not len(known):
        return None
    if not np.isin(known, (-1.0, 0.0, 1.0)).all():
        return difference_intervals([differences], labels, level)[0]
    return _of_rates(differences, labels, level)


def design_effect(differences: Array, labels: Labels | None = None) -> float:
    """Return the design effect of a mean difference over groups of cases; never below 1.

    Args:
        differences: Second minus first of each case; NaN where a case lacks either.
        labels: Group of each case.
    """
    groups = grouped(differences, labels)
    if not groups.n or groups.single:
        return 1.0
    return grouping_effect(groups, float(np.nanvar(differences)))


def _of_rates(differences: Array, labels: Labels | None, level: float) -> Interval:
    groups = grouped(differences, labels)
    n, clusters = groups.n, len(groups.sums)
    size = float(n)
    if clusters == 1 and n > 1:
        size = 1.0
    elif not groups.single:
        student = (normal_quantile(level) / t_quantile(level, clusters - 1)) ** 2
        size = n / design_effect(differences, labels) * student
    only_a, only_b = (float((sign * differences > 0).sum()) * size / n for sign in (-1, 1))
    low, high = bonett_price(only_a, only_b, size, level)
    why = None
    if n < FEW_PAIRS:
        why = f"{n} pairs: read the counts"
    elif not groups.single and clusters < FEW_CLUSTERS:
        why = f"{clusters} independent groups, fewer than {FEW_CLUSTERS}"
    return Interval(
        low=low, high=high, level=level, method="bonett-price", clusters=clusters, approximate=why
    )
