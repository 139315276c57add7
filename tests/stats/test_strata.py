"""Strata: pooling as in a random-effects meta-analysis, and an interaction test of the right size."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import f_oneway
from statsmodels.stats.meta_analysis import combine_effects

from medbench.stats import strata as module
from medbench.stats.strata import interactions, pooled


def test_pooling_equals_statsmodels() -> None:
    """Common mean and variance between strata are DerSimonian and Laird's, as in statsmodels."""
    random = np.random.default_rng(3)
    names = np.repeat(["a", "b", "c", "d"], [12, 20, 8, 30])
    values = random.normal(size=70) + np.repeat([0.0, 0.8, -0.6, 0.3], [12, 20, 8, 30])
    found = pooled(values, names.tolist())
    means = np.array([values[names == name].mean() for name in "abcd"])
    within = sum(
        ((values[names == name] - mean) ** 2).sum() for name, mean in zip("abcd", means, strict=True)
    )
    expected = combine_effects(means, within / 66 / np.array([12, 20, 8, 30]), method_re="dl")
    assert found is not None
    assert found.deviation == pytest.approx(np.sqrt(expected.tau2))
    assert found.common == pytest.approx(expected.mean_effect_re)
    for name, mean in zip("abcd", means, strict=True):
        assert min(mean, found.common) <= found.means[name] <= max(mean, found.common)


def test_strata_that_chance_explains_are_pooled_whole() -> None:
    """Where the strata differ no more than chance makes them, each gets the common mean."""
    values = np.array([0.0, 1.0, 2.0, 3.0] * 5)
    found = pooled(values, ["a", "b"] * 4 + ["b", "a"] * 6)
    assert found is not None
    assert found.deviation == 0.0
    assert list(found.means.values()) == pytest.approx([found.common] * 2)


def test_pooling_of_nothing_and_of_sameness() -> None:
    """No value gives nothing; values without spread stay what they are; a stratum without one is left out."""
    assert pooled(np.array([np.nan]), ["a"]) is None
    same = pooled(np.array([1.0, 1.0, 0.0, np.nan]), ["a", "a", "b", "c"])
    assert same is not None
    assert same.means == {"a": 1.0, "b": 0.0}
    single = pooled(np.array([1.0, 3.0]), ["a", "b"])
    assert single is not None
    assert single.common == pytest.approx(2.0)


def test_the_interaction_is_near_that_of_an_analysis_of_variance() -> None:
    """For independent cases the p-value is near that of the F test, and one stratum has none."""
    random = np.random.default_rng(5)
    names = np.repeat(["a", "b", "c"], 30)
    values = random.normal(size=90) + np.repeat([0.0, 0.35, 0.5], 30)
    (found,) = interactions([values], names.tolist())
    expected = f_oneway(*(values[names == name] for name in "abc")).pvalue
    assert found == pytest.approx(expected, abs=0.02)
    assert interactions([values], ["a"] * 90) == [None]
    assert interactions([np.full(3, np.nan)], ["a", "b", "c"]) == [None]
    assert interactions([], ["a"]) == []


def test_columns_that_share_shuffles_have_the_p_values_of_each_alone() -> None:
    """Also where some lack a case that others have, and so have shuffles of their own."""
    random = np.random.default_rng(8)
    columns = [random.normal(size=60) for _ in range(4)]
    columns[1][7] = columns[3][7] = np.nan
    strata, topics = random.choice(["a", "b", "c"], 60).tolist(), random.integers(0, 40, 60)
    alone = [interactions([column], strata, topics)[0] for column in columns]
    assert interactions(columns, strata, topics) == alone
    assert len(set(alone)) == 4


def test_the_interaction_keeps_topics_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """On topics of dependent cases without a true difference at most 5.5 % are significant, within chance."""
    monkeypatch.setattr(module, "draws_for", lambda _: 199)
    random = np.random.default_rng(6)
    topics = np.repeat(np.arange(30), 3)
    names = np.repeat(np.arange(30) % 3, 3).astype(str).tolist()
    rounds, hits = 600, 0
    for _ in range(rounds):
        values = random.normal(size=30)[topics] + 0.3 * random.normal(size=90)
        (found,) = interactions([values], names, topics)
        assert found is not None
        hits += found <= 0.05
    assert hits / rounds <= 0.055 + 2 * np.sqrt(0.055 * 0.945 / rounds)


def test_many_units_are_shuffled_in_larger_ones_of_one_stratum() -> None:
    """A difference of a fifth of a deviation between strata of 20,000 values is seen; none is not."""
    draw = np.random.default_rng(4)
    strata = ["a", "b"] * 20_000
    values = draw.normal(size=40_000)
    none, shown = interactions([values, values + 0.2 * (np.array(strata) == "a")], strata)
    assert none is not None
    assert shown is not None
    assert none > 0.02
    assert shown == pytest.approx(1 / 2_001, abs=1e-9)
