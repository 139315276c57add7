"""Do answers of one day differ from those of another by more than answers of one day among themselves?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medbench.stats.bootstrap import SEED, draws_for, mean_interval
from medbench.stats.groups import grouped, minus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from medbench.schema.score import Interval

    Array = NDArray[np.float64]

SPLITS = ((0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2))
"""The ways to make two days of two answers out of four: the first is the one that was seen."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Two answers of each of two days, case by case."""

    cases: int
    """Cases with all four answers."""
    within: float
    """Mean similarity of the two answers of a day, 0 to 1."""
    across: float
    """Mean similarity of answers of different days, 0 to 1."""
    interval: Interval | None
    """Of `across` minus `within`; None where the cases are too few."""
    p: float
    """One-sided p-value of 'the four answers of a case are exchangeable'; exact, or never too small."""


def drift(similarities: Sequence[Sequence[float]]) -> Drift:
    """Test whether two days differ, by permuting the answers of each case over the days.

    The statistic is the sum over cases of the similarity within days minus that across days. If the model
    is the same, each of the three ways to split four answers into two days is equally likely in each case,
    whatever the case: no assumption on how much answers vary is needed. Up to 10 cases all ways are counted,
    with more they are drawn, and what was seen counts as one of the draws (Phipson and Smyth 2010).

    Args:
        similarities: For each case the six similarities of its answers a, b (one day) and c, d (the other),
            from 0 to 1, in the order ab, ac, ad, bc, bd, cd.
    """
    table = np.asarray(similarities, dtype=float).reshape(-1, 6)
    if not len(table):
        return Drift(0, math.nan, math.nan, None, 1.0)
    pairs = {(0, 1): 0, (0, 2): 1, (0, 3): 2, (1, 2): 3, (1, 3): 4, (2, 3): 5}
    inside = np.stack([(table[:, pairs[a, b]] + table[:, pairs[c, d]]) / 2 for a, b, c, d in SPLITS], axis=1)
    outside = (table.sum(axis=1, keepdims=True) - 2 * inside) / 4
    gaps = minus(inside, outside)
    return Drift(
        cases=len(table),
        within=float(inside[:, 0].mean()),
        across=float(outside[:, 0].mean()),
        interval=mean_interval(grouped(minus(outside, inside)[:, 0], None)),
        p=_p_value(gaps),
    )


def _p_value(gaps: Array) -> float:
    """Return the share of splits with a sum at least as great as the first column's."""
    gaps = gaps[np.ptp(gaps, axis=1) > 1e-12]  # where all four are alike every split is the same
    if not len(gaps):
        return 1.0
    seen = gaps[:, 0].sum() - 1e-9
    if len(gaps) <= 10:
        sums = np.zeros(1)
        for row in gaps:
            sums = (sums[:, None] + row).ravel()
        return float((sums >= seen).mean())
    draws = draws_for(len(gaps))
    random = np.random.default_rng(SEED)
    sums = np.zeros(draws)
    for row in gaps:
        sums += row[random.integers(0, 3, draws)]
    return float(((sums >= seen).sum() + 1) / (draws + 1))
