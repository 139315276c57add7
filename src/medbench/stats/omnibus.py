"""A test of whether more than two systems differ at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medbench.stats.bootstrap import SEED, draws_for
from medbench.stats.groups import ROUNDING, coded, taken_together

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from medbench.stats.groups import Labels

    Array = NDArray[np.float64]

_BLOCK = 500_000
"""Numbers that are drawn at a time."""


@dataclass(frozen=True, slots=True)
class Omnibus:
    """One test of 'all systems are interchangeable'."""

    statistic: float
    """Cochran's Q for values of 0 and 1; for others the same ratio, of which Q is the special case."""
    p: float
    """Share of relabellings that reach it."""
    n: int
    """Number of cases that it rests on."""


def omnibus(values: Array, labels: Labels | None = None) -> Omnibus | None:
    """Run the permutation test over the labels of the systems, shuffled within each group of cases.

    The statistic is that of Cochran 1950, k (k - 1) sum (T_j - mean T)^2 / (k sum L - sum L^2), written with
    the variance within cases so that it serves for any numbers: (k - 1) n^2 sum (m_j - m)^2 / sum of squares
    within cases. Shuffling a case changes neither n nor the squares, so only the means move.

    Args:
        values: Cases x systems; cases with a NaN are left out.
        labels: Group of each case, such as its topic; None where each stands by itself.

    Returns:
        None where fewer than two systems or two groups are left.
    """
    whole = ~np.isnan(values).any(axis=1)
    codes = (np.arange(len(values)) if labels is None else coded(labels))[whole]
    kept = values[whole]
    cases, systems = kept.shape
    if systems < 2 or len(np.unique(codes)) < 2:
        return None
    # The same draws for the same systems, in whatever order they are named.
    kept = kept[:, sorted(range(systems), key=lambda number: kept[:, number].tobytes())]
    within = kept - kept.mean(axis=1, keepdims=True)
    within[np.abs(within) < ROUNDING] = 0
    square = float((within**2).sum())
    if square <= 0:
        return Omnibus(0.0, 1.0, cases)
    sums = np.zeros((codes.max() + 1, systems))
    np.add.at(sums, codes, within)
    sums = sums[np.abs(sums).sum(axis=1) > 0]
    seen = float((sums.sum(axis=0) ** 2).sum())
    p = _reached(taken_together(sums), seen)
    return Omnibus((systems - 1) * seen / square, p, cases)


def _reached(sums: Array, seen: float) -> float:
    groups, systems = sums.shape
    if not groups:
        return 1.0
    draws = draws_for(groups * systems)
    random = np.random.default_rng(SEED)
    reached = 0
    rows = max(1, _BLOCK // (groups * systems))
    for start in range(0, draws, rows):
        size = min(rows, draws - start)
        order = random.random((size, groups, systems)).argsort(axis=2)
        totals = np.take_along_axis(sums[None], order, axis=2).sum(axis=1)
        reached += int(((totals**2).sum(axis=1) >= seen * (1 - 1e-12)).sum())
    return (reached + 1) / (draws + 1)
