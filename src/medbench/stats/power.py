"""Power, number of pairs needed and smallest detectable difference of McNemar's exact test."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from medbench.stats.intervals import normal_quantile, wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALPHA = 0.05
POWER = 0.80
MOST_PAIRS = 20_000
USUAL_DISCORDANCE = 0.30
"""Share of cases of which one of two systems alone is good, assumed where no run tells."""
USUAL_RATE = 0.40
"""Share good, assumed where no run tells."""


def alpha_at(look: int | None) -> float:
    """Return the level of the k-th planned look at growing data; .05 where one look is all.

    .05 / (k (k + 1)) sums to .05 over any number of looks: no most of them has to be declared.
    """
    return ALPHA if look is None else ALPHA / (look * (look + 1))


def fewest_discordant(alpha: float = ALPHA) -> int:
    """Return the discordant pairs below which no split is significant: 6 to 0 gives .031, 5 to 0 .0625."""
    return math.ceil(1 - math.log2(alpha))


@lru_cache(maxsize=64)
def _bounds(size: int, alpha: float) -> NDArray[np.int64]:
    """Return, for 0 to `size` discordant pairs, the largest smaller part that is significant; -1 for none."""
    from scipy.special import bdtr, bdtrik

    discordant = np.arange(size + 1)
    with np.errstate(invalid="ignore"):
        near = np.nan_to_num(np.floor(bdtrik(alpha / 2, discordant, 0.5)), nan=-1.0).astype(int)
    largest = np.full(size + 1, -1)
    # The inverse is rounded: its neighbours are tried as well.
    for step in (-1, 0, 1):
        tried = near + step
        possible = (tried >= 0) & (2 * tried <= discordant)
        fits = possible & (2 * bdtr(np.maximum(tried, 0), discordant, 0.5) <= alpha)
        largest = np.where(fits, tried, largest)
    return largest


def mcnemar_power(pairs: int, difference: float, discordance: float, alpha: float = ALPHA) -> float:
    """Return the chance that McNemar's exact test is significant, by enumeration of all outcomes.

    Args:
        pairs: Cases judged for both systems.
        difference: Share of cases that the better system alone gets right minus that of the other alone.
        discordance: Share of cases that exactly one gets right; at least the difference.
        alpha: Level of the test, two-sided.

    Raises:
        ValueError: No two systems can differ so.
    """
    from scipy.special import bdtr, gammaln, xlog1py, xlogy

    if not 0 <= abs(difference) <= discordance <= 1:
        msg = f"a difference of {difference} with a discordance of {discordance} cannot be"
        raise ValueError(msg)
    if not discordance or not pairs:
        return 0.0
    # Beyond ten deviations of the middle, and twenty for rare ones, nothing is left that a double could hold.
    middle, reach = pairs * discordance, 10 * math.sqrt(pairs * discordance * (1 - discordance)) + 20
    counts = np.arange(max(0, math.floor(middle - reach)), min(pairs, math.ceil(middle + reach)) + 1)
    bounds = _bounds(2 ** math.ceil(math.log2(pairs + 1)), alpha)[counts]
    chance = np.exp(
        gammaln(pairs + 1)
        - gammaln(counts + 1)
        - gammaln(pairs - counts + 1)
        + xlogy(counts, discordance)
        + xlog1py(pairs - counts, -discordance)
    )
    share = min(1.0, max(0.0, (discordance + abs(difference)) / (2 * discordance)))
    reachable = bounds >= 0
    some, low = counts[reachable], bounds[reachable]
    significant = bdtr(low, some, share) + bdtr(low, some, 1 - share)
    return float((chance[reachable] * significant).sum())


def pairs_needed(
    difference: float, discordance: float, power: float = POWER, alpha: float = ALPHA, most: int = MOST_PAIRS
) -> int | None:
    """Return the smallest number of pairs with that power; None where it is above `most`.

    The power of an exact test is a saw: a few pairs more can have a little less. The number is the first that
    reaches the power, as in published tables.
    """
    if not difference:
        return None
    step, reached = 1, 0
    while mcnemar_power(min(step, most), difference, discordance, alpha) < power:
        reached = step
        if step >= most:
            return None
        step *= 2
    # The saw's teeth are shallow: nothing below three quarters of the last miss can reach the power.
    low, high = reached, min(step, most)
    while high - low > 64:
        middle = (low + high) // 2
        if mcnemar_power(middle, difference, discordance, alpha) < power - 0.05:
            low = middle
        else:
            high = middle
    for pairs in range(max(1, low), min(step, most) + 1):
        if mcnemar_power(pairs, difference, discordance, alpha) >= power:
            return pairs
    return None


def pairs_needed_range(
    difference: float, discordance: float, pairs: int, design_effect: float = 1.0, alpha: float = ALPHA
) -> tuple[int | None, int | None]:
    """Return the pairs needed at both ends of the 95 % interval of the discordance (Wilson).

    Args:
        difference: Taken as true.
        discordance: As counted.
        pairs: Pairs that it was counted in.
        design_effect: Number of pairs that tell as much as an independent one.
        alpha: Level of the test.
    """
    size = pairs / design_effect
    low, high = (
        pairs_needed(difference, max(end, difference), alpha=alpha)
        for end in wilson(discordance * size, size)
    )
    fewest, most = (None if n is None else math.ceil(n * design_effect) for n in (low, high))
    return fewest, most


def detectable(pairs: int, discordance: float, power: float = POWER, alpha: float = ALPHA) -> float | None:
    """Return the smallest difference that so many pairs detect with that power.

    Returns:
        None where they detect none: a difference cannot be larger than the discordance.
    """
    if mcnemar_power(pairs, discordance, discordance, alpha) < power:
        return None
    low, high = 0.0, discordance
    for _ in range(30):
        middle = (low + high) / 2
        if mcnemar_power(pairs, middle, discordance, alpha) >= power:
            high = middle
        else:
            low = middle
    return high


def values_needed(difference: float, deviation: float, power: float = POWER, alpha: float = ALPHA) -> int:
    """Return the number of pairs for a difference of means (Miller 2024, section 5; Cohen 1988).

    Args:
        difference: Of the means.
        deviation: Standard deviation of the difference within cases.
        power: Wanted.
        alpha: Level, two-sided.
    """
    z = normal_quantile(1 - alpha) + normal_quantile(2 * power - 1)
    return math.ceil((z * deviation / difference) ** 2)


def values_needed_range(
    difference: float, deviation: float, groups: int, alpha: float = ALPHA
) -> tuple[int, int]:
    """Return the values needed at both ends of the 95 % interval of the deviation (chi-square).

    Args:
        difference: Taken as true.
        deviation: As estimated.
        groups: Independent groups that it was estimated from, at least 2.
        alpha: Level, two-sided.
    """
    from scipy.special import chdtri

    freedom = groups - 1
    low, high = (
        values_needed(difference, deviation * math.sqrt(freedom / float(chdtri(freedom, tail))), alpha=alpha)
        for tail in (0.025, 0.975)
    )
    return low, high


def half_width(rate: float, n: float) -> float:
    """Return half the width of Wilson's interval of a rate found in `n` cases; .5 without any."""
    low, high = wilson(rate * n, n)
    return (high - low) / 2


