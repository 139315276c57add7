"""Rank correlations, Kendall's tau-b and Spearman's rho, with jackknife intervals over groups."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.score import Interval
from medbench.stats.groups import coded
from medbench.stats.intervals import LEVEL, t_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from medbench.stats.groups import Labels

    Array = NDArray[np.float64]
    Codes = NDArray[np.int64]

_FEW = 30
_NONE = 1e-9
"""An error below it is one of rounding."""


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """How far two columns order the same items alike."""

    value: float | None
    """From -1 to 1; None where one side has only ties."""
    interval: Interval | None
    """By the jackknife over groups; None where it cannot be told."""
    n: int
    """Number of items with a value on both sides."""


def kendall_tau(
    first: Sequence[float] | Array,
    second: Sequence[float] | Array,
    labels: Labels | None = None,
) -> RankCorrelation:
    """Return Kendall's tau-b (Kendall 1945), with a jackknife interval over groups of items.

    Args:
        first: Numbers; NaN where there is none.
        second: Numbers of the same items.
        labels: Group of each item; None where each stands by itself.
    """
    x, y, codes = _known(first, second, labels)
    if len(x) < 2:
        return RankCorrelation(None, None, len(x))
    rows, inside = _pair_sums(x, y, codes)
    total = rows.sum(axis=0) / 2
    by_group = np.zeros((int(codes.max()) + 1, 3))
    np.add.at(by_group, codes, rows)
    return _with_interval(float(_tau(total)), _tau(total - by_group + inside), len(x))


def spearman_rho(
    first: Sequence[float] | Array,
    second: Sequence[float] | Array,
    labels: Labels | None = None,
) -> RankCorrelation:
    """Return Spearman's rank correlation, ties at their mean rank; arguments as for `kendall_tau`."""
    x, y, codes = _known(first, second, labels)
    if len(x) < 2:
        return RankCorrelation(None, None, len(x))
    left_out = [_rho(x[codes != group], y[codes != group]) for group in range(int(codes.max()) + 1)]
    return _with_interval(_rho(x, y), np.array(left_out), len(x))


def _known(
    first: Sequence[float] | Array, second: Sequence[float] | Array, labels: Labels | None
) -> tuple[Array, Array, Codes]:
    """Return the items that have both numbers, and their groups as numbers from 0."""
    x, y = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    known = ~(np.isnan(x) | np.isnan(y))
    codes = (np.arange(len(x)) if labels is None else coded(labels))[known]
    return x[known], y[known], np.unique(codes, return_inverse=True)[1]


def _with_interval(value: float, left_out: Array, n: int) -> RankCorrelation:
    """Return a correlation with the interval that the values without each group give."""
    groups = len(left_out)
    if np.isnan(value) or groups < 3:
        return RankCorrelation(None if np.isnan(value) else value, None, n)
    left_out = left_out[~np.isnan(left_out)]
    error = math.sqrt((groups - 1) / groups * float(((left_out - left_out.mean()) ** 2).sum()))
    if error < _NONE:  # as of six items in the very same order: that tells nothing of other items
        return RankCorrelation(value, None, n)
    half = t_quantile(LEVEL, groups - 1) * error
    interval = Interval(
        low=max(-1.0, value - half),
        high=min(1.0, value + half),
        level=LEVEL,
        method="jackknife",
        clusters=groups,
        approximate=f"{groups} independent groups, fewer than {_FEW}" if groups < _FEW else None,
    )
    return RankCorrelation(value, interval, n)


def _tau(sums: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[..., 0] / np.sqrt(sums[..., 1] * sums[..., 2])


def _pair_sums(x: Array, y: Array, codes: Codes) -> tuple[Array, Array]:
    """Return sign products and untied pairs of either side, for each item and inside each group."""
    rows = np.zeros((len(x), 3))
    inside = np.zeros((int(codes.max()) + 1, 3))
    block = max(1, 2_000_000 // len(x))
    for start in range(0, len(x), block):
        part = slice(start, start + block)
        signs_x, signs_y = np.sign(x[part, None] - x), np.sign(y[part, None] - y)
        same = codes[part, None] == codes
        for column, pairs in enumerate((signs_x * signs_y, np.abs(signs_x), np.abs(signs_y))):
            rows[part, column] = pairs.sum(axis=1)
            np.add.at(inside[:, column], codes[part], np.where(same, pairs, 0.0).sum(axis=1) / 2)
    return rows, inside


def _rho(x: Array, y: Array) -> float:
    from scipy.stats import rankdata

    ranks = [rankdata(side) - (len(x) + 1) / 2 for side in (x, y)]
    spread = math.prod(float(side @ side) for side in ranks)
    return float(ranks[0] @ ranks[1]) / math.sqrt(spread) if spread else math.nan
