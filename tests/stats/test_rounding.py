"""What cancels is 0: no number, and no end of an interval, is what rounding left of sums of equal things."""

from __future__ import annotations

import math
import random
from itertools import product

import numpy as np
import pytest

from medbench.stats.above_chance import above_chance
from medbench.stats.agreement import cohen_kappa, gwet_ac
from medbench.stats.bootstrap import mean_interval
from medbench.stats.describe import describe, mean_difference
from medbench.stats.drift import drift
from medbench.stats.groups import grouped, mean_of_values, minus, without_rounding
from medbench.stats.paired import difference_intervals
from medbench.stats.strata import pooled

THIRDS = [k / 3 for k in range(4)]


def _is_zero(value: float | None) -> bool:
    return value == 0 and math.copysign(1, value) == 1


@pytest.mark.parametrize(("cases", "seed"), [*product((3, 7, 20, 41), range(6))])
def test_a_fixed_text_is_at_chance_exactly(cases: int, seed: int) -> None:
    """Each reference is met once as its own and once by every other: the sums are the same."""
    draw = random.Random(seed)
    scores = np.array([draw.choice((0, 1, draw.random(), 2 / 3, 2 / 7)) for _ in range(cases)])
    chances = np.array([(scores.sum() - one) / (cases - 1) for one in scores])
    numbers = above_chance(scores, chances)
    assert _is_zero(describe(numbers.tolist(), cases).mean)
    assert _is_zero(grouped(numbers, None).mean)
    assert _is_zero(mean_of_values(numbers))


@pytest.mark.parametrize("seed", range(12))
def test_shares_of_several_answers_cancel(seed: int) -> None:
    """Thirds are no binary numbers: a third more here and a third less there are no difference."""
    draw = random.Random(seed)
    first = np.array([draw.choice(THIRDS) for _ in range(30)])
    second = np.array([*first[1:], first[0]])
    columns = minus(second, first)
    assert _is_zero(mean_difference(columns, None).difference)
    assert _is_zero(grouped(columns, None).mean)
    assert _is_zero(grouped(columns, [0] * 30).sums[0])
    found = pooled(columns, ["one"] * 30)
    assert found is not None
    assert _is_zero(found.means["one"])


@pytest.mark.parametrize(
    ("second", "first"),
    [
        (0.1 + 0.2, 0.3),
        (1 - 2 / 3, 1 / 3),
        (0.7 + 0.1, 0.8),
        (24500.1 * 3 / 3, 24500.1),
        (0.0, 0.0),
        (-0.0, 0.0),
    ],
)
def test_equal_numbers_have_no_difference(second: float, first: float) -> None:
    """However each of them was computed, and whichever is taken from the other."""
    assert _is_zero(float(minus(np.array(second), np.array(first))))
    assert _is_zero(float(minus(np.array(first), np.array(second))))


def test_what_differs_keeps_its_digits() -> None:
    """Small is not rounding: a difference of a billionth stays, and so does what is unknown."""
    assert float(minus(np.array(0.3 + 1e-9), np.array(0.3))) == (0.3 + 1e-9) - 0.3
    assert np.isnan(minus(np.array(np.nan), np.array(0.3)))
    assert float(without_rounding(np.array(1e-9), np.array(1.0))) == 1e-9
    values = [0.1, -0.3, 0.7]
    assert describe(values, 3).mean == math.fsum(values) / 3
    assert mean_of_values(np.array(values)) == np.array(values).mean()


@pytest.mark.parametrize("seed", range(8))
def test_no_end_of_an_interval_leaves_0_out_by_rounding(seed: int) -> None:
    """Resamples whose thirds cancel are at 0, and so is an end that lies there."""
    draw = random.Random(seed)
    values = np.array([draw.choice((0.0, 1 / 3, 2 / 3, -1 / 3, -2 / 3)) for _ in range(12)])
    (wide,) = difference_intervals([values], None)
    narrow = mean_interval(grouped(values, None))
    for interval in (wide, narrow):
        assert interval is not None
        for end in (interval.low, interval.high):
            assert _is_zero(end) or abs(end) > 1e-9


@pytest.mark.parametrize("table", [[(1,) * 3] * 3, [(1, 2, 3), (2, 4, 6), (3, 6, 9)], [(7, 7), (3, 3)]])
def test_agreement_by_chance_alone_is_0(table: list[tuple[int, ...]]) -> None:
    """Rows that are multiples of one another agree as chance does."""
    kinds = range(len(table))
    pairs = [(a, b) for a, b in product(kinds, kinds) for _ in range(table[a][b])]
    found = cohen_kappa([a for a, _ in pairs], [b for _, b in pairs], [*kinds])
    assert _is_zero(found.value)
    even = [(a, b) for a, b in product(kinds, kinds)]
    assert _is_zero(gwet_ac(even, [*kinds]).value)


@pytest.mark.parametrize("alike", [1.0, 0.1, 1 / 3, 0.7])
def test_two_days_alike_have_no_distance(alike: float) -> None:
    """Also where the six similarities of each case are the same number, whatever it is."""
    found = drift([[alike] * 6 for _ in range(12)])
    assert found.interval is not None
    assert _is_zero(found.interval.low)
    assert _is_zero(found.interval.high)
