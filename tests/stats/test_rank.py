"""Rank correlations are scipy's, and their intervals what leaving out each group gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ConstantInputWarning, kendalltau, spearmanr

from medbench.stats.rank import RankCorrelation, kendall_tau, spearman_rho

Correlation = Callable[..., RankCorrelation]


each = pytest.mark.parametrize(
    ("correlation", "oracle"), [(kendall_tau, kendalltau), (spearman_rho, spearmanr)], ids=["tau", "rho"]
)


@each
@pytest.mark.filterwarnings(f"ignore::scipy.stats.{ConstantInputWarning.__name__}")
@given(pairs=st.lists(st.tuples(st.integers(0, 4), st.floats(-5, 5)), min_size=2, max_size=30))
def test_equals_scipys(correlation: Correlation, oracle: Any, pairs: list[tuple[int, float]]) -> None:
    """The value is scipy's for any numbers, ties included; unknown where one side has only ties."""
    x, y = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    found = correlation(x, y)
    expected = oracle(x, y).statistic
    if np.isnan(expected):
        assert found.value is None
    else:
        assert found.value == pytest.approx(expected, abs=1e-12)


@each
def test_jackknife_is_what_leaving_out_gives(correlation: Correlation, oracle: Any) -> None:
    """The interval in closed form is that of computing the value anew without each group."""
    random = np.random.default_rng(9)
    x = random.integers(0, 3, 45).astype(float)
    y = x + random.normal(size=45)
    labels = np.arange(45) // 3
    found = correlation(x, y, labels.tolist())
    left_out = np.array([oracle(x[labels != g], y[labels != g]).statistic for g in range(15)])
    error = np.sqrt(14 / 15 * ((left_out - left_out.mean()) ** 2).sum())
    assert found.interval is not None
    assert found.value is not None
    # 2.1448: Student's t of 14 degrees of freedom.
    assert found.value - found.interval.low == pytest.approx(2.144787 * error, rel=1e-6)
    assert found.interval.approximate == "15 independent groups, fewer than 30"


@each
def test_without_pairs_is_unknown(correlation: Correlation, oracle: Any) -> None:
    """Fewer than two pairs, and numbers that are missing, give no value; two groups give no interval."""
    assert correlation([1.0], [2.0]).value is None
    assert correlation([1.0, float("nan"), 2.0], [1.0, 5.0, float("nan")]).n == 1
    two = correlation([1.0, 2.0, 3.0], [1.0, 2.0, 4.0], ["a", "a", "b"])
    assert two.value == pytest.approx(1.0)
    assert two.interval is None


@pytest.mark.parametrize("correlation", [kendall_tau, spearman_rho])
def test_a_few_items_in_the_same_order_have_no_interval(correlation: Correlation) -> None:
    """Each value without an item is 1 again: [1, 1] would say that no other item breaks the order."""
    found = correlation([1, 2, 3, 4, 5, 6], [2, 3, 5, 7, 11, 13])
    assert found.value == pytest.approx(1)
    assert found.interval is None
