"""The BCa bootstrap of anything that is a function of sums over independent groups."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import repeat
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from medbench.schema.score import ALL_EQUAL, Interval
from medbench.stats.describe import percentile
from medbench.stats.groups import taken_together, without_rounding
from medbench.stats.intervals import FEW_CLUSTERS, LEVEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from medbench.stats.groups import Groups

    Array = NDArray[np.float64]

SEED = 1
"""Of every bootstrap and permutation, so that the same files give the same digits."""
MOST_DRAWS = 10_000
FEWEST_DRAWS = 2_000
PART_DRAWS = 2_000
"""Resamples of a part of a run: whole runs are quoted and take all, for a part a fifth will do."""
FEW_VALUES = 50
"""Below so many independent values simulations find the level missed by more than 3 points."""
HEAVY = 0.04
"""Acceleration from which on a tail counts as heavy: no normal or beta sample of 50 reaches it, four of five
lognormal ones do. A sample that happens to lack its tail cannot show it."""
_NORMAL = NormalDist()
_BUDGET = 20_000_000
_BLOCK = 200_000
_ROWS = 2_000
_SMALL = 4_000_000
"""Numbers in the resamples, at most, that are kept for the next sample of that size, for eight sizes. Larger
ones are drawn anew: kept, they would be the largest thing that scoring a large run holds."""


_HALF = 0xF
"""The largest number in half a byte."""


class _Counts(NamedTuple):
    """Counts shared by columns that have the same resamples."""

    groups: int
    single: bool
    """True if every group is one value."""
    counts: bytes
    """Values of each group, or of those taken together."""
    draws: int | None


def draws_for(groups: int) -> int:
    """Return a number of resamples: fewer for many groups, so that the time grows with their number only."""
    return int(min(MOST_DRAWS, max(FEWEST_DRAWS, _BUDGET // max(groups, 1))))


def draws_for_part(inside: int, everything: int) -> int | None:
    """Return the resamples of a part with so many of all values, for `mean_intervals`.

    A part that holds every value has the interval of the whole.
    """
    return None if inside == everything else PART_DRAWS


def bca(  # noqa: PLR0913 - the sums, what is computed of them, and what is known of both
    parts: Array,
    statistic: Callable[[Array], Array],
    *,
    level: float = LEVEL,
    several: bool = False,
    draws: int | None = None,
    clusters: int | None = None,
) -> list[Interval | None]:
    """Return bias-corrected and accelerated intervals (Efron 1987); groups are drawn with replacement.

    The jackknife needs no loop: what is left without a group is the total minus its part.

    Args:
        parts: Groups x sums: what each group adds.
        statistic: Rows of total sums to rows of statistics: (k, sums) to (k, statistics). May give NaN.
        level: Of confidence.
        several: True if a group may hold more than one value.
        draws: Resamples at most; None for as many as `draws_for` says.
        clusters: Independent groups that the parts are made of, where some were taken together.

    Returns:
        One interval a statistic; None where it has no value or rests on fewer than two groups.
    """
    total = parts.sum(axis=0, keepdims=True)
    values = statistic(total)[0]
    groups = clusters or len(parts)
    if groups < 2:
        return [None] * len(values)
    parts = taken_together(parts)
    drawn = np.sort(_resampled(parts, statistic, draws or MOST_DRAWS), axis=0)  # NaN comes last
    sizes = (~np.isnan(drawn)).sum(axis=0)
    left_out = _left_out(parts, statistic)
    z = _NORMAL.inv_cdf((1 + level) / 2)
    intervals: list[Interval | None] = []
    for number, value in enumerate(values):
        known = drawn[: sizes[number], number]
        if np.isnan(value) or not len(known):
            intervals.append(None)
            continue
        near = 1e-12 * max(1.0, abs(value))
        varies = bool(known[-1] - known[0] > near)
        acceleration = _acceleration(left_out[:, number])
        low = high = float(value)
        if varies:
            # A value that hits a resample exactly lies half above and half below it.
            below = (np.searchsorted(known, value - near) + np.searchsorted(known, value + near)) / 2
            edge = 1 / (len(known) + 1)
            bias = _NORMAL.inv_cdf(min(max(below / len(known), edge), 1 - edge))
            low, high = (
                percentile(known, _adjusted(bias, end, acceleration))  # type: ignore[arg-type] # indexed only
                for end in (-z, z)
            )
        missing = 1 - len(known) / len(drawn)
        why = _caveat(groups, several=several, acceleration=acceleration, varies=varies, missing=missing)
        intervals.append(
            Interval(
                low=float(low), high=float(high), level=level, method="bca", clusters=groups, approximate=why
            )
        )
    return intervals


def mean_intervals(
    columns: Iterable[Groups], draws: Iterable[int | None] | None = None, level: float = LEVEL
) -> list[Interval | None]:
    """Return BCa intervals of means over values in groups; columns with equal groups share resamples.

    Args:
        columns: Sums and counts by group, one a metric; taken one by one, and not held twice.
        draws: Resamples at most, of each column; None for as many as `draws_for` says.
        level: Of confidence.

    Returns:
        One interval a column; None where it rests on fewer than two groups.
    """
    alike: dict[_Counts, dict[bytes, list[int]]] = {}
    intervals: list[Interval | None] = []
    vary: list[bool] = []
    of_each = zip(columns, repeat(None)) if draws is None else zip(columns, draws, strict=True)
    for number, (column, most) in enumerate(of_each):
        # Columns that are the same throughout, such as those of an error that nobody made, are drawn once.
        counts, sums = (taken_together(part).tobytes() for part in (column.counts, column.sums))
        same = _Counts(len(column.counts), column.single, counts, most)
        alike.setdefault(same, {}).setdefault(sums, []).append(number)
        intervals.append(None)
        vary.append(column.varies)
    for same, by_sums in alike.items():
        if not same.groups:
            continue
        numbers = [*by_sums.values()]
        parts = np.column_stack([*map(np.frombuffer, by_sums), np.frombuffer(same.counts)])
        by_sums.clear()
        several = not same.single
        found = bca(parts, _means, level=level, several=several, draws=same.draws, clusters=same.groups)
        sizes = np.abs(parts[:, :-1]).sum(axis=0) / parts[:, -1].sum()
        for of_column, interval, size in zip(numbers, found, sizes, strict=True):
            for number in of_column:
                intervals[number] = _near_zero(interval, size)
    return [_named(*found) for found in zip(intervals, vary, strict=True)]


def _near_zero(interval: Interval | None, size: float) -> Interval | None:
    """Return an interval of which an end is 0 that is 0 but for rounding: nothing is told from 0 by that.

    Args:
        interval: Of a mean.
        size: Mean of the same groups without their signs.
    """
    if interval is None:
        return None
    low, high = without_rounding(np.array([interval.low, interval.high]), np.array(size)).tolist()
    return interval.model_copy(update={"low": low, "high": high})


def _named(interval: Interval | None, varies: bool) -> Interval | None:  # noqa: FBT001 - a fact, no option
    """Return an interval that does not claim equal values where only the means of groups are equal."""
    if interval is None or interval.approximate != ALL_EQUAL or not varies:
        return interval
    return interval.model_copy(update={"approximate": "all groups have the same mean"})


def mean_interval(groups: Groups) -> Interval | None:
    """Return the BCa interval of one mean; None where it rests on fewer than two groups."""
    return mean_intervals([groups])[0]


def _means(sums: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[:, :-1] / sums[:, -1:]


def _left_out(parts: Array, statistic: Callable[[Array], Array]) -> Array:
    """Return the statistic without each group in turn: groups x statistics."""
    total = parts.sum(axis=0, keepdims=True)
    left_out = np.empty((len(parts), statistic(total).shape[1]))
    for start in range(0, len(parts), _ROWS):
        left_out[start : start + _ROWS] = statistic(total - parts[start : start + _ROWS])
    return left_out


def _resampled(parts: Array, statistic: Callable[[Array], Array], most: int) -> Array:
    """Return the statistic of each resample: draws x statistics."""
    groups = len(parts)
    draws = min(most, draws_for(groups))
    small = groups * draws <= _SMALL
    blocks = _drawn_once(groups, draws).blocks() if small else _drawn(groups, draws)
    return np.concatenate([statistic(times.astype(float) @ parts) for times in blocks])


class _Kept:
    """Resamples in half a byte a group, as most of what eight sizes hold is there to stay."""

    def __init__(self, blocks: Iterable[NDArray[np.uint8]]) -> None:
        self._packed = [(_packed(times), times.shape) for times in blocks]

    def blocks(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the blocks as they were."""
        for packed, shape in self._packed:
            yield packed if packed.shape == shape else _unpacked(packed, shape)


