"""A judge's rate corrected by the outputs that people graded too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.score import Interval
from medbench.stats.groups import coded
from medbench.stats.intervals import FEW_CLUSTERS, LEVEL, normal_quantile, t_quantile, wilson

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FEW_LABELLED = 20
"""Below so many outputs that people graded no simulation shows that the level is kept."""
_PSEUDO = 0.5
"""Weight of an output of each of the four kinds (good or not to people, good or not to the judge), added to
the variance alone: a small sample without an error must not stand for a judge that makes none."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A rate or a difference of rates as people would give it, as far as their sample tells."""

    value: float
    """The estimate, kept between the lowest and the highest value that there can be."""
    interval: Interval
    """Of 95 %: Wilson's, with the number of independent outputs that would give the same variance."""
    weight: float
    """Weight of the judge's grades, from 0 to 1."""
    error: float
    """Standard error of the estimate, as PPI++ gives it."""
    labelled: int
    """Outputs that people graded."""
    judged: int
    """Further outputs that only the judge graded."""


def prediction_powered(  # noqa: PLR0913 - three samples, and how they are to be taken
    human: Sequence[float] | Array,
    judge: Sequence[float] | Array,
    judge_only: Sequence[float] | Array,
    *,
    weight: float | None = None,
    labels: tuple[Sequence[Hashable], Sequence[Hashable]] | None = None,
    lowest: float = 0.0,
) -> Corrected | None:
    """Estimate a mean by prediction-powered inference, PPI++.

    Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453. It holds only where the outputs that people graded
    were drawn at random from all. It is never much worse than their grades alone: a judge that tells nothing
    gets weight 0.

    The normal interval of PPI++ misses small rates (.85 at a rate of .05). This one is Wilson's with the
    effective number of outputs, rate (1 - rate) / variance, and Student's t for the number of groups.

    Args:
        human: Grades by people, such as 1 for good and 0 for not.
        judge: The judge's grades of the same outputs.
        judge_only: The judge's grades of the other outputs.
        weight: Of the judge's grades, from 0 to 1; None chooses the one of least variance.
        labels: Group, such as the topic, of each labelled and of each other output. The variance is then that
            of groups: a topic on both sides is taken as one.
        lowest: Lowest value of a grade: 0, or -1 for a difference of two; the highest is 1.

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
    codes = np.arange(n + more) if labels is None else coded([*labels[0], *labels[1]])
    inside, outside = truth - share * seen, share * rest
    known = np.concatenate([(inside - inside.mean()) / n, (outside - outside.mean()) / more])
    error = math.sqrt(float((np.bincount(codes, weights=known) ** 2).sum()))
    span = 1 - lowest
    truth, seen, rest = ((side - lowest) / span for side in (truth, seen, rest))
    size = _effective_size(truth, seen, rest, share, codes)
    middle = min(1.0, max(0.0, (value - lowest) / span))
    low, high = (lowest + span * end for end in wilson(middle * size, size))
    interval = Interval(
        low=low, high=high, method="ppi", clusters=int(codes.max()) + 1, approximate=_caveat(n, codes)
    )
    return Corrected(lowest + span * middle, interval, share, error, n, more)


def _effective_size(truth: Array, seen: Array, rest: Array, weight: float, codes: NDArray[np.int64]) -> float:
    """Return the number of independent grades by people whose rate has the variance of the corrected one."""
    n = len(truth)
    kinds = np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    inside, added = truth - weight * seen, kinds @ [1.0, -weight]
    outside, others = weight * rest, weight * kinds[:, 0]
    residuals, extra = [], 0.0
    for values, pseudo, own in ((inside, added, codes[:n]), (outside, others, codes[n:])):
        each = len(own) / len(np.unique(own))  # what is added weighs as much as a group
        scale = len(own) * (len(own) + 4 * _PSEUDO * each)
        centre = (values.sum() + _PSEUDO * each * pseudo.sum()) / (len(own) + 4 * _PSEUDO * each)
        residuals.append((values - centre) / math.sqrt(scale))
        extra += _PSEUDO * each**2 * float(((pseudo - centre) ** 2).sum()) / scale
    sums = np.bincount(codes, weights=np.concatenate(residuals))
    variance = float((sums**2).sum()) + extra
    groups = len(np.unique(codes[:n]))
    rate = (truth.mean() * groups + 2 * _PSEUDO) / (groups + 4 * _PSEUDO)
    freedom = groups - 1
    student = normal_quantile(LEVEL) / t_quantile(LEVEL, freedom) if freedom else 0.0
    return max(1.0, float(rate * (1 - rate) / variance * student**2))


def _caveat(labelled: int, codes: NDArray[np.int64]) -> str | None:
    if labelled < FEW_LABELLED:
        return f"{labelled} graded by people, fewer than {FEW_LABELLED}"
    groups = len(np.unique(codes[:labelled]))
    if groups < labelled and groups < FEW_CLUSTERS:
        return f"{groups} independent groups graded by people, fewer than {FEW_CLUSTERS}"
    return None


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
    """Lang and Reiczigel's; wide, and honest about that."""
    sensitivity: float
    """Share of what people call good that the judge calls good."""
    specificity: float
    """Share of what people call not good that the judge calls not good."""


def rogan_gladen(
    judged_good: int, judged: int, true_good: tuple[int, int], true_bad: tuple[int, int], level: float = LEVEL
) -> RoganGladen | None:
    """Return the corrected rate (Rogan and Gladen 1978), with the interval of Lang and Reiczigel (2014).

    The delta method alone takes a judge that errs in none of three reviewed outputs for one that never errs.
    Theirs adds z^2 outputs to the rate, half of them good, one right and one wrong answer to sensitivity and
    to specificity, and shifts the middle towards one half.

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
    value = min(1.0, max(0.0, (judged_good / judged + specificity - 1) / youden))
    low, high = _lang_reiczigel(judged_good, judged, true_good, true_bad, normal_quantile(level))
    interval = Interval(
        low=min(value, low),
        high=max(value, high),
        level=level,
        method="rogan-gladen",
        clusters=judged,
        approximate="outputs taken for independent",
    )
    return RoganGladen(value, interval, sensitivity, specificity)


def _lang_reiczigel(
    good: int, judged: int, true_good: tuple[int, int], true_bad: tuple[int, int], z: float
) -> tuple[float, float]:
    n = judged + z * z
    apparent = (good + z * z / 2) / n
    (sensitivity, n_good), (specificity, n_bad) = (
        ((right + 1) / (of + 2), of + 2) for right, of in (true_good, true_bad)
    )
    youden = sensitivity + specificity - 1
    if youden <= 0:
        return 0.0, 1.0
    rate = (apparent + specificity - 1) / youden
    of_good = sensitivity * (1 - sensitivity) / n_good
    of_bad = specificity * (1 - specificity) / n_bad
    middle = rate + 2 * z * z * (rate * of_good - (1 - rate) * of_bad)
    variance = apparent * (1 - apparent) / n + rate**2 * of_good + (1 - rate) ** 2 * of_bad
    half = z * math.sqrt(variance) / youden
    return max(0.0, middle - half), min(1.0, middle + half)
