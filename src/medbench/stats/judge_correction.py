"""A judge's rate corrected by the outputs that people graded too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.score import Interval
from medbench.stats.groups import coded
from medbench.stats.intervals import LEVEL, normal_quantile

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FEW_LABELLED = 30


@dataclass(frozen=True, slots=True)
class Corrected:
    """A rate or mean as people would give it, as far as their sample tells."""

    value: float
    """The estimate; may lie outside 0 to 1 by chance, and is not cut."""
    interval: Interval
    """Of 95 %, on the normal scale."""
    weight: float
    """Weight of the judge's grades, from 0 to 1."""
    labelled: int
    """Outputs that people graded."""
    judged: int
    """Further outputs that only the judge graded."""


def prediction_powered(
    human: Sequence[float] | Array,
    judge: Sequence[float] | Array,
    judge_only: Sequence[float] | Array,
    *,
    weight: float | None = None,
    labels: tuple[Sequence[Hashable], Sequence[Hashable]] | None = None,
) -> Corrected | None:
    """Estimate a mean by prediction-powered inference, PPI++.

    Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453. It holds only where the outputs that people graded
    were drawn at random from all. It is never much worse than their grades alone: a judge that tells nothing
    gets weight 0.

    Args:
        human: Grades by people, such as 1 for good and 0 for not.
        judge: The judge's grades of the same outputs.
        judge_only: The judge's grades of the other outputs.
        weight: Of the judge's grades, from 0 to 1; None chooses the one of least variance.
        labels: Group, such as the topic, of each labelled and of each other output. The variance is then that
            of groups: a topic on both sides is taken as one.

    Returns:
        None with fewer than two outputs on either side.

    Raises:
        ValueError: The people and the judge graded different numbers of outputs.
    """
    truth, seen, rest = (np.asarray(side, dtype=float) for side in (human, judge, judge_only))
    n, more = len(truth), len(rest)
    if len(seen) != n:
        msg = f"people graded {n} outputs, the judge {len(seen)} of them"
        raise ValueError(msg)
    if n < 2 or more < 2:
        return None
    share = _least_variance(truth, seen, rest) if weight is None else weight
    value = float((truth - share * seen).mean() + share * rest.mean())
    inside, outside = (truth - share * seen) / n, share * rest / more
    inside, outside = inside - inside.mean(), outside - outside.mean()
    if labels is None:
        error, groups = math.sqrt(float((inside**2).sum() + (outside**2).sum())), n + more
    else:
        codes = coded([*labels[0], *labels[1]])
        sums = np.bincount(codes, weights=np.concatenate([inside, outside]))
        error, groups = math.sqrt(float((sums**2).sum())), len(sums)
    half = normal_quantile(LEVEL) * error
    why = f"{n} graded by people, fewer than {FEW_LABELLED}" if n < FEW_LABELLED else None
    interval = Interval(
        low=value - half, high=value + half, level=LEVEL, method="ppi", clusters=groups, approximate=why
    )
    return Corrected(value, interval, share, n, more)


def _least_variance(truth: Array, seen: Array, rest: Array) -> float:
    every = np.concatenate([seen, rest])
    spread = float(every.var(ddof=1))
    if spread <= 0:
        return 0.0
    together = float(((truth - truth.mean()) * (seen - seen.mean())).sum() / len(truth))
    return min(1.0, max(0.0, together / ((1 + len(truth) / len(rest)) * spread)))


@dataclass(frozen=True, slots=True)
class RoganGladen:
    """A rate corrected by the judge's sensitivity and specificity: a diagnosis of the judge, no headline."""

    value: float
    """Corrected rate, kept between 0 and 1."""
    interval: Interval
    """By the delta method; wide, and honest about that."""
    sensitivity: float
    """Share of what people call good that the judge calls good."""
    specificity: float
    """Share of what people call not good that the judge calls not good."""


def rogan_gladen(
    judged_good: int, judged: int, true_good: tuple[int, int], true_bad: tuple[int, int], level: float = LEVEL
) -> RoganGladen | None:
    """Return the corrected rate (Rogan and Gladen 1978), with its variance by the delta method.

    Args:
        judged_good: Outputs that the judge calls good.
        judged: Outputs that it graded.
        true_good: Of those that people call good: how many the judge calls good, and how many there are.
        true_bad: Of those that people call not good: how many the judge calls not good, and how many.
        level: Of confidence.

    Returns:
        None where the judge isn't better than chance or a side is empty: nothing can be corrected then.
    """
    if not judged or not true_good[1] or not true_bad[1]:
        return None
    sensitivity, specificity = true_good[0] / true_good[1], true_bad[0] / true_bad[1]
    youden = sensitivity + specificity - 1
    if youden <= 0:
        return None
    apparent = judged_good / judged
    raw = (apparent + specificity - 1) / youden
    variance = (
        apparent * (1 - apparent) / judged
        + raw**2 * sensitivity * (1 - sensitivity) / true_good[1]
        + (1 - raw) ** 2 * specificity * (1 - specificity) / true_bad[1]
    ) / youden**2
    half = normal_quantile(level) * math.sqrt(variance)
    interval = Interval(
        low=max(0.0, raw - half),
        high=min(1.0, raw + half),
        level=level,
        method="rogan-gladen",
        clusters=judged,
        approximate="delta method",
    )
    return RoganGladen(min(1.0, max(0.0, raw)), interval, sensitivity, specificity)