def _packed(times: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return two numbers a byte; the block itself where one of them does not fit."""
    if times.max(initial=0) > _HALF:
        return times
    flat = np.append(times.ravel(), np.zeros(times.size % 2, np.uint8))
    return np.bitwise_or(flat[0::2], np.left_shift(flat[1::2], 4), dtype=np.uint8)


def _unpacked(packed: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    flat = np.empty(2 * len(packed), np.uint8)
    flat[0::2], flat[1::2] = packed & _HALF, packed >> 4
    return flat[: math.prod(shape)].reshape(shape)


@lru_cache(maxsize=8)
def _drawn_once(groups: int, draws: int) -> _Kept:
    """Return the resamples of a small sample; the metrics and parts of a run, and other runs, share them."""
    return _Kept(_drawn(groups, draws))


def _drawn(groups: int, draws: int) -> Iterator[NDArray[np.uint8]]:
    """Yield how often each resample takes each group: blocks of resamples x groups."""
    random = np.random.default_rng(SEED)
    rows = max(1, _BLOCK // groups)
    for start in range(0, draws, rows):
        size = min(rows, draws - start)
        picked = random.integers(0, groups, (size, groups)) + groups * np.arange(size)[:, None]
        times = np.bincount(picked.ravel(), minlength=size * groups).reshape(size, groups)
        # A byte holds them: that one group is taken 256 times has a chance below 1e-500.
        yield times.astype(np.uint8)


def _acceleration(jackknifed: Array) -> float:
    """Return a sixth of the skewness of the jackknife values (Efron and Tibshirani 1993, eq. 14.15)."""
    jackknifed = jackknifed[~np.isnan(jackknifed)]
    if len(jackknifed) < 2:
        return 0.0
    deviations = jackknifed.mean() - jackknifed
    scale = 6 * float((deviations**2).sum()) ** 1.5
    return float((deviations**3).sum()) / scale if scale > 0 else 0.0


def _adjusted(bias: float, end: float, acceleration: float) -> float:
    shifted = bias + end
    return _NORMAL.cdf(bias + shifted / max(1 - acceleration * shifted, 1e-6))


def _caveat(groups: int, *, several: bool, acceleration: float, varies: bool, missing: float) -> str | None:
    enough = FEW_CLUSTERS if several else FEW_VALUES
    if not varies:
        return ALL_EQUAL
    if groups < enough:
        return f"{groups} independent groups, fewer than {enough}"
    if abs(acceleration) > HEAVY:
        return "heavy tails: a few values carry it"
    return "undefined in many resamples" if missing > 0.05 else None
