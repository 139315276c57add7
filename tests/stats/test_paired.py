"""Differences of paired rates and means: published intervals, groups, and how often they are right."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multinomial, ttest_1samp

from medbench.stats.bootstrap import mean_interval
from medbench.stats.groups import grouped
from medbench.stats.paired import (
    bonett_price,
    design_effect,
    difference_intervals,
    rate_difference_interval,
)


def test_published_paired_intervals() -> None:
    """Complete response before and after therapy (Cavo 2012), 16 and 6 of 161: -.0621 [-.1195, -.0032]."""
    # The figures of the package contingencytables, of the book by Fagerland, Lydersen and Laake (2017).
    low, high = bonett_price(16, 6, 161)
    assert (round(low, 4), round(high, 4)) == (-0.1195, -0.0032)


def test_the_february_interval() -> None:
    """One and three discordant pairs of 13: +15 points, from -18 to 45."""
    low, high = bonett_price(1, 3, 13)
    assert (round(low, 2), round(high, 2)) == (-0.18, 0.45)
    assert bonett_price(0, 0, 0) == (-1.0, 1.0)


@pytest.mark.parametrize("pairs", [10, 20, 50])
def test_paired_intervals_are_right_as_often_as_they_say(pairs: int) -> None:
    """Over discordances of .1 to .6 and differences up to .4 coverage is 95 % on average, by enumeration."""
    outcomes = np.array([(a, b) for a in range(pairs + 1) for b in range(pairs + 1 - a)])
    bounds = np.array([bonett_price(a, b, pairs) for a, b in outcomes])
    counts = np.column_stack([outcomes, pairs - outcomes.sum(axis=1)])
    covered = []
    for discordance in np.linspace(0.1, 0.6, 6):
        for difference in np.linspace(0, min(discordance, 0.4), 4):
            shares = [(discordance - difference) / 2, (discordance + difference) / 2, 1 - discordance]
            holds = (bounds[:, 0] <= difference) & (difference <= bounds[:, 1])
            covered.append(float((multinomial.pmf(counts, pairs, shares) * holds).sum()))
    assert 0.94 <= np.mean(covered) <= 0.985
    assert min(covered) >= 0.92


def test_right_and_wrong_get_the_rate_interval_and_numbers_the_bootstrap() -> None:
    """Rates get Bonett and Price's interval, numbers and repeats the outer ends of BCa's and Student's."""
    rates = np.array([1.0] * 3 + [-1.0] + [0.0] * 9 + [np.nan])
    numbers = np.linspace(-0.2, 0.4, 14)
    nothing = np.full(14, np.nan)
    first = rate_difference_interval(rates)
    second, third = difference_intervals([numbers, nothing])
    assert first is not None
    assert (first.low, first.high) == bonett_price(1, 3, 13)
    assert (first.method, first.clusters, first.approximate) == ("bonett-price", 13, None)
    bca = mean_interval(grouped(numbers, None))
    assert second is not None
    assert bca is not None
    assert second == rate_difference_interval(numbers)
    t = ttest_1samp(numbers, 0).confidence_interval()
    assert (second.low, second.high) == pytest.approx((min(bca.low, t.low), max(bca.high, t.high)))
    assert third is rate_difference_interval(nothing) is None


def test_pairs_of_one_topic_tell_less() -> None:
    """Ten copies of each pair count as one, and one group alone as one pair."""
    once = np.array([1.0] * 30 + [-1.0] * 12 + [0.0] * 28)
    plain = rate_difference_interval(once)
    copies = rate_difference_interval(np.tile(once, 10), [*range(70)] * 10)
    lonely = rate_difference_interval(once, ["a"] * 70)
    assert plain is not None
    assert copies is not None
    assert lonely is not None
    assert copies.low <= plain.low < plain.high <= copies.high
    assert copies.low == pytest.approx(plain.low, abs=0.02)
    assert (lonely.low, lonely.high) == pytest.approx(bonett_price(12 / 70, 30 / 70, 1))
    assert lonely.approximate == "1 independent groups, fewer than 60"
    assert design_effect(np.tile(once, 10), [*range(70)] * 10) == pytest.approx(10 * 70 / 69)
    assert design_effect(once) == design_effect(np.array([np.nan])) == 1.0
    assert design_effect(np.zeros(6), ["a", "a", "a", "b", "b", "b"]) == 3.0


def test_pairs_that_all_agree_are_not_certain() -> None:
    """Without a discordant pair the interval still has a width, wider for fewer groups and for few pairs."""
    apart = rate_difference_interval(np.zeros(20))
    grouped_ = rate_difference_interval(np.zeros(20), [*range(5)] * 4)
    few = rate_difference_interval(np.zeros(3))
    assert apart is not None
    assert grouped_ is not None
    assert few is not None
    assert grouped_.low < apart.low < 0 < apart.high < grouped_.high
    assert few.approximate == "3 pairs: read the counts"


def test_clustered_paired_rates_are_right_as_often_as_they_say() -> None:
    """With 60 groups of three dependent cases the interval holds the difference in 92 to 98 % of samples."""
    random = np.random.default_rng(31)
    labels = np.repeat(np.arange(60), 3).tolist()
    held, rounds = 0, 1000
    for _ in range(rounds):
        lean = np.repeat(random.random(60), 3)
        draw = random.random(180)
        values = np.where(draw < 0.5 * lean, 1.0, np.where(draw > 1 - 0.3 * lean, -1.0, 0.0))
        found = rate_difference_interval(values, labels)
        assert found is not None
        held += found.low <= 0.1 <= found.high
    assert 0.92 <= held / rounds <= 0.98
