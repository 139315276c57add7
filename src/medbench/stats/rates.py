"""A rate over the outputs of cases, with its interval over topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from medbench.stats.describe import mean_of
from medbench.stats.groups import Groups
from medbench.stats.intervals import rate_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from medbench.schema.score import Estimate
    from medbench.stats.intervals import RateMethod

    Array = NDArray[np.float64]
    Counts = Array | NDArray[np.int32]


def rate(
    hits: Counts, counts: Counts, topics: NDArray[np.int64], wanted: int, method: RateMethod = "wilson"
) -> Estimate:
    """Return a rate over the outputs of cases, with its interval over topics.

    Args:
        hits: Number of hits among the outputs of each case.
        counts: Number of outputs of each case of which it is known.
        topics: Topic of each case.
        wanted: Number of outputs of which it should be known.
        method: Of the interval.
    """
    by_topic: Array = np.bincount(topics, weights=counts).astype(np.float64)
    sums: Array = np.bincount(topics, weights=hits).astype(np.float64)
    groups = Groups(sums[by_topic > 0], by_topic[by_topic > 0])
    return mean_of(groups, rate_interval(groups, method), max(0, wanted - groups.n))
