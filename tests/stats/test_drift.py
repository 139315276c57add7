"""The test of two days: exact against all splits counted one by one, right in size, and able to see."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from exhaustive import bounded
from hypothesis import given
from hypothesis import strategies as st

from medbench.stats.drift import drift

Case = list[float]
_PAIRS = [*itertools.combinations(range(4), 2)]
_cases = st.lists(
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=6, max_size=6), min_size=1, max_size=5
)


def _gap(case: Case, order: tuple[int, ...]) -> Fraction:
    """Within minus across, were the answers at the places of `order` asked as a, b and c, d."""
    number = {pair: Fraction(value) for pair, value in zip(_PAIRS, case, strict=True)}
    a, b, c, d = order
    within = [number[min(a, b), max(a, b)], number[min(c, d), max(c, d)]]
    across = [number[min(x, y), max(x, y)] for x in (a, b) for y in (c, d)]
    return sum(within, Fraction()) / 2 - sum(across, Fraction()) / 4


def _p_by_counting(cases: list[Case]) -> Fraction:
    orders = [*itertools.permutations(range(4))]
    seen = sum(_gap(case, orders[0]) for case in cases)
    splits = [
        [_gap(case, order) for order in orders[::1] if order[0] == 0 and order[2] < order[3]]
        for case in cases
    ]
    sums = [sum(chosen) for chosen in itertools.product(*splits)]
    return Fraction(sum(value >= seen for value in sums), len(sums))


@given(_cases)
def test_p_is_the_share_of_all_splits(cases: list[Case]) -> None:
    """Counted with fractions, one by one."""
    assert drift(cases).p == pytest.approx(float(_p_by_counting(cases)))


@given(_cases)
def test_the_order_of_days_and_of_answers_of_a_day_does_not_count(cases: list[Case]) -> None:
    """The days exchanged, or the two answers of one."""
    found = drift(cases)
    for order in ((2, 3, 0, 1), (1, 0, 2, 3)):
        turned = [
            [case[_PAIRS.index((min(order[a], order[b]), max(order[a], order[b])))] for a, b in _PAIRS]
            for case in cases
        ]
        again = drift(turned)
        assert (again.p, again.within, again.across) == pytest.approx((found.p, found.within, found.across))


def _days(random: np.random.Generator, cases: int, shift: float) -> list[Case]:
    """Answers as points of a line, different in spread from case to case; similarity falls with distance."""
    made = []
    for _ in range(cases):
        points = random.normal(0, random.choice([0.0, 0.1, 1.0]), 4) + np.array([0, 0, shift, shift])
        made.append([float(np.exp(-abs(points[a] - points[b]))) for a, b in _PAIRS])
    return made


@pytest.mark.parametrize("cases", [6, 40])
def test_an_unchanged_model_is_rarely_called_changed(cases: int) -> None:
    """Of many pairs of days at most 1 % and three standard errors are below .01, 5 % below .05."""
    pairs = bounded(1000, 300)
    random = np.random.default_rng(20261201)
    found = [drift(_days(random, cases, 0.0)).p for _ in range(pairs)]
    assert np.mean([p < 0.01 for p in found]) <= 0.01 + 3 * (0.01 * 0.99 / pairs) ** 0.5
    assert np.mean([p <= 0.05 for p in found]) <= 0.05 + 3 * (0.05 * 0.95 / pairs) ** 0.5


def test_another_model_is_seen() -> None:
    """A shift of half the spread of the livelier cases, on the 40 cases of a day."""
    random = np.random.default_rng(3)
    assert np.mean([drift(_days(random, 40, 0.5)).p < 0.01 for _ in range(100)]) >= 0.99


def test_answers_that_never_vary_and_change_once() -> None:
    """Each of the changed cases has one split in three that shows it: five are enough for p < .01."""
    same, changed = [1.0] * 6, [1.0, 0.7, 0.7, 0.7, 0.7, 1.0]
    for many in (1, 2, 5, 12):
        found = drift([changed] * many + [same] * (40 - many))
        assert found.p == pytest.approx(3.0**-many, rel=1e-9 if many <= 10 else 0, abs=2e-4)
        assert found.within == 1
        assert found.across == pytest.approx(1 - 0.3 * many / 40)
    assert drift([same] * 40).p == 1


def test_without_cases_nothing_is_said() -> None:
    """No p-value below 1, no number."""
    found = drift([])
    assert (found.cases, found.p, found.interval) == (0, 1.0, None)
    assert np.isnan(found.across)
