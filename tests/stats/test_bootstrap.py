"""BCa: scipy's figures, clusters, odd inputs, and how often it is right."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap, skew

from medbench.stats import bootstrap as module
from medbench.stats.bootstrap import bca, mean_interval, mean_intervals
from medbench.stats.groups import MOST_GROUPS, Groups, grouped, taken_together

# Efron and Tibshirani 1993, table 14.1: spatial ability of 26 neurologically impaired children, test A.
SPATIAL = [
    48,
    36,
    20,
    29,
    42,
    42,
    20,
    42,
    22,
    41,
    45,
    14,
    6,
    0,
    33,
    28,
    34,
    4,
    32,
    24,
    47,
    41,
    24,
    26,
    30,
    41,
]


def test_published_bca_interval() -> None:
    """Efron and Tibshirani 1993, table 14.2: BCa 90 % of the variance of test A is [115.8, 259.6]."""
    values = np.array(SPATIAL, dtype=float)
    parts = np.column_stack([values, values**2, np.ones(26)])

    def variance(sums: np.ndarray) -> np.ndarray:
        return np.asarray(sums[:, 1:2] / sums[:, 2:] - (sums[:, 0:1] / sums[:, 2:]) ** 2)

    (found,) = bca(parts, variance, level=0.90)
    assert found is not None
    # The book drew 2,000 resamples; the jackknife of its table gives an acceleration of .061.
    assert (found.low, found.high) == pytest.approx((115.8, 259.6), rel=0.03)


def test_means_equal_scipys() -> None:
    """The interval of a mean is scipy's BCa, up to the resamples that each of them drew."""
    values = np.random.default_rng(3).gamma(2.0, size=80)
    found = mean_interval(grouped(values, None))
    theirs = bootstrap((values,), np.mean, n_resamples=20_000, method="BCa", random_state=1)
    assert found is not None
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert found.low == pytest.approx(theirs.confidence_interval.low, abs=0.03 * width)
    assert found.high == pytest.approx(theirs.confidence_interval.high, abs=0.03 * width)
    assert (found.method, found.clusters, found.approximate) == ("bca", 80, None)


def test_the_jackknife_needs_no_loop() -> None:
    """The acceleration of a mean is its skewness over six roots of n, as the textbook has it."""
    values = np.random.default_rng(2).gamma(1.0, size=40)
    left_out = (values.sum() - values) / 39
    assert module._acceleration(left_out) == pytest.approx(skew(values) / (6 * np.sqrt(40)), rel=1e-9)
    assert module._acceleration(left_out[:1]) == 0.0


def test_copies_of_a_case_do_not_narrow_the_interval() -> None:
    """Five copies of each case in one group give the interval of the cases themselves."""
    values = np.random.default_rng(4).normal(size=70)
    once = mean_interval(grouped(values, None))
    copies = mean_interval(grouped(np.tile(values, 5), [*range(70)] * 5))
    assert once is not None
    assert copies is not None
    assert (copies.low, copies.high) == pytest.approx((once.low, once.high), abs=1e-9)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], None), ([1.0], None), ([float("nan"), 2.0], None)],
)
def test_nothing_is_said_of_one_value(values: list[float], expected: None) -> None:
    """None and one value have no interval."""
    assert mean_interval(grouped(values, None)) is expected


def test_equal_values_give_a_point_that_says_so() -> None:
    """Where nothing varies the interval is a point, marked as one that simulation does not stand behind."""
    found = mean_interval(grouped([0.1] * 60, None))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.1, 0.1))
    assert found.approximate == "all values are equal"


def test_small_and_heavy_tailed_samples_are_marked() -> None:
    """Few groups and a value that carries the mean are named as reasons for doubt."""
    few = mean_interval(grouped(np.arange(20.0), None))
    clusters = mean_interval(grouped(np.arange(100.0), [*range(50)] * 2))
    heavy = mean_interval(grouped(np.array([0.0] * 99 + [50.0]) + np.arange(100) / 100, None))
    assert few is not None
    assert few.approximate == "20 independent groups, fewer than 50"
    assert clusters is not None
    assert clusters.approximate == "50 independent groups, fewer than 60"
    assert heavy is not None
    assert heavy.approximate == "heavy tails: a few values carry it"


def test_columns_may_lack_different_cases() -> None:
    """Each column rests on its own values; sharing resamples changes no digit of another column."""
    random = np.random.default_rng(6)
    values = random.normal(size=(60, 3))
    values[:10, 1] = np.nan
    together = mean_intervals([grouped(values[:, column], None) for column in range(3)])
    alone = [mean_interval(grouped(values[:, column], None)) for column in range(3)]
    assert together[1] == alone[1]
    for one, other in zip(together, alone, strict=True):
        assert one is not None
        assert other is not None
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-12)
    assert together[1] is not None
    assert together[1].clusters == 50


@pytest.mark.parametrize("draws", [[None], [None, 50, None]])
def test_each_column_has_its_number_of_resamples(draws: list[int | None]) -> None:
    """A list that is too short or too long is an error; no column is left out for it."""
    columns = [grouped([0.1, 0.5, 0.7], None)] * 2
    with pytest.raises(ValueError, match="zip"):
        mean_intervals(columns, draws)
    one, other = mean_intervals(columns, [None, 50])
    assert one != other


