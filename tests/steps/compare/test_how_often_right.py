"""How often conclusions are right: few groups of dependent cases, and several looks at growing data."""

from __future__ import annotations

import numpy as np
import pytest
from columns import cases, side
from exhaustive import bounded

from medbench.schema.results.comparison import Conclusion, Pair
from medbench.stats.power import alpha_at
from medbench.steps.compare import conclusion
from medbench.steps.compare.conclusion import Criteria, concluded
from medbench.steps.compare.pairs import PairSide, graded_pair, metric_differences

ROUNDS = bounded(2_000, 100)
MOST = 0.05 + 2.6 * (0.05 * 0.95 / ROUNDS) ** 0.5
"""Share that chance alone gives one time in 200 where the true one is .05."""


@pytest.fixture(autouse=True)
def _no_planning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out how many pairs it would take, which is slow and decides nothing."""
    for name in ("pairs_needed", "pairs_needed_range"):
        monkeypatch.setattr(conclusion, name, lambda *_, **__: None)


def _conclusion(a: PairSide, b: PairSide, metric: str, look: int | None = None) -> Conclusion:
    n, alpha = len(a.table.cases), alpha_at(look)
    graded = graded_pair(a, b, np.ones(n, dtype=bool), alpha) if metric == "good" else None
    metrics = {} if graded else metric_differences(a, b, frozenset(), alpha)
    counts = {"both": n, "only_a": 0, "only_b": 0, "neither": 0}
    pair = Pair(a="a", b="b", metrics=metrics, graded=graded, **counts)
    (told,) = concluded(metric, [pair], [n], [None], Criteria(None, 0.95, None, look))
    assert told.conclusion is not None
    return told.conclusion


def _letters(good: np.ndarray) -> str:
    return "".join("g" if one else "o" for one in good)


@pytest.mark.parametrize("groups", [6, 10, 20])
@pytest.mark.parametrize("metric", ["good", "finding.f1", "above_chance.finding.f1"])
def test_few_patients_make_no_false_better(metric: str, groups: int) -> None:
    """Ten cases a patient, each system right or wrong by patient: better or worse in at most 5 %."""
    random = np.random.default_rng(7)
    patients = np.repeat(np.arange(groups), 10)
    known = cases(len(patients), topics=patients.tolist())
    claims = 0
    for _ in range(ROUNDS):
        both = []
        for _system in "ab":
            if metric == "good":
                good = random.random(len(patients)) < random.choice([0.1, 0.9], groups)[patients]
                both.append(side(_letters(good), of=known))
            else:
                score = 0.8 * random.random(groups)[patients] + 0.2 * random.random(len(patients))
                chance = 0.2 * random.random(len(patients))
                both.append(side(of=known, finding__f1=score.tolist(), swap__finding__f1=chance.tolist()))
        claims += _conclusion(both[0], both[1], metric).outcome != "inconclusive"
    assert claims / ROUNDS <= MOST


@pytest.mark.parametrize("groups", [6, 60])
@pytest.mark.parametrize("differs", [0.04, 0.3, 1.0], ids=["rare", "sparse", "all"])
def test_a_difference_at_the_margin_is_seldom_called_equivalent(differs: float, groups: int) -> None:
    """Two hundredths in finding F1, all of it from some of the patients or spread over all: at most 5 %."""
    random = np.random.default_rng(8)
    patients = np.repeat(np.arange(groups), 6)
    known = cases(len(patients), topics=patients.tolist())
    a = side(of=known, finding__f1=[0.4] * len(patients))
    claims = 0
    for _ in range(ROUNDS):
        hit = random.random(groups) < differs
        gain = np.where(hit, 0.02 / differs * (1 + 0.3 * random.normal(size=groups)), 0)[patients]
        b = side(of=known, finding__f1=(0.4 + gain).tolist())
        claims += _conclusion(a, b, "finding.f1").outcome == "equivalent"
    assert claims / ROUNDS <= MOST


def test_three_looks_at_growing_data_make_no_more_false_claims_than_one() -> None:
    """60, 120 and 240 cases of two equal systems: with planned looks at most 5 % ever claim something."""
    random = np.random.default_rng(9)
    claims = 0
    for _ in range(ROUNDS):
        first, second = (random.random(240) < 0.4 for _ in "ab")
        claims += any(
            _conclusion(side(_letters(first[:n])), side(_letters(second[:n])), "good", look).outcome
            in {"better", "worse"}
            for look, n in enumerate((60, 120, 240), 1)
        )
    assert claims / ROUNDS <= MOST
