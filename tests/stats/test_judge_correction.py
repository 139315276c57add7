"""A judge corrected by people: ppi-python's figures, and how often the interval is right."""

from __future__ import annotations

import os
from itertools import product

import numpy as np
import pytest
from scipy.stats import binom

from medbench.stats.judge_correction import prediction_powered, rogan_gladen


def _example() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    human = (random.random(60) < 0.4).astype(float)
    judge = np.where(random.random(60) < 0.2, 1 - human, human)
    return human, judge, (random.random(300) < 0.5).astype(float)


@pytest.mark.parametrize(
    ("weight", "expected"),
    # ppi-python 0.2.3, ppi_mean_ci of _example() with alpha=.05.
    [
        (None, (0.345635208792, 0.556942742596)),
        (1.0, (0.363861601379, 0.616138398621)),
        (0.0, (0.291921065020, 0.541412268313)),
    ],
)
def test_estimate_and_error_equal_ppi_python(weight: float | None, expected: tuple[float, float]) -> None:
    """Power-tuned, plain and classical: value and standard error give the intervals of ppi-python."""
    found = prediction_powered(*_example(), weight=weight)
    assert found is not None
    normal = (found.value - 1.959963984540054 * found.error, found.value + 1.959963984540054 * found.error)
    assert normal == pytest.approx(expected, abs=1e-9)
    ppi_py = pytest.importorskip("ppi_py", reason="its figures stand above; it is 400 MB with what it needs")
    low, high = ppi_py.ppi_mean_ci(*_example(), alpha=0.05, lam=weight)
    assert normal == pytest.approx((low[0], high[0]), abs=1e-9)


def test_a_judge_that_tells_nothing_is_not_heard() -> None:
    """A judge that always says the same, or the opposite, gets weight 0: the people's own mean is left."""
    human, judge, rest = _example()
    for silent in ((judge * 0, rest * 0), (1 - judge, 1 - rest)):
        found = prediction_powered(human, *silent)
        assert found is not None
        assert found.weight == 0.0
        assert found.value == pytest.approx(human.mean())


def test_without_enough_outputs_there_is_no_correction() -> None:
    """Fewer than two outputs on a side give nothing; unequal lists are an error; few are marked."""
    assert prediction_powered([1.0], [1.0], [0.0, 1.0]) is None
    assert prediction_powered([1.0, 0.0], [1.0, 0.0], [0.0]) is None
    with pytest.raises(ValueError, match="people graded 2 outputs, the judge 1"):
        prediction_powered([1.0, 0.0], [1.0], [0.0, 1.0])
    few = prediction_powered([1.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 1.0])
    assert few is not None
    assert few.interval.approximate == "3 graded by people, fewer than 20"


def test_outputs_of_one_topic_widen_the_interval() -> None:
    """Ten copies of each output in one group tell no more than one; groups of one change nothing."""
    human, judge, rest = _example()
    plain = prediction_powered(human, judge, rest, weight=1.0)
    alone = prediction_powered(human, judge, rest, weight=1.0, labels=(range(60), range(60, 360)))
    copies = prediction_powered(
        np.tile(human, 10),
        np.tile(judge, 10),
        np.tile(rest, 10),
        weight=1.0,
        labels=([*range(60)] * 10, [*range(60, 360)] * 10),
    )
    assert plain is not None
    assert alone is not None
    assert copies is not None
    assert (alone.interval.low, alone.interval.high) == pytest.approx(
        (plain.interval.low, plain.interval.high)
    )
    assert copies.error == pytest.approx(plain.error, abs=1e-9)
    assert copies.interval.low == pytest.approx(plain.interval.low, abs=2e-3)
    assert copies.interval.clusters == 360


