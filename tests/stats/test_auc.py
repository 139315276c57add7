"""The area under the ROC curve against other people's figures, and its interval against simulations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm, t

from medbench.stats.auc import auc


def _data(seed: int, n: int = 80) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    positive = random.random(n) < 0.4
    return np.round(random.normal(positive * 1.0, 1.0), 1), positive


def _delong_by_hand(scores: np.ndarray, positive: np.ndarray) -> tuple[float, float]:
    """The area and its variance as DeLong, DeLong and Clarke-Pearson 1988 write them, by double loops."""
    above, below = scores[positive], scores[~positive]
    wins = np.array([[(x > y) + 0.5 * (x == y) for y in below] for x in above])
    of_above, of_below = wins.mean(axis=1), wins.mean(axis=0)
    return float(wins.mean()), float(of_above.var(ddof=1) / len(above) + of_below.var(ddof=1) / len(below))


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_that_of_mann_and_whitney_and_its_interval_delongs(seed: int) -> None:
    """With ties; the interval is the logit one, with t for the number of values."""
    scores, positive = _data(seed)
    found = auc(scores, positive)
    area, variance = _delong_by_hand(scores, positive)
    u = mannwhitneyu(scores[positive], scores[~positive]).statistic
    assert found.mean == pytest.approx(u / (positive.sum() * (~positive).sum()))
    assert found.mean == pytest.approx(area)
    half = t.ppf(0.975, len(scores) - 1) * math.sqrt(variance) / (area * (1 - area))
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx(
        tuple(1 / (1 + math.exp(-(math.log(area / (1 - area)) + side * half))) for side in (-1, 1))
    )
    assert (found.n, found.missing, found.interval.clusters) == (80, 0, 80)


def test_values_that_only_repeat_those_of_their_group_narrow_nothing() -> None:
    """Each value three times, in the group of the first: the area and the interval are those of one each."""
    scores, positive = _data(9)
    once = auc(scores, positive)
    labels = np.tile(np.arange(len(scores)), 3)
    thrice = auc(np.tile(scores, 3), np.tile(positive, 3), labels)
    naive = auc(np.tile(scores, 3), np.tile(positive, 3))
    assert once.interval
    assert thrice.interval
    assert naive.interval
    assert thrice.mean == pytest.approx(once.mean)
    assert (thrice.interval.low, thrice.interval.high) == pytest.approx(
        (once.interval.low, once.interval.high), abs=1e-9
    )
    assert naive.interval.high - naive.interval.low < 0.7 * (once.interval.high - once.interval.low)


def test_the_interval_holds_the_area_as_often_as_it_says() -> None:
    """Groups with a common part of both kinds: 95 of 100 intervals hold the true area, give or take three."""
    random, held, tries = np.random.default_rng(3), 0, 400
    true = norm.cdf(1 / math.sqrt(2 * (1 + 0.7**2)))
    for _ in range(tries):
        labels = np.repeat(np.arange(60), 4)
        positive = np.tile([True, True, False, False], 60)
        common = np.repeat(random.normal(0, 0.7, (60, 2)), 2, axis=0).reshape(60, 4)
        scores = random.normal(positive * 1.0, 1.0) + common.ravel()
        interval = auc(scores, positive, labels).interval
        assert interval
        held += interval.low <= true <= interval.high
    assert 0.92 <= held / tries <= 0.98


def test_a_perfect_area_has_an_interval_too() -> None:
    """All positives above all negatives: as sure as so many independent pairs, all won."""
    found = auc(np.array([0.9, 0.8, 0.7, 0.1, 0.2]), np.array([True, True, True, False, False]))
    assert (found.mean, found.n) == (1.0, 5)
    assert found.interval
    assert (found.interval.method, found.interval.high) == ("wilson", 1.0)
    assert found.interval.low == pytest.approx(2 / (2 + norm.ppf(0.975) ** 2))


def test_what_is_not_known_is_counted_and_one_side_alone_has_no_area() -> None:
    """NaN is missing; without a negative there is no number."""
    found = auc(np.array([0.9, math.nan, 0.2]), np.array([True, True, False]))
    assert (found.mean, found.n, found.missing) == (1.0, 2, 1)
    alone = auc(np.array([0.9, 0.8]), np.array([True, True]))
    assert (alone.mean, alone.interval, alone.n) == (None, None, 2)
    assert auc(np.zeros(0), np.zeros(0, dtype=bool)).n == 0
