"""Intervals of a rate: Wilson, Clopper-Pearson, and both for cases that are not independent."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

from medbench.schema.score import Interval

if TYPE_CHECKING:
    from medbench.stats.groups import Groups

LEVEL = 0.95
FEWEST = 5
"""Below so many values a rate is a count: no interval is worth printing."""
RateMethod = Literal["wilson", "clopper-pearson"]


def normal_quantile(level: float) -> float:
    """Return the z of a two-sided interval of that level: 1.96 for .95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(hits: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Return Wilson's score interval of a rate (Wilson 1927; Brown, Cai and DasGupta 2001).

    Its coverage is near the level on average over rates, and below it for some of them.

    Args:
        hits: Successes; need not be whole where `n` is an effective size.
        n: Trials. Without any the interval is from 0 to 1.
        level: Of confidence.
    """
    if n <= 0:
        return 0.0, 1.0
    z = normal_quantile(level)
    share, shrink = hits / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / shrink
    half = z / shrink * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if hits <= 0 else max(0.0, centre - half)
    return low, 1.0 if hits >= n else min(1.0, centre + half)


def clopper_pearson(hits: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the exact interval of a rate (Clopper and Pearson 1934): never below the level, and wide.

    Args:
        hits: Successes; need not be whole where `n` is an effective size.
        n: Trials. Without any the interval is from 0 to 1.
        level: Of confidence.
    """
    from scipy.special import betaincinv

    if n <= 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = 0.0 if hits <= 0 else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if hits >= n else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return low, high


def rate_interval(groups: Groups, method: RateMethod = "wilson", level: float = LEVEL) -> Interval | None:
    """Return the interval of a rate whose trials may come in groups that are not independent.

    The number of trials is divided by the design effect, the ratio of the variance that respects the groups
    to the binomial one and never below 1, and by the square of Student's t over z for the number of groups
    (Korn and Graubard 1998).

    Args:
        groups: Successes and trials of each group.
        method: Of the two.
        level: Of confidence.

    Returns:
        None without a trial.
    """
    if not groups.n:
        return None
    n = effective_size(groups, level)
    compute = wilson if method == "wilson" else clopper_pearson
    low, high = compute(groups.mean * n, n, level)
    few = groups.n < FEWEST
    return Interval(
        low=low,
        high=high,
        level=level,
        method=method,
        clusters=len(groups.sums),
        approximate=_caveat(groups, few=few),
    )


def effective_size(groups: Groups, level: float = LEVEL) -> float:
    """Return the number of independent trials that tell as much as these, which come in groups."""
    n, clusters = groups.n, len(groups.sums)
    if groups.single:
        return float(n)
    if clusters == 1:
        return 1.0
    size = n / design_effect(groups, groups.mean * (1 - groups.mean))
    return size * (normal_quantile(level) / t_quantile(level, clusters - 1)) ** 2


def design_effect(groups: Groups, variance: float) -> float:
    """Return the ratio of the variance of a mean that respects the groups to that of independent values.

    The variance between groups is that of a ratio over groups of unequal size (Cochran 1977, section 3.12).
    Where all values are equal there is no variance to go by, and a group counts as one value.

    Args:
        groups: The values, by group.
        variance: Of a single value.

    Returns:
        Never below 1.
    """
    n, clusters = groups.n, len(groups.sums)
    if variance <= 0 or clusters < 2:
        return max(1.0, float((groups.counts**2).sum() / n))
    deviations = groups.sums - groups.mean * groups.counts
    between = clusters / (clusters - 1) * float((deviations**2).sum()) / n**2
    return max(1.0, between / (variance / n))


def t_quantile(level: float, freedom: float) -> float:
    """Return Student's t of a two-sided interval of that level."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + level) / 2))


def _caveat(groups: Groups, *, few: bool) -> str | None:
    if few:
        return f"{groups.n} values: read the counts"
    if not groups.single and len(groups.sums) < FEW_CLUSTERS:
        return f"{len(groups.sums)} independent groups, fewer than {FEW_CLUSTERS}"
    return None


FEW_CLUSTERS = 60
"""Below so many groups of several values each, simulations find the level missed by more than 3 points."""
