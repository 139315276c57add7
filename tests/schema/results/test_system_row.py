"""The order of rows, and the one floor that every screen names."""

from __future__ import annotations

from typing import Any

import pytest
from results import comparison, estimate, graded, system_row
from screens import printed

from medbench.report.compare.summary import overview, summary
from medbench.schema.results.comparison import Ranked, Ranking
from medbench.schema.results.system_row import best_floor, in_order

F1, ABOVE, RIGHT, RIGHT_ABOVE = (
    "finding.f1",
    "above_chance.finding.f1",
    "answer.right",
    "above_chance.answer.right",
)
DUST = -5.6e-18


def _floor(name: str, good: float | None = None, **means: float) -> Any:
    named = {"f1": F1, "above": ABOVE, "right": RIGHT, "right_above": RIGHT_ABOVE}
    metrics = {named[short]: estimate(mean) for short, mean in means.items()}
    grades = None if good is None else graded(good)
    return system_row(f"baseline-{name}", floor=True, metrics=metrics, graded=grades)


FIXED = _floor("normal", above=0.0, f1=0.35)
SAME = _floor("generic", above=0.0, f1=0.35)
POORER = _floor("generic", above=0.0, f1=0.08)
BETTER = _floor("random", above=0.02, f1=0.34)
DUSTY = _floor("normal", above=DUST, f1=0.35)
ASKED = _floor("a", right_above=0.1, right=0.4), _floor("b", right_above=0.2, right=0.3)
MAJORITY = _floor("a", right_above=0.0, right=0.4), _floor("b", right_above=0.0, right=0.6)


@pytest.mark.parametrize(
    ("metric", "floors", "best", "by"),
    [
        (ABOVE, [BETTER, FIXED], "random", ABOVE),
        (F1, [BETTER, FIXED], "normal", F1),
        (ABOVE, [POORER, FIXED], "normal", ABOVE),
        (ABOVE, [POORER, DUSTY], "normal", ABOVE),
        (ABOVE, [FIXED, SAME], "generic", ABOVE),
        ("good", [_floor("a", good=0.1, above=0.3), _floor("b", good=0.2, above=0.1)], "b", "good"),
        ("good", [_floor("a", above=0.1, f1=0.4), _floor("b", above=0.2, f1=0.3)], "b", ABOVE),
        ("good", [_floor("a", f1=0.4), _floor("b", f1=0.3)], "a", F1),
        ("good", [_floor("a", good=0.1), _floor("b", above=0.3)], "a", "good"),
        (RIGHT_ABOVE, [*ASKED], "b", RIGHT_ABOVE),
        (RIGHT_ABOVE, [*MAJORITY], "b", RIGHT_ABOVE),
    ],
)
def test_the_best_floor_is_that_of_the_metric_which_orders(
    metric: str, floors: list[Any], best: str, by: str
) -> None:
    """Equal ones by their raw metric, then by name; without the metric as where nothing is graded."""
    for rows in (floors, floors[::-1]):
        found = best_floor(rows, metric)
        assert found is not None
        assert (found.row.name, found.by) == (f"baseline-{best}", by)


def test_no_floor_with_a_number_is_none() -> None:
    """Nor is a baseline without one in any order."""
    assert best_floor([], ABOVE) is None
    assert best_floor([_floor("a")], ABOVE) is None
    assert in_order([_floor("a")], ABOVE) == []


FLOORS = (_floor("normal", above=0.0, f1=0.36), _floor("random", above=0.1, f1=0.35))


@pytest.mark.parametrize(
    ("systems", "metric", "rater"),
    [
        ("a", None, None),
        ("ab", None, None),
        ("ab", ABOVE, None),
        ("abc", ABOVE, None),
        ("ab", "good", "judge"),
    ],
)
def test_run_and_compare_name_the_same_floor(systems: str, metric: str | None, rater: str | None) -> None:
    """Whatever is tested and graded, of one system, two or many."""
    metrics = {ABOVE: estimate(0.3), F1: estimate(0.5)}
    untested = [system_row(name, metrics=metrics) for name in systems]
    rows = [row.model_copy(update={"graded": graded(0.5)}) if rater else row for row in untested]
    ranked = tuple(Ranked(name=name, groups="a", difference=None) for name in systems)
    reference = systems[0] if rater else "baseline-random"
    order = metric and Ranking(metric=metric, reference=reference, tests=1, systems=ranked)
    after_run = printed(*overview(comparison(*untested, floors=FLOORS)))
    compared = printed(*summary(comparison(*rows, floors=FLOORS, ranking=order, rater=rater)))
    for screen in (after_run, compared):
        assert "floor: random" in screen
        assert "floor: normal" not in screen
        assert "Floor: best of 2 baselines by finding F1 above chance." in " ".join(screen.split())
