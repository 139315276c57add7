"""Two systems on the same cases: the difference of their means, with its interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.comparison import PairedDifference
from medbench.schema.score import Interval
from medbench.stats.bootstrap import mean_intervals
from medbench.stats.groups import grouped
from medbench.stats.intervals import FEW_CLUSTERS, LEVEL, normal_quantile, t_quantile

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from medbench.stats.groups import Groups

    Array = NDArray[np.float64]

FEW_PAIRS = 5
"""Below so many pairs a difference is read from the counts."""


def paired_difference(a: Mapping[str, float], b: Mapping[str, float]) -> PairedDifference | None:
    """The mean difference, second minus first, over the cases in both.

    Args:
        a: Case to value of the first.
        b: Case to value of the second.

    Returns:
        None where no case is in both.
    """
    differences = [b[case] - a[case] for case in a if case in b]
    if not differences:
        return None
    return PairedDifference(
        difference=math.fsum(differences) / len(differences),
        n=len(differences),
        higher=sum(value > 0 for value in differences),
        lower=sum(value < 0 for value in differences),
    )


def bonett_price(only_a: float, only_b: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """The interval of a difference of paired rates, second minus first (Bonett and Price 2012).

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
    columns: Sequence[Array], labels: Sequence[Hashable] | None = None
) -> list[Interval | None]:
    """Intervals of mean differences within cases.

    Differences of 1, 0 and -1 alone (one system right and the other wrong) get Bonett and Price's interval,
    with an effective number of pairs where cases come in groups, as for a rate; all others get BCa.

    Args:
        columns: Second minus first of each case, one array a metric; NaN where a case lacks either.
        labels: Group of each case, such as its topic; None where each stands by itself.

    Returns:
        One interval a column; None where there are no pairs, or for BCa fewer than two groups.
    """
    found: list[Interval | None] = [None] * len(columns)
    sums = [grouped(column, labels) for column in columns]
    others = []
    for number, (column, groups) in enumerate(zip(columns, sums, strict=True)):
        there = column[~np.isnan(column)]
        if len(there) and np.isin(there, (-1.0, 0.0, 1.0)).all():
            found[number] = _of_rates(groups, int((there < 0).sum()), int((there > 0).sum()))
        else:
            others.append(number)
    for number, interval in zip(others, mean_intervals([sums[number] for number in others]), strict=True):
        found[number] = interval
    return found


def _of_rates(groups: Groups, only_a: int, only_b: int) -> Interval:
    share = _effective(groups, only_a, only_b) / groups.n
    low, high = bonett_price(only_a * share, only_b * share, groups.n * share)
    clusters, why = len(groups.sums), None
    if groups.n < FEW_PAIRS:
        why = f"{groups.n} pairs: read the counts"
    elif not groups.single and clusters < FEW_CLUSTERS:
        why = f"{clusters} independent groups, fewer than {FEW_CLUSTERS}"
    return Interval(low=low, high=high, method="bonett-price", clusters=clusters, approximate=why)


def _effective(groups: Groups, only_a: int, only_b: int) -> float:
    n, clusters = groups.n, len(groups.sums)
    if groups.single:
        return float(n)
    if clusters == 1:
        return 1.0
    naive = (only_a + only_b - (only_b - only_a) ** 2 / n) / n**2
    between = (
        clusters / (clusters - 1) * float(((groups.sums - groups.mean * groups.counts) ** 2).sum()) / n**2
    )
    effect = between / naive if naive > 0 else float((groups.counts**2).sum() / n)
    return n / max(1.0, effect) * (normal_quantile(LEVEL) / t_quantile(LEVEL, clusters - 1)) ** 2
