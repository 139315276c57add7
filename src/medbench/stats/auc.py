"""The area under the ROC curve, with its interval over independent groups."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.score import Estimate, Interval
from medbench.stats.groups import coded
from medbench.stats.intervals import LEVEL, t_quantile, wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from medbench.stats.groups import Labels

    Array = NDArray[np.float64]
    Codes = NDArray[np.int64]

FEW = 30
"""Below so many groups on either side the normal approximation is rough."""


def auc(scores: Array, positive: NDArray[np.bool_], labels: Labels | None = None) -> Estimate:
    """Return the chance that a positive scores higher than a negative, ties half.

    The variance is that of DeLong, DeLong and Clarke-Pearson 1988, for values that come in groups that of
    Obuchowski 1997; the interval is symmetric on the logit scale, with Student's t for the number of groups.
    Where all positives score higher than all negatives, or none, it is Wilson's of as many independent pairs.

    Args:
        scores: A number each; NaN where it is not known.
        positive: True for what should score higher.
        labels: Group of each, such as the topic of its case; None where each stands by itself.

    Returns:
        Its `n` counts the scores that are known, on both sides. No mean where one side has none.
    """
    known = ~np.isnan(scores)
    codes = (np.arange(len(scores)) if labels is None else coded(labels))[known]
    missing = int((~known).sum())
    above, below = scores[known & positive], scores[known & ~positive]
    groups = codes[positive[known]], codes[~positive[known]]
    value, interval = None, None
    if len(above) and len(below):
        wins_above, wins_below = _wins(above, below)
        value = float(wins_above.mean())
        interval = _interval(value, wins_above, wins_below, groups)
    return Estimate(mean=value, n=int(known.sum()), missing=missing, interval=interval)


def _wins(above: Array, below: Array) -> tuple[Array, Array]:
    """Return the share of the other side that each positive, and each negative, is on the right side of."""
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([above, below]))
    inside = rankdata(above), rankdata(below)
    of_above = (ranks[: len(above)] - inside[0]) / len(below)
    of_below = 1 - (ranks[len(above) :] - inside[1]) / len(above)
    return of_above, of_below


def _interval(value: float, above: Array, below: Array, groups: tuple[Codes, Codes]) -> Interval | None:
    sides = [len(np.unique(side)) for side in groups]
    together = len(np.unique(np.concatenate(groups)))
    fewest = min(sides)
    rough = f"{fewest} independent groups on one side, fewer than {FEW}" if fewest < FEW else None
    if value in {0.0, 1.0}:
        low, high = wilson(value * fewest, fewest)
        return Interval(low=low, high=high, method="wilson", clusters=together, approximate=rough)
    if fewest < 2:
        return None
    error = math.sqrt(_variance(value, above, below, groups)) / (value * (1 - value))
    middle, half = math.log(value / (1 - value)), t_quantile(LEVEL, together - 1) * error
    low, high = (1 / (1 + math.exp(-end)) for end in (middle - half, middle + half))
    return Interval(low=low, high=high, method="delong", clusters=together, approximate=rough)


def _variance(value: float, above: Array, below: Array, groups: tuple[Codes, Codes]) -> float:
    """Return Obuchowski's variance; where each value is its own group it is DeLong's."""
    size = int(max(side.max() for side in groups)) + 1
    sums = []
    for wins, codes in zip((above, below), groups, strict=True):
        counts = np.bincount(codes, minlength=size)
        deviations = np.bincount(codes, weights=wins, minlength=size) - counts * value
        sums.append((deviations, int((counts > 0).sum()), len(wins)))
    (first, of_first, n), (second, of_second, m) = sums
    together = len(np.unique(np.concatenate(groups)))
    alone = sum(
        groups_of / (groups_of - 1) * float(one @ one) / many**2
        for one, groups_of, many in ((first, of_first, n), (second, of_second, m))
    )
    joint = together / max(together - 1, 1) * float(first @ second) / (n * m)
    return max(alone + 2 * joint, 0.0)
