"""Strata of a benchmark: a test of whether they differ, and their means with chance taken out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from medbench.stats.bootstrap import SEED, draws_for
from medbench.stats.groups import MOST_GROUPS, coded, mean_of_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from medbench.stats.groups import Labels

    Array = NDArray[np.float64]

_KEPT = 2_000_000
"""Places of a sample's shuffles, at most, that are kept, in two bytes each, for four sizes."""
_BLOCK = 500_000
"""Places that are shuffled at a time."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """Means of strata, drawn towards their common mean as far as chance explains how they differ."""

    means: dict[str, float]
    """Stratum to its pooled mean; strata without a value are left out."""
    common: float
    """The mean that they are drawn to."""
    deviation: float
    """Standard deviation between strata beyond chance; 0 where chance explains all."""


def interactions(
    columns: Sequence[Array], strata: Sequence[str], topics: Labels | None = None
) -> list[float | None]:
    """Return the p-values of 'the mean is the same in all strata': strata are shuffled over topics.

    A topic keeps its cases together. The statistic is the sum of squares between strata; the data count as
    one of the shuffles. Columns with a number of the same cases share them.

    Args:
        columns: A number a case, such as the difference of two systems; NaN where known is none.
        strata: Stratum of each case.
        topics: Topic of each case; None where each stands by itself.

    Returns:
        One p-value a column; None where fewer than two strata have a value.
    """
    p_values: list[float | None] = [None] * len(columns)
    alike: dict[bytes, list[int]] = {}
    for number, column in enumerate(columns):
        alike.setdefault(np.isnan(column).tobytes(), []).append(number)
    for numbers in alike.values():
        found = _interactions([columns[number] for number in numbers], strata, topics)
        for number, p in zip(numbers, found, strict=True):
            p_values[number] = p
    return p_values


def _interactions(
    columns: Sequence[Array], strata: Sequence[str], topics: Labels | None
) -> Sequence[float | None]:
    """Return the p-values of columns that all have a number of the same cases."""
    known = ~np.isnan(columns[0])
    names = np.asarray(strata)[known]
    if len(set(names.tolist())) < 2:
        return [None] * len(columns)
    codes = (np.arange(len(known)) if topics is None else coded(topics))[known]
    kinds, place = np.unique(names, return_inverse=True)
    # A topic that lies in two strata is two units: each has one stratum to be shuffled.
    units = np.unique(codes * len(kinds) + place, return_inverse=True)[1]
    if units.max() >= MOST_GROUPS:
        units = _alike_together(units, place)
    sums = [np.bincount(units, weights=column[known]).astype(np.float64) for column in columns]
    counts: Array = np.bincount(units).astype(np.float64)
    stratum = np.zeros(len(counts), dtype=int)
    stratum[units] = place
    member = np.eye(len(kinds))[stratum]
    seen = [float(_between(of_column[None], counts[None], member)[0]) for of_column in sums]
    draws = draws_for(4 * len(counts))  # a shuffle costs more than a resample
    small = len(counts) * draws <= _KEPT
    alike = bool((counts == counts[0]).all())
    reached = np.zeros(len(columns))
    for order in _shuffled_once(len(counts), draws) if small else _shuffled(len(counts), draws):
        sizes = counts[None] if alike else counts[order]
        for number, (of_column, least) in enumerate(zip(sums, seen, strict=True)):
            between = _between(of_column[order], sizes, member)
            reached[number] += (between >= least * (1 - 1e-9) - 1e-12).sum()
    return [float(p) for p in (reached + 1) / (draws + 1)]


def _alike_together(units: NDArray[np.intp], place: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the numbers of larger units, each of as many units of one stratum, drawn at random.

    Args:
        units: Number of each value's unit, which lies in one stratum.
        place: Number of each value's stratum.
    """
    stratum = np.zeros(units.max() + 1, dtype=np.intp)
    stratum[units] = place
    together = -(-len(stratum) // MOST_GROUPS)
    drawn = np.random.default_rng(SEED).permutation(len(stratum))
    larger, begun = np.empty_like(stratum), 0
    for number in range(stratum.max() + 1):
        inside = drawn[stratum[drawn] == number]
        larger[inside] = begun + np.arange(len(inside)) // together
        begun += -(-len(inside) // together)
    return larger[units]


@lru_cache(maxsize=4)
def _shuffled_once(units: int, draws: int) -> list[NDArray[np.uint16]]:
    """Return the shuffles of a small sample; the fields and pairs of a comparison share them."""
    return [order.astype(np.uint16) for order in _shuffled(units, draws)]


def _shuffled(units: int, draws: int) -> Iterator[NDArray[np.integer[Any]]]:
    """Yield the numbers of the units in other orders: blocks of draws x units."""
    random = np.random.default_rng(SEED)
    rows = max(1, _BLOCK // units)
    for start in range(0, draws, rows):
        order = np.tile(np.arange(units), (min(rows, draws - start), 1))
        yield random.permuted(order, axis=1)


def _between(sums: Array, counts: Array, member: Array) -> Array:
    by, sizes = sums @ member, counts @ member
    squares: Array = (by**2 / np.maximum(sizes, 1)).sum(axis=1) - sums.sum(axis=1) ** 2 / counts.sum(axis=1)
    return squares


def pooled(values: Array, strata: Sequence[str]) -> Pooled | None:
    """Return, by partial pooling, each stratum's mean, drawn to the common one by its share of chance.

    Empirical Bayes with the variance between strata of DerSimonian and Laird 1986; the variance within is
    taken as one for all strata, since small ones have too few values to estimate it.

    Args:
        values: A number a case; NaN where known is none.
        strata: Stratum of each case.

    Returns:
        None where no stratum has a value.
    """
    known = ~np.isnan(values)
    kept, names = values[known], np.asarray(strata)[known]
    if not len(kept):
        return None
    kinds = sorted(set(names.tolist()))
    means = np.array([mean_of_values(kept[names == kind]) for kind in kinds])
    sizes = np.array([float((names == kind).sum()) for kind in kinds])
    square = sum(
        float(((kept[names == kind] - mean) ** 2).sum()) for kind, mean in zip(kinds, means, strict=True)
    )
    freedom = len(kept) - len(kinds)
    chance = (square / freedom if freedom > 0 else float(kept.var())) / sizes
    if not chance.all():
        return Pooled(dict(zip(kinds, means.tolist(), strict=True)), mean_of_values(kept), float(means.std()))
    between = _variance_between(means, chance)
    weights = 1 / (chance + between)
    common = float((weights * means).sum() / weights.sum())
    drawn = (between * means + chance * common) / (between + chance)
    return Pooled(dict(zip(kinds, drawn.tolist(), strict=True)), common, float(np.sqrt(between)))


def _variance_between(means: Array, chance: Array) -> float:
    weights = 1 / chance
    total = float(weights.sum())
    common = float((weights * means).sum()) / total
    excess = float((weights * (means - common) ** 2).sum()) - (len(means) - 1)
    scale = total - float((weights**2).sum()) / total
    return max(0.0, excess / scale) if scale > 0 else 0.0