FULL = bool(os.environ.get("MEDBENCH_EXHAUSTIVE"))
ROUNDS = 5000 if FULL else 500


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.10, 0.25, 0.50, 0.90] if FULL else [0.05, 0.25])
@pytest.mark.parametrize(("reviewed", "judged"), [(20, 100), (60, 300), (100, 1000)] if FULL else [(60, 300)])
@pytest.mark.parametrize("judge", [(0.5, 0.5), (0.85, 0.75), (0.6, 0.98), (0.95, 0.95)])
def test_the_corrected_interval_holds_the_rate(
    rate: float, judge: tuple[float, float], reviewed: int, judged: int
) -> None:
    """At small rates too, where the normal interval of PPI++ holds .70 to .93; never outside 0 to 1."""
    random = np.random.default_rng(21)
    held = 0
    for _ in range(ROUNDS):
        truth = random.random(judged) < rate
        said = np.where(truth, random.random(judged) < judge[0], random.random(judged) >= judge[1])
        human, grades = truth[:reviewed].astype(float), said.astype(float)
        found = prediction_powered(human, grades[:reviewed], grades[reviewed:])
        assert found is not None
        assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1
        held += found.interval.low <= rate <= found.interval.high
    assert held / ROUNDS >= (0.93 if FULL else 0.92)


def test_a_corrected_difference_stays_between_minus_and_plus_1() -> None:
    """No sample without an error stands for a judge that makes none: the interval has a width."""
    sure = prediction_powered([1.0] * 20, [1.0] * 20, [1.0] * 80, lowest=-1.0)
    assert sure is not None
    assert (sure.value, sure.interval.high) == pytest.approx((1.0, 1.0))
    assert 0.5 < sure.interval.low < 0.9
    none = prediction_powered([0.0] * 20, [0.0] * 20, [0.0] * 80, lowest=-1.0)
    assert none is not None
    assert none.value == pytest.approx(0.0)
    assert none.interval.low == pytest.approx(-none.interval.high)
    assert none.interval.high > 0.05


def test_rogan_and_gladens_correction() -> None:
    """An apparent rate of .49 with sensitivity .85 and specificity .75 is a true one of .40."""
    found = rogan_gladen(147, 300, (34, 40), (45, 60))
    assert found is not None
    assert (found.value, found.sensitivity, found.specificity) == pytest.approx((0.40, 0.85, 0.75))
    # Lang and Reiczigel by an independent script: .2305 to .5685; by the delta method alone .2377 to .5623.
    assert (found.interval.low, found.interval.high) == pytest.approx((0.23051, 0.56847), abs=5e-5)


def test_a_judge_that_erred_in_none_of_three_outputs_may_err() -> None:
    """One good and two not good outputs, all rightly judged, leave nearly everything open."""
    found = rogan_gladen(6, 20, (1, 1), (2, 2))
    assert found is not None
    assert found.value == pytest.approx(0.30)
    assert found.interval.low == 0
    assert found.interval.high > 0.95


@pytest.mark.parametrize("rate", [0.1, 0.4, 0.7])
def test_the_corrected_rate_is_held_in_95_of_100(rate: float) -> None:
    """By enumeration of 20 judged outputs, five reviewed of each kind, and a judge of .85 and .75."""
    apparent = rate * 0.85 + (1 - rate) * 0.25
    held = every = 0.0
    for good, right, rightly in product(range(21), range(6), range(6)):
        chance = binom.pmf(good, 20, apparent) * binom.pmf(right, 5, 0.85) * binom.pmf(rightly, 5, 0.75)
        if chance > 1e-6 and (found := rogan_gladen(good, 20, (right, 5), (rightly, 5))):
            every += chance
            held += chance * (found.interval.low <= rate <= found.interval.high)
    assert held / every >= 0.95


def test_a_judge_no_better_than_chance_cannot_be_corrected() -> None:
    """Sensitivity and specificity of one in sum, or nothing to take them from, give no correction."""
    assert rogan_gladen(10, 20, (5, 10), (5, 10)) is None
    assert rogan_gladen(10, 20, (0, 0), (5, 10)) is None
    assert rogan_gladen(0, 0, (5, 10), (5, 10)) is None
