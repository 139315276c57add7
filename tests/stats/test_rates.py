"""Intervals of rates: equal to statsmodels' and scipy's, and true as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from statsmodels.stats.proportion import proportion_confint

from medbench.stats.groups import Groups, grouped
from medbench.stats.intervals import (
    clopper_pearson,
    design_effect,
    effective_size,
    rate_interval,
    t_quantile,
    wilson,
)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_intervals_equal_statsmodels_and_scipy(counts: tuple[int, int]) -> None:
    """Wilson and Clopper-Pearson are those of statsmodels and of scipy, for any count of any number."""
    hits, n = counts
    for ours, theirs, scipys in ((wilson, "wilson", "wilson"), (clopper_pearson, "beta", "exact")):
        expected = proportion_confint(hits, n, method=theirs)
        again = binomtest(hits, n).proportion_ci(method=scipys)
        assert ours(hits, n) == pytest.approx(expected, abs=1e-9)
        assert ours(hits, n) == pytest.approx((again.low, again.high), abs=1e-9)


def test_published_wilson_intervals() -> None:
    """Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3: four counts and their intervals."""
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (hits, n), expected in published.items():
        assert wilson(hits, n) == pytest.approx(expected, abs=5e-5)


def test_without_trials_nothing_is_known() -> None:
    """Without a trial an interval of counts is from 0 to 1, and a rate has none at all."""
    assert wilson(0, 0) == clopper_pearson(0, 0) == (0.0, 1.0)
    assert rate_interval(grouped([], None)) is None
    assert rate_interval(grouped([float("nan")], None)) is None


@pytest.mark.parametrize("n", [10, 16, 20, 50, 100, 200])
def test_wilson_is_right_as_often_as_it_says_on_average(n: int) -> None:
    """Over rates of .05 to .95 Wilson's mean coverage is 94 to 96 %, by enumeration of all counts."""
    bounds = np.array([wilson(hits, n) for hits in range(n + 1)])
    assert 0.94 <= _coverage(bounds, n).mean() <= 0.96


@pytest.mark.parametrize("n", [2, 5, 20, 100])
def test_clopper_pearson_is_never_below_its_level(n: int) -> None:
    """For any rate of .01 to .99 Clopper-Pearson holds it in at least 95 % of all samples, by enumeration."""
    bounds = np.array([clopper_pearson(hits, n) for hits in range(n + 1)])
    assert _coverage(bounds, n, np.linspace(0.01, 0.99, 197)).min() >= 0.95


def _coverage(bounds: np.ndarray, n: int, rates: np.ndarray | None = None) -> np.ndarray:
    rates = np.linspace(0.05, 0.95, 181) if rates is None else rates
    chances = binom.pmf(np.arange(n + 1)[None], n, rates[:, None])
    holds = (bounds[:, 0][None] <= rates[:, None]) & (rates[:, None] <= bounds[:, 1][None])
    return np.asarray((chances * holds).sum(axis=1))


def test_independent_trials_need_no_correction() -> None:
    """Where each case is its own group the interval is Wilson's own, and says nothing of an approximation."""
    found = rate_interval(grouped([1.0] * 4 + [0.0] * 12, [*range(16)]))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.1018, 0.4950), abs=5e-5)
    assert (found.clusters, found.method, found.approximate) == (16, "wilson", None)


def test_a_few_values_are_said_to_be_few() -> None:
    """Under five values the interval says that the counts should be read."""
    found = rate_interval(grouped([1.0, 0.0], None))
    assert found is not None
    assert found.approximate == "2 values: read the counts"


def test_repeated_trials_tell_no_more_than_one() -> None:
    """Ten copies of each case count as one: the design effect is ten, and the interval no narrower."""
    once = [1.0] * 30 + [0.0] * 50
    copied = grouped(once * 10, [*range(80)] * 10)
    assert design_effect(copied, copied.mean * (1 - copied.mean)) == pytest.approx(10 * 80 / 79, rel=1e-9)
    several, single = rate_interval(copied), rate_interval(grouped(once, None))
    assert several is not None
    assert single is not None
    assert several.low <= single.low < single.high <= several.high


def test_the_design_effect_is_that_of_clustered_ordinary_least_squares() -> None:
    """The variance between groups is statsmodels' cluster-robust one of a mean."""
    import statsmodels.api as sm

    random = np.random.default_rng(5)
    labels = random.integers(0, 40, 150)
    values = (random.random(150) < 0.2 + 0.5 * (labels % 3 == 0)).astype(float)
    fit = sm.OLS(values, np.ones(150)).fit(cov_type="cluster", cov_kwds={"groups": labels})
    rate = values.mean()
    expected = float(fit.bse[0]) ** 2 / (rate * (1 - rate) / 150)
    groups = grouped(values, labels.tolist())
    assert design_effect(groups, groups.mean * (1 - groups.mean)) == pytest.approx(expected, rel=1e-9)


def test_groups_that_all_agree_count_as_one_trial_each() -> None:
    """A rate of 0 has no variance to go by: the size is that of the groups, and one group is one trial."""
    assert effective_size(grouped([0.0] * 6, ["a", "a", "b", "b", "c", "c"])) == pytest.approx(
        3 * (1.959964 / t_quantile(0.95, 2)) ** 2, rel=1e-5
    )
    assert effective_size(grouped([1.0, 0.0, 1.0], ["a", "a", "a"])) == 1.0


def test_labels_must_fit_the_values() -> None:
    """Other than one label a value is an error, not a silent cut."""
    with pytest.raises(ValueError, match="2 values have 1 labels"):
        grouped([1.0, 2.0], ["a"])


def test_clustered_rates_are_right_as_often_as_they_say() -> None:
    """With 60 groups of one to four dependent cases the interval holds the rate in 92 to 98 % of samples."""
    random = np.random.default_rng(11)
    held, rounds = 0, 1500
    sizes = 1 + np.arange(60) % 4
    labels = np.repeat(np.arange(60), sizes)
    for _ in range(rounds):
        rate = random.beta(0.9, 2.1, 60)
        values = (random.random(len(labels)) < rate[labels]).astype(float)
        found = rate_interval(Groups(np.bincount(labels, weights=values).astype(float), sizes.astype(float)))
        assert found is not None
        held += found.low <= 0.3 <= found.high
    assert 0.92 <= held / rounds <= 0.98
