"""Paired tests: published p-values, statsmodels', scipy's, and their size under the null."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from exhaustive import bounded
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, permutation_test
from statsmodels.stats.contingency_tables import cochrans_q
from statsmodels.stats.contingency_tables import mcnemar as theirs
from statsmodels.stats.multitest import multipletests

from medbench.stats import bootstrap
from medbench.stats import sign_flips as module
from medbench.stats.holm import holm
from medbench.stats.omnibus import omnibus
from medbench.stats.sign_flips import flip_numbers, flip_whole_numbers, mcnemar


@given(st.integers(0, 80), st.integers(0, 80))
def test_mcnemar_equals_statsmodels(only_a: int, only_b: int) -> None:
    """The exact p-value is that of statsmodels; mid-p takes half of the observed split away."""
    expected = float(theirs([[5, only_a], [only_b, 7]], exact=True).pvalue) if only_a + only_b else 1.0
    found, mirrored = mcnemar(only_a, only_b), mcnemar(only_b, only_a)
    assert found.exact == pytest.approx(min(1.0, expected), abs=1e-9)
    assert found == mirrored
    assert found.mid_p <= found.exact


def test_published_mcnemar() -> None:
    """Fagerland, Lydersen and Laake 2013, airway responses around transplantation: 1 and 7 of 21."""
    found = mcnemar(1, 7)
    assert (round(found.exact, 3), round(found.mid_p, 3)) == (0.070, 0.039)


def test_splits_that_cannot_be_told_apart_from_chance() -> None:
    """No discordant pair gives 1; five to none .0625, six to none .031, four to none .125."""
    assert (mcnemar(0, 0).exact, mcnemar(0, 0).mid_p) == (1.0, 1.0)
    assert [mcnemar(n, 0).exact for n in (4, 5, 6)] == pytest.approx([0.125, 0.0625, 0.03125])
    assert mcnemar(4, 4).mid_p == pytest.approx(1 - binom.pmf(4, 8, 0.5) / 2)


@given(st.lists(st.integers(-4, 4), max_size=11))
def test_flips_of_whole_numbers_are_all_counted(sums: list[int]) -> None:
    """The convolution gives what writing down every flip gives, exact and mid-p."""
    found = flip_whole_numbers(sums)
    if not any(sums):
        assert found.exact == found.mid_p == 1.0
        return
    every = np.array([np.dot(signs, sums) for signs in itertools.product((1, -1), repeat=len(sums))])
    seen = abs(sum(sums))
    assert found.exact == pytest.approx((np.abs(every) >= seen).mean(), abs=1e-12)
    expected = (np.abs(every) > seen).mean() + (np.abs(every) == seen).mean() / 2
    assert found.mid_p == pytest.approx(expected, abs=1e-12)
    assert flip_numbers([np.array(sums, dtype=float)])[0] == pytest.approx(found.exact, abs=1e-12)


def test_drawn_flips_equal_scipys() -> None:
    """With more groups than can be counted the p-value is that of scipy's permutation test."""
    differences = np.random.default_rng(3).normal(0.25, 1, size=40)
    expected = permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=20_000, random_state=1
    )
    (found,) = flip_numbers([differences])
    assert found == pytest.approx(expected.pvalue, abs=0.012)
    assert found == flip_numbers([differences])[0]


def test_a_drawn_p_value_is_never_zero() -> None:
    """Where no drawn flip reaches the data, p is one over the draws and one, not nothing."""
    (found,) = flip_numbers([np.arange(1.0, 61.0)])
    assert found == pytest.approx(1 / 10_001)


def test_groups_that_do_not_differ_tell_nothing() -> None:
    """Differences of zero leave the p-value of the others as it was; only zeros give 1."""
    values = np.array([0.5, 0.2, -0.1, 0.7])
    assert flip_numbers([values]) == flip_numbers([np.concatenate([values, np.zeros(9)])])
    assert flip_numbers([np.zeros(3), np.array([])]) == [1.0, 1.0]


@pytest.mark.parametrize("groups", [2, 12, 40])
def test_differences_of_rounding_are_none(groups: int) -> None:
    """Groups that differ in the last digit do not differ, and sums of 0 are reached by every flip."""
    tiny = np.full(groups, 0.1 + 0.2 - 0.3)
    cancelling = np.array([0.1, 0.2, -0.3] * groups)
    assert cancelling.sum() != 0
    assert flip_numbers([tiny, cancelling]) == [1.0, 1.0]


@pytest.mark.parametrize("pairs", [10, 20, 50, 100])
def test_the_size_of_mcnemar(pairs: int) -> None:
    """Exact McNemar never exceeds 5 %; mid-p stays below 5.5 % up to a discordance of .6 (enumerated)."""
    exact, mid = _sizes(pairs, np.linspace(0.02, 1.0, 50))
    assert exact.max() <= 0.05
    assert mid[:30].max() <= 0.055


