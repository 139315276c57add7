"""How many pairs it takes: by brute force, published tables, and the normal formula."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, chi2
from statsmodels.stats.power import NormalIndPower

from medbench.stats.power import (
    alpha_at,
    detectable,
    fewest_discordant,
    gradings_needed,
    half_width,
    mcnemar_power,
    pairs_needed,
    reviews_needed,
    values_needed,
    values_needed_range,
)
from medbench.stats.sign_flips import mcnemar


@pytest.mark.parametrize(
    ("pairs", "difference", "discordance"), [(9, 0.3, 0.5), (16, 0.2, 0.3), (24, 0, 0.4)]
)
def test_power_is_that_of_writing_down_every_outcome(
    pairs: int, difference: float, discordance: float
) -> None:
    """Power by enumeration equals the sum over every pair of counts that the test calls significant."""
    first, second = (discordance - difference) / 2, (discordance + difference) / 2
    total = 0.0
    for only_a in range(pairs + 1):
        for only_b in range(pairs - only_a + 1):
            if mcnemar(only_a, only_b).exact <= 0.05:
                given_a = binom.pmf(only_b, pairs - only_a, second / (1 - first))
                total += binom.pmf(only_a, pairs, first) * given_a
    assert mcnemar_power(pairs, difference, discordance) == pytest.approx(total, abs=1e-10)


def test_pairs_for_the_reported_gap() -> None:
    """A gap of 18.75 points takes 57, 73, 95 or 108 pairs at a discordance of .25, .31, .40 or .46."""
    assert [pairs_needed(0.1875, share) for share in (0.25, 0.31, 0.40, 0.46)] == [57, 73, 95, 108]


def test_simulated_power_is_the_enumerated_one() -> None:
    """Drawing 20,000 experiments of 50 pairs finds the enumerated power of 70 % for 20 points of .30."""
    random = np.random.default_rng(2)
    drawn = random.multinomial(50, [0.05, 0.25, 0.70], size=20_000)
    hits = np.mean([mcnemar(int(a), int(b)).exact <= 0.05 for a, b, _ in drawn])
    assert hits == pytest.approx(mcnemar_power(50, 0.2, 0.3), abs=0.01)
    assert mcnemar_power(50, 0.2, 0.3) == pytest.approx(0.70, abs=0.005)


def test_the_number_needed_is_the_first_that_reaches_the_power() -> None:
    """No smaller number reaches the power, found by trying all of them."""
    for difference, discordance in ((0.3, 0.3), (0.25, 0.6), (0.1, 0.15)):
        needed = pairs_needed(difference, discordance)
        assert needed is not None
        powers = [mcnemar_power(n, difference, discordance) for n in range(1, needed + 1)]
        assert [power >= 0.8 for power in powers] == [False] * (needed - 1) + [True]


def test_five_pairs_show_nothing() -> None:
    """With fewer than six pairs no outcome is significant, so no difference can be detected."""
    assert mcnemar_power(5, 1.0, 1.0) == 0.0
    assert detectable(4, 0.3) is None
    assert mcnemar_power(6, 1.0, 1.0) == pytest.approx(1.0)
    assert detectable(6, 0.96) is None
    assert detectable(6, 0.964) == pytest.approx(0.963, abs=0.001)
    assert mcnemar_power(0, 0.1, 0.2) == mcnemar_power(10, 0.0, 0.0) == 0.0


def test_the_detectable_difference_has_the_power() -> None:
    """What is called detectable has a power of 80 %, and hardly less is not enough."""
    for pairs in (50, 100, 400):
        found = detectable(pairs, 0.3)
        assert found is not None
        assert mcnemar_power(pairs, found + 1e-6, 0.3) >= 0.8 > mcnemar_power(pairs, found - 1e-3, 0.3)
    assert [round(detectable(n, 0.3) or 0, 2) for n in (50, 100, 200, 400)] == [0.22, 0.16, 0.11, 0.08]


def test_no_difference_above_the_discordance_is_called_detectable() -> None:
    """20 pairs show 36.6 points at the least, which a discordance of .3 does not allow."""
    assert detectable(20, 0.3) is None
    assert detectable(20, 0.367) == pytest.approx(0.3665, abs=0.001)
    assert mcnemar_power(20, 0.3, 0.3) < 0.8


def test_what_cannot_be_is_refused_and_what_takes_too_many_is_said() -> None:
    """A difference above the discordance is an error; no difference, or a tiny one, has no number."""
    with pytest.raises(ValueError, match="cannot be"):
        mcnemar_power(20, 0.5, 0.3)
    assert pairs_needed(0.0, 0.3) is None
    assert pairs_needed(0.001, 0.3) is None
    assert pairs_needed(0.1, 0.3, most=100) is None


def test_values_needed_equals_statsmodels() -> None:
    """The number of pairs for a difference of means is that of statsmodels' normal power."""
    expected = NormalIndPower(ddof=0).solve_power(0.05 / 0.15, power=0.8, alpha=0.05, ratio=0)
    assert values_needed(0.05, 0.15) == int(np.ceil(expected)) == 71


def test_gradings_and_reviews_needed() -> None:
    """Always agreeing takes one grading, 86 % three; reviews follow the two limits of the correlation."""
    assert gradings_needed(1.0) == 1
    assert gradings_needed(0.864) == 3
    # Each right with chance .854: three give .942, five .976.
    assert gradings_needed(0.75) == 5
    assert gradings_needed(0.5, most=9) == 9
    # Without correlation it is the number for a plain rate: .24 (1.96 / .1)^2 = 92.2.
    assert reviews_needed(0.4, 0.0, 1000) == 93
    assert reviews_needed(0.4, 1.0, 1000) == 2
    assert reviews_needed(0.4, 0.0, 50) is None
    assert half_width(0.4, 100) == pytest.approx(0.094, abs=0.001)


def test_planned_looks_share_the_level() -> None:
    """.025, .0083, .0042, … sum to .05 over any number of looks; with fewer pairs no split is significant."""
    assert alpha_at(None) == 0.05
    assert [round(alpha_at(look), 4) for look in (1, 2, 3)] == [0.025, 0.0083, 0.0042]
    assert 0.0499 < sum(alpha_at(look) for look in range(1, 10_000)) < 0.05
    for alpha in (0.05, *(alpha_at(look) for look in range(1, 9))):
        fewest = fewest_discordant(alpha)
        assert mcnemar(0, fewest).exact <= alpha < mcnemar(0, fewest - 1).exact


def test_the_range_of_values_needed_is_that_of_the_deviation() -> None:
    """At both ends of the chi-square interval of a variance, as scipy has its quantiles."""
    fewest, most = values_needed_range(0.05, 0.15, 40)
    low, high = (0.15 * np.sqrt(39 / chi2.ppf(tail, 39)) for tail in (0.975, 0.025))
    assert (fewest, most) == (values_needed(0.05, low), values_needed(0.05, high))
    assert fewest < 71 < most
