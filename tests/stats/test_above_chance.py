"""A score with chance taken out: of a blind text, of a perfect one, and its interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.stats.above_chance import above_chance
from medbench.stats.bootstrap import bca, mean_interval
from medbench.stats.groups import grouped

SHARES = st.floats(0, 1)


def mean(scores: list[float], chances: list[float]) -> float:
    """The corrected score of some values."""
    return float(np.nanmean(above_chance(np.array(scores), np.array(chances))))


@given(st.lists(st.tuples(SHARES, st.floats(0, 0.9)), min_size=1, max_size=30))
def test_it_is_the_ratio_of_the_means(pairs: list[tuple[float, float]]) -> None:
    """(score - chance) / (1 - chance) of both means, never above 1, and 1 where every score is 1."""
    scores, chances = map(list, zip(*pairs, strict=True))
    s, w = np.mean(scores), np.mean(chances)
    assert mean(scores, chances) == pytest.approx((s - w) / (1 - w), abs=1e-9)
    assert mean(scores, chances) <= 1 + 1e-9
    perfect = above_chance(np.ones(len(pairs)), np.array(chances))
    assert perfect.tolist() == pytest.approx([1.0] * len(pairs))


@given(st.lists(st.floats(0, 0.9), min_size=2, max_size=30))
def test_a_fixed_text_is_at_chance(scores: list[float]) -> None:
    """Whatever it scores on each case: its scores on the other cases are the same numbers."""
    n, total = len(scores), sum(scores)
    others = [(total - score) / (n - 1) for score in scores]
    assert mean(scores, others) == pytest.approx(0, abs=1e-9)


@given(st.lists(st.tuples(SHARES, st.floats(0, 0.9)), min_size=2, max_size=20))
def test_the_order_of_cases_and_repeats_of_all_change_nothing(pairs: list[tuple[float, float]]) -> None:
    """Cases in another order, or each of them twice, give the same number."""
    scores, chances = map(list, zip(*pairs, strict=True))
    turned = mean(scores[::-1], chances[::-1])
    assert turned == pytest.approx(mean(scores, chances), abs=1e-9)
    assert mean(scores * 2, chances * 2) == pytest.approx(turned, abs=1e-9)


def test_what_lacks_a_part_is_left_out_of_both_means() -> None:
    """A score without chance, and chance without a score, are no 0."""
    whole = mean([0.8, 0.2], [0.1, 0.3])
    assert mean([0.8, 0.2, 1.0, math.nan], [0.1, 0.3, math.nan, 0.9]) == pytest.approx(whole)
    assert np.isnan(above_chance(np.array([0.5, math.nan]), np.array([math.nan, 0.5]))).all()


@pytest.mark.parametrize("chance", [1.0, 0.995])
def test_without_room_above_chance_there_is_no_number(chance: float) -> None:
    """What every text reaches on every case measures nothing."""
    assert np.isnan(above_chance(np.array([1.0, 1.0]), np.array([chance, chance]))).all()


def test_the_interval_is_that_of_the_ratio() -> None:
    """The linearised numbers give nearly the interval of resampling both means together."""
    random = np.random.default_rng(3)
    topics = np.repeat(np.arange(60), 2)
    scores, chances = random.beta(2, 3, 120), random.beta(2, 8, 120)
    linear = mean_interval(grouped(above_chance(scores, chances), topics))
    sums = [np.bincount(topics, weights=column) for column in (scores, chances, np.ones(120))]
    (ratio,) = bca(
        np.column_stack(sums),
        lambda total: (total[:, :1] - total[:, 1:2]) / (total[:, 2:] - total[:, 1:2]),
        several=True,
    )
    assert linear is not None
    assert ratio is not None
    width = ratio.high - ratio.low
    assert linear.low == pytest.approx(ratio.low, abs=0.05 * width)
    assert linear.high == pytest.approx(ratio.high, abs=0.05 * width)


def test_the_interval_holds_the_true_value() -> None:
    """Of 400 samples of 60 topics with two cases each, the interval misses it in 3 to 8 %."""
    random = np.random.default_rng(5)
    missed = 0
    for _ in range(400):
        level = np.repeat(random.normal(0, 0.15, 60), 2)
        scores = np.clip(0.5 + level + random.normal(0, 0.2, 120), 0, 1)
        chances = np.clip(0.2 + level / 2 + random.normal(0, 0.05, 120), 0, 1)
        found = mean_interval(grouped(above_chance(scores, chances), np.repeat(np.arange(60), 2)))
        assert found is not None
        missed += not found.low <= 0.375 <= found.high
    assert 12 <= missed <= 32