def _sizes(pairs: int, discordances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    counts = np.arange(pairs + 1)
    conditional = np.zeros((2, pairs + 1))
    for discordant in counts[1:]:
        for wins in range(discordant + 1):
            found = mcnemar(wins, discordant - wins)
            chance = binom.pmf(wins, discordant, 0.5)
            conditional[:, discordant] += chance * np.array([found.exact <= 0.05, found.mid_p <= 0.05])
    chances = binom.pmf(counts[None], pairs, discordances[:, None])
    return chances @ conditional[0], chances @ conditional[1]


def test_the_size_of_flips_with_groups() -> None:
    """On groups of dependent cases without a true difference 5 % of tests are significant, not more."""
    random = np.random.default_rng(12)
    rounds, hits = 2000, 0
    for _ in range(rounds):
        lean = random.choice([-1, 1], 40)[:, None]
        cases = np.where(random.random((40, 3)) < 0.4, lean, 0) * (random.random((40, 3)) < 0.8)
        hits += flip_whole_numbers([int(total) for total in cases.sum(axis=1)]).exact <= 0.05
    assert hits / rounds <= 0.055 + 2 * np.sqrt(0.055 * 0.945 / rounds)


def test_the_omnibus_statistic_is_cochrans_q() -> None:
    """For right and wrong the statistic is statsmodels' Q, and its p-value is near that of chi-square."""
    random = np.random.default_rng(4)
    skill = random.random(120)[:, None]
    values = (random.random((120, 4)) < 0.2 + 0.5 * skill + np.array([0, 0.05, 0.1, 0.12])).astype(float)
    found = omnibus(values)
    expected = cochrans_q(values)
    assert found is not None
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert found.p == pytest.approx(expected.pvalue, abs=0.02)
    assert found.n == 120


def test_the_omnibus_test_needs_something_to_compare() -> None:
    """One system or one case gives no test; equal systems give 1; incomplete cases are left out."""
    assert omnibus(np.ones((5, 1))) is None
    assert omnibus(np.array([[1.0, 0.0], [np.nan, 1.0]])) is None
    same = omnibus(np.ones((5, 3)))
    assert same is not None
    assert (same.statistic, same.p) == (0.0, 1.0)
    cancelled = omnibus(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), ["a", "a", "b"])
    assert cancelled is not None
    assert cancelled.p == 1.0


def test_the_order_of_the_systems_changes_nothing() -> None:
    """Statistic and p-value are the same to the last digit, in whatever order systems are named."""
    values = np.random.default_rng(9).random((30, 4))
    found = {
        omnibus(values[:, list(order)], np.arange(30) // 2) for order in itertools.permutations(range(4))
    }
    assert len(found) == 1


def test_systems_that_differ_by_rounding_are_alike() -> None:
    """The mean of three times .1 is not .1 to the last digit, and no system differs for that."""
    found = omnibus(np.full((20, 3), 0.1))
    assert found is not None
    assert (found.statistic, found.p) == (0.0, 1.0)


def test_the_omnibus_test_of_two_is_the_sign_flip_test() -> None:
    """With two systems it is the test of a pair, up to the relabellings drawn."""
    values = np.random.default_rng(8).normal(size=(14, 2)) + np.array([0, 0.6])
    found = omnibus(values)
    assert found is not None
    (expected,) = flip_numbers([values[:, 1] - values[:, 0]])
    assert found.p == pytest.approx(expected, abs=0.015)


def test_the_size_of_the_omnibus_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """On groups of dependent cases of three equal systems at most 5.5 % are significant, within chance."""
    from medbench.stats import omnibus as module

    monkeypatch.setattr(module, "draws_for", lambda _: 199)
    random = np.random.default_rng(13)
    rounds, hits = 800, 0
    labels = np.repeat(np.arange(25), 2).tolist()
    for _ in range(rounds):
        taste = np.repeat(random.normal(size=(25, 3)), 2, axis=0)
        values = (random.normal(size=(50, 3)) + taste > 0).astype(float)
        found = module.omnibus(values, labels)
        assert found is not None
        hits += found.p <= 0.05
    assert hits / rounds <= 0.055 + 2 * np.sqrt(0.055 * 0.945 / rounds)
    assert bootstrap.draws_for(50) == 10_000


@settings(max_examples=bounded(100, 10))
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_equals_statsmodels(p_values: list[float]) -> None:
    """Adjusted p-values are those of statsmodels, in the order given."""
    expected = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(expected.tolist(), abs=1e-12)
    assert holm([]) == []


def test_many_groups_are_flipped_together() -> None:
    """The p-value of 30,000 sums is near that of the normal distribution, on both sides of the level."""
    values = np.random.default_rng(6).normal(size=30_000)
    values -= values.mean()
    for z, wanted in ((0.5, 0.617), (2.0, 0.0455)):
        (p,) = flip_numbers([values + z / 30_000**0.5])
        assert p == pytest.approx(wanted, abs=0.03)


def test_sums_of_few_flips_at_a_time_are_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """The p-values are the same, whether or not the last sums are fewer than the others."""
    columns = list(np.random.default_rng(6).normal(0.2, 1.0, size=(3, 40)))
    found = flip_numbers(columns)
    for at_once in (40 * 7, 1):
        monkeypatch.setattr(module, "_SUMMED", at_once)
        assert flip_numbers(columns) == found


def test_a_long_distribution_is_that_of_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fourier transforms give the figures of the sums of products."""
    sums = [1, -1, 2, 2, -2, 3, 1, 1, 1, 2] * 5
    short = flip_whole_numbers(sums)
    monkeypatch.setattr(module, "_LONGEST", 1)
    long = flip_whole_numbers(sums)
    assert (long.exact, long.mid_p) == pytest.approx((short.exact, short.mid_p), rel=1e-9)


@pytest.mark.parametrize(("groups", "draws"), [(17, 40), (33, 10_000)])
def test_kept_flips_are_those_that_were_drawn(groups: int, draws: int) -> None:
    """A bit each."""
    pairs = zip(module._kept(groups, draws), module._drawn(groups, draws), strict=True)
    for kept, drawn in pairs:
        assert kept.dtype == drawn.dtype
        assert np.array_equal(kept, drawn)
