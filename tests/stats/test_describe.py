"""Numbers: equal to numpy's and to the standard library's."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.stats.describe import describe, mean_difference, mean_of, percentile
from medbench.stats.groups import grouped

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.lists(NUMBERS, min_size=1, max_size=60), st.floats(0, 1))
def test_percentiles_equal_numpys(values: list[float], share: float) -> None:
    """Any percentile is that of numpy's 'linear' method."""
    expected = float(np.percentile(values, share * 100, method="linear"))
    assert percentile(sorted(values), share) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@given(st.lists(NUMBERS, min_size=1, max_size=60), st.integers(0, 5))
def test_estimates_equal_the_standard_library(values: list[float], missing: int) -> None:
    """Mean and median are those of `statistics`; what is missing is counted, never averaged in."""
    found = describe(values, len(values) + missing)
    assert found.mean == pytest.approx(statistics.fmean(values), rel=1e-12, abs=1e-9)
    assert found.median == pytest.approx(statistics.median(values), rel=1e-12, abs=1e-9)
    assert found.p95 == pytest.approx(float(np.percentile(values, 95)), rel=1e-9, abs=1e-6)
    assert (found.n, found.missing) == (len(values), missing)


def test_nothing_has_no_mean() -> None:
    """Without values every number is unknown, and all that was wanted is missing."""
    found = describe([], 4)
    assert (found.mean, found.median, found.p95, found.n, found.missing) == (None, None, None, 0, 4)


def test_one_value_is_all_of_them() -> None:
    """A single value is its own mean, median and percentile."""
    found = describe([3.5], 1)
    assert (found.mean, found.median, found.p95, found.n, found.missing) == (3.5, 3.5, 3.5, 1, 0)
    assert found.interval is None


def test_a_mean_difference_counts_what_it_rests_on() -> None:
    """NaN is not a case."""
    found = mean_difference(np.array([math.nan, 0.5, -0.25, 0.0]), None)
    assert (found.n, found.higher, found.lower) == (3, 1, 1)
    assert found.difference == pytest.approx(0.25 / 3)


def test_numbers_that_differ_by_rounding_are_tied() -> None:
    """Three times .1 is .3, whatever its last digit says."""
    found = mean_difference(np.array([0.1 + 0.2 - 0.3, 0.3 - (0.1 + 0.2), 0.25]), None)
    assert (found.n, found.higher, found.lower) == (3, 1, 0)


def test_a_mean_of_groups_without_a_value_is_none() -> None:
    """Groups are weighted by their values; what is missing is counted beside."""
    known = mean_of(grouped(np.array([1.0, 0.0, 0.5]), np.array([0, 0, 1])), None, missing=2)
    assert (known.mean, known.n, known.missing, known.median) == (0.5, 3, 2, None)
    assert mean_of(grouped(np.array([math.nan]), np.array([0])), None).mean is None