@given(
    st.lists(st.floats(-100, 100), min_size=2, max_size=40),
    st.floats(-10, 10),
    st.floats(0.1, 10),
)
def test_intervals_move_with_the_values(values: list[float], shift: float, scale: float) -> None:
    """Adding a number or changing the unit moves the interval alike, and it lies within the values."""
    one, other = (mean_interval(grouped(v, None)) for v in (values, [shift + scale * x for x in values]))
    assert one is not None
    assert other is not None
    tolerance = 1e-6 * max(1.0, abs(shift), scale * max(abs(v) for v in values))
    assert min(values) - 1e-9 <= one.low <= one.high <= max(values) + 1e-9
    if max(values) - min(values) > 1e-3:
        assert (other.low, other.high) == pytest.approx(
            (shift + scale * one.low, shift + scale * one.high), abs=tolerance
        )


def test_the_same_values_give_the_same_digits() -> None:
    """The seed is fixed: called twice the interval is the same to the last bit."""
    groups = grouped(np.random.default_rng(7).normal(size=90), None)
    assert mean_interval(groups) == mean_interval(groups)


def test_blocks_and_what_is_kept_change_no_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interval is the same whether resamples are kept or not, and however many rows are taken at once."""
    groups = [grouped(np.random.default_rng(seed).gamma(1.0, size=90), None) for seed in range(3)]
    found = mean_intervals(groups)
    monkeypatch.setattr(module, "_ROWS", 7)
    monkeypatch.setattr(module, "_BLOCK", 1_000)
    monkeypatch.setattr(module, "_SMALL", 0)
    for one, other in zip(found, mean_intervals(groups), strict=True):
        assert one is not None
        assert other is not None
        assert (one.low, one.high) == pytest.approx((other.low, other.high), rel=1e-12)


@pytest.mark.parametrize(("groups", "draws"), [(1, 40), (2, 40), (7, 33), (20, 10_000), (MOST_GROUPS, 30)])
def test_kept_resamples_are_those_that_were_drawn(groups: int, draws: int) -> None:
    """In half a byte a group; a block in which a group is taken sixteen times or more stays as it is."""
    kept, drawn = list(module._drawn_once(groups, draws).blocks()), list(module._drawn(groups, draws))
    assert [block.shape for block in kept] == [block.shape for block in drawn]
    assert all(np.array_equal(one, other) for one, other in zip(kept, drawn, strict=True))
    many = np.array([[15, 16], [0, 1]], np.uint8)
    (found,) = module._Kept([many]).blocks()
    assert np.array_equal(found, many)


def test_the_resamples_of_a_large_sample_are_not_held() -> None:
    """They are drawn as they are used: all at once they would be ten megabytes, two numbers a byte."""
    sample = grouped(np.random.default_rng(8).random(MOST_GROUPS), None)
    tracemalloc.start()
    try:
        assert mean_interval(sample) is not None
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1_000_000
    assert peak < 10_000_000


def test_many_groups_draw_fewer_resamples() -> None:
    """The work grows with the groups, not with their square: between 10,000 and 2,000 resamples."""
    assert [module.draws_for(groups) for groups in (0, 100, 5_000, 100_000)] == [10_000, 10_000, 4_000, 2_000]


@pytest.mark.parametrize("grouping", [1, 3], ids=["alone", "in groups"])
def test_coverage(grouping: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """BCa holds the mean in 92 to 97 % of samples of 60 skewed cases, alone or in 60 groups of three."""
    monkeypatch.setattr(module, "MOST_DRAWS", 1_000)
    monkeypatch.setattr(module, "FEWEST_DRAWS", 1_000)
    random = np.random.default_rng(8)
    held, rounds = 0, 600
    for _ in range(rounds):
        shared = random.beta(2, 4, 60)[:, None] * 0.5
        values = shared + random.beta(2, 4, (60, grouping)) * 0.5
        found = mean_interval(Groups(values.sum(axis=1), np.full(60, float(grouping))))
        assert found is not None
        held += found.low <= 1 / 3 <= found.high
    assert 0.92 <= held / rounds <= 0.97


def test_many_groups_are_taken_together_and_the_interval_is_as_wide() -> None:
    """The interval of 25,000 independent values is that of the normal distribution; n and mean are of all."""
    values = np.random.default_rng(3).lognormal(0, 1, 25_000)
    found = mean_interval(grouped(values, None))
    assert found is not None
    half = 1.96 * values.std(ddof=1) / 25_000**0.5
    assert found.clusters == 25_000
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=half / 8
    )


def test_groups_that_are_taken_together_keep_their_sums() -> None:
    """Nothing is lost or counted twice; equal lengths are taken together alike; few groups stay."""
    sums = np.random.default_rng(3).normal(size=(MOST_GROUPS + 5, 2))
    together = taken_together(sums)
    assert together.shape == (MOST_GROUPS, 2)
    assert together.sum(axis=0) == pytest.approx(sums.sum(axis=0))
    np.testing.assert_array_equal(taken_together(sums[:, 0]), together[:, 0])
    assert set(taken_together(np.ones(2 * MOST_GROUPS + 5)).tolist()) == {2.0, 3.0}, "as equal as can be"
    np.testing.assert_array_equal(taken_together(sums[:MOST_GROUPS]), sums[:MOST_GROUPS])