def gradings_needed(agreement: float, wanted: float = 0.95, most: int = 99) -> int:
    """Return the number of gradings of an output whose majority is that of many gradings.

    Two gradings that agree on a share a of outputs are each right, against the majority of many, with chance
    r where a = r^2 + (1 - r)^2. The number is the smallest odd one whose majority is right often enough.

    Args:
        agreement: Share of outputs on which two gradings agree; one half or less tells nothing.
        wanted: Chance that the majority is right.
        most: Number given where more would be needed.
    """
    from scipy.special import bdtr

    right = (1 + math.sqrt(max(0.0, 2 * agreement - 1))) / 2
    for gradings in range(1, most, 2):
        if 1 - float(bdtr(gradings // 2, gradings, right)) >= wanted:
            return gradings
    return most


def reviews_needed(rate: float, correlation: float, judged: int, width: float = 0.10) -> int | None:
    """Return how many outputs people must grade to know the corrected rate to within `width` (PPI++).

    With the best weight its variance is rate (1 - rate) ((1 - c^2) / m + c^2 / (m + others)), c being the
    correlation of the people's and the judge's grades (Angelopoulos, Duchi and Zrnic 2023, section 4).

    Args:
        rate: Expected.
        correlation: Of good by people with good by the judge.
        judged: Outputs that the judge grades.
        width: Half width of the 95 % interval.

    Returns:
        None where grading all of them would not be enough.
    """
    spread, z = rate * (1 - rate), normal_quantile(1 - ALPHA)
    for reviewed in range(2, judged + 1):
        variance = spread * ((1 - correlation**2) / reviewed + correlation**2 / judged)
        if z * math.sqrt(variance) <= width:
            return reviewed
    return None
