"""A score with chance taken out: 0 where a text scores as on other cases, 1 where all is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from medbench.stats.groups import mean_of_values, minus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from medbench.schema.score import Interval

    Array = NDArray[np.float64]

LEAST_ROOM = 0.01
"""Room above chance without which nothing can be said."""


def above_chance(scores: Array, chances: Array) -> Array:
    """Return a number for each value, whose mean is (score - chance) / (1 - chance) of the two means.

    It is that ratio, linearised at its value (the delta method): the variance of the numbers over groups is
    the ratio's, so that intervals and tests of a mean serve for it too.

    Args:
        scores: Of each output or case; NaN where there is none.
        chances: The same output's mean score on other cases.

    Returns:
        NaN where either is unknown; everywhere where chance leaves no room.
    """
    both = np.where(np.isnan(scores) | np.isnan(chances), np.nan, scores)
    known = ~np.isnan(both)
    room = 1 - chances[known].mean() if known.any() else 0.0
    if room < LEAST_ROOM:
        return np.full(len(both), np.nan)
    beyond = minus(both, chances)
    ratio = mean_of_values(beyond[known]) / room
    linearised: Array = ratio + (beyond - ratio * (1 - chances)) / room
    return linearised


def moved(interval: Interval, chance: float) -> Interval:
    """Return the interval of a rate with chance taken out of both ends.

    It serves for a rate of 0 or 1, whose values do not vary and tell nothing of how far it may be off.
    """
    low, high = ((end - chance) / (1 - chance) for end in (interval.low, interval.high))
    return interval.model_copy(update={"low": low, "high": high})
