"""Mean, median and 95th percentile of values, with how many are missing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.comparison import PairedDifference
from medbench.schema.score import Estimate
from medbench.stats.groups import ROUNDING, mean_of_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from medbench.schema.score import Interval
    from medbench.stats.groups import Groups


def describe(values: Sequence[float], wanted: int, interval: Interval | None = None) -> Estimate:
    """Aggregate values.

    The 95th percentile is linear between neighbours (Hyndman and Fan 1996, type 7, as in NumPy).

    Args:
        values: Those that are known.
        wanted: Number that there should be; the difference is missing.
        interval: Of the mean, computed elsewhere.
    """
    ordered = sorted(values)
    n = len(ordered)
    if not n:
        return Estimate(mean=None, n=0, missing=wanted)
    return Estimate(
        mean=_total(ordered) / n,
        median=percentile(ordered, 0.5),
        p95=percentile(ordered, 0.95),
        n=n,
        missing=wanted - n,
        interval=interval,
    )


def _total(ordered: Sequence[float]) -> float:
    """Return the sum of values in ascending order; 0 where they cancel, which takes negative ones."""
    total = math.fsum(ordered)
    if ordered[0] < 0 and abs(total) <= ROUNDING * math.fsum(map(abs, ordered)):
        return 0.0
    return total


def mean_of(groups: Groups, interval: Interval | None, missing: int = 0) -> Estimate:
    """Return the mean of values in groups, with an interval computed elsewhere."""
    return Estimate(mean=groups.mean if groups.n else None, n=groups.n, missing=missing, interval=interval)


def mean_difference(differences: NDArray[np.float64], interval: Interval | None) -> PairedDifference:
    """Return a mean difference over the cases that have one, with an interval computed elsewhere.

    A case whose two numbers differ by rounding alone is tied.
    """
    known = differences[~np.isnan(differences)]
    return PairedDifference(
        difference=mean_of_values(known),
        n=len(known),
        higher=int((known > ROUNDING).sum()),
        lower=int((known < -ROUNDING).sum()),
        interval=interval,
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which a share of ordered values lies, linear between neighbours (type 7).

    Args:
        ordered: At least one value, ascending.
        share: From 0 to 1.
    """
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
