"""Tests of a paired difference by flipping signs: exact where the sums are whole numbers or few."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from medbench.stats.bootstrap import SEED, draws_for
from medbench.stats.groups import MOST_GROUPS, ROUNDING, taken_together

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_ENUMERATED = 16
_LONGEST = 100_000_000
"""Products of a convolution from which on it is done by Fourier transforms, right to 1e-16 of the whole."""
_BLOCK = 4_000_000
"""Signs, a byte each, that are held at a time; those of a smaller sample are kept, for eight sizes, and
those of `MOST_GROUPS`."""
_SUMMED = 500_000
"""Signs that are summed at a time, eight bytes each meanwhile."""


@dataclass(frozen=True, slots=True)
class SignTest:
    """Two-sided p-values of 'the two are interchangeable'."""

    exact: float
    """Never too small: under the null at most a share p of all data sets give p or less."""
    mid_p: float
    """The same with the data themselves counted half: closer to the level on average, may exceed it."""


def mcnemar(only_a: int, only_b: int) -> SignTest:
    """Run McNemar's exact test and its mid-p version (Fagerland, Lydersen and Laake 2013).

    Args:
        only_a: Cases that only the first gets right.
        only_b: Cases that only the second gets right.
    """
    from scipy.special import bdtr

    n, fewer = only_a + only_b, min(only_a, only_b)
    if not n:
        return SignTest(1.0, 1.0)
    point = float(_binomial(n, np.array([fewer]))[0])
    exact = min(1.0, 2 * float(bdtr(fewer, n, 0.5)))
    return SignTest(exact, 1 - point / 2 if only_a == only_b else exact - point)


def flip_whole_numbers(sums: Sequence[int] | NDArray[np.int64]) -> SignTest:
    """Run the sign-flip test of whole numbers, such as 'cases won minus cases lost' of each topic; exact.

    With sums of 1 and -1 it is McNemar's exact test. The distribution is the convolution of one binomial for
    each size of sum, so that its cost grows with their number, not with two to its power.
    """
    values = np.asarray(sums, dtype=np.int64)
    values = values[values != 0]
    if not len(values):
        return SignTest(1.0, 1.0)
    if np.abs(values).max() == 1:
        return mcnemar(int((values > 0).sum()), int((values < 0).sum()))
    sizes, first, times_of = np.unique(np.abs(values), return_index=True, return_counts=True)
    chances = np.ones(1)
    for place in np.argsort(first):  # the order of convolution makes the last digit
        size, times = int(sizes[place]), int(times_of[place])
        spaced = np.zeros(size * times + 1)
        spaced[::size] = _binomial(times, np.arange(times + 1))
        chances = _convolved(chances, spaced)
    reach, seen = len(chances) - 1, abs(int(values.sum()))
    # Place k stands for the sum 2k - reach.
    at_least = chances[np.abs(2 * np.arange(len(chances)) - reach) >= seen].sum()
    as_seen = chances[np.abs(2 * np.arange(len(chances)) - reach) == seen].sum()
    return SignTest(min(1.0, float(at_least)), min(1.0, float(at_least - as_seen / 2)))


def _convolved(a: Array, b: Array) -> Array:
    if len(a) * len(b) <= _LONGEST:
        return np.convolve(a, b)
    from scipy.signal import fftconvolve

    found: Array = np.maximum(fftconvolve(a, b), 0.0)
    return found


def flip_numbers(columns: Sequence[Array]) -> list[float]:
    """Return two-sided p-values of the sign-flip test for sums by group; groups of zero tell nothing.

    With up to 16 groups all flips are counted; with more, flips are drawn, and the data count as one of the
    draws, which keeps the size of the test (Phipson and Smyth 2010). Columns of the same length share them.

    Args:
        columns: Summed differences of each group, one array a metric.
    """
    p_values = [1.0] * len(columns)
    alike: dict[int, list[int]] = {}
    # Groups that were taken together are flipped together, which keeps the size of the test as well.
    stripped = [taken_together(column[np.abs(column) > ROUNDING]) for column in columns]
    for number, column in enumerate(stripped):
        alike.setdefault(len(column), []).append(number)
    for groups, numbers in alike.items():
        if not groups:
            continue
        matrix = np.column_stack([stripped[number] for number in numbers])
        count = _all_flips if groups <= _ENUMERATED else _drawn_flips
        for number, p in zip(numbers, count(matrix), strict=True):
            p_values[number] = p
    return p_values


def _all_flips(matrix: Array) -> list[float]:
    flipped = np.zeros((1, matrix.shape[1]))
    for row in matrix:
        flipped = np.concatenate([flipped + row, flipped - row])
    seen = np.abs(matrix.sum(axis=0))
    return [float(share) for share in (np.abs(flipped) >= seen * (1 - ROUNDING) - ROUNDING).mean(axis=0)]


def _drawn_flips(matrix: Array) -> list[float]:
    groups = len(matrix)
    draws = draws_for(groups)
    seen = np.abs(matrix.sum(axis=0)) * (1 - ROUNDING) - ROUNDING
    reached = np.zeros(matrix.shape[1])
    small = groups * draws <= _BLOCK or groups == MOST_GROUPS
    rows = max(1, _SUMMED // groups)
    for signs in _kept(groups, draws) if small else _drawn(groups, draws):
        for start in range(0, len(signs), rows):
            totals = signs[start : start + rows].astype(float) @ matrix
            reached += (np.abs(totals) >= seen).sum(axis=0)
    return [float(p) for p in (reached + 1) / (draws + 1)]


def _kept(groups: int, draws: int) -> Iterator[NDArray[np.int8]]:
    for bits, shape in _drawn_once(groups, draws):
        flips = np.unpackbits(bits, count=math.prod(shape)).reshape(shape).astype(np.int8)
        yield flips * np.int8(2) - np.int8(1)


@lru_cache(maxsize=8)
def _drawn_once(groups: int, draws: int) -> list[tuple[NDArray[np.uint8], tuple[int, ...]]]:
    """Return the flips of a small sample, a bit each; the pairs and metrics of a comparison share them."""
    return [(np.packbits(signs > 0), signs.shape) for signs in _drawn(groups, draws)]


def _drawn(groups: int, draws: int) -> Iterator[NDArray[np.int8]]:
    """Yield signs, 1 or -1: blocks of draws x groups."""
    random = np.random.default_rng(SEED)
    rows = max(1, _BLOCK // groups)
    for start in range(0, draws, rows):
        flips = random.integers(0, 2, (min(rows, draws - start), groups), dtype=np.int8)
        yield flips * np.int8(2) - np.int8(1)


def _binomial(n: int, heads: NDArray[np.int64]) -> Array:
    """Return the chances of numbers of heads in n tosses of a fair coin."""
    from scipy.special import gammaln

    chances: Array = np.exp(gammaln(n + 1) - gammaln(heads + 1) - gammaln(n - heads + 1) - n * math.log(2))
    return chances
