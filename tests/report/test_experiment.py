"""The screens of experiments: which systems none beats at their price, and what so many cases can show."""

from __future__ import annotations

from typing import Any

import pytest
from results import comparison, estimate, plan, system_row
from screens import printed

from medbench.report.experiment import forecast_screen, frontier
from medbench.schema.experiment import Experiment, Versus
from medbench.schema.results.system_row import SystemRow
from medbench.stats.power import detectable


def _row(name: str, f1: float, usd: float | None, seconds: float | None) -> SystemRow:
    metrics = {"finding.f1": estimate(f1)}
    if seconds is not None:
        metrics["latency_ms"] = estimate(1000 * seconds)
    return system_row(name, cost_usd=usd, cost_unknown=0 if usd is not None else 1, metrics=metrics)


def _marks(*rows: SystemRow) -> dict[str, str]:
    lines = printed(*frontier(comparison(*rows), "finding.f1")).splitlines()[1 : len(rows) + 1]
    return {line.split()[0]: line[-1] if line[-1] in "*?" else "" for line in map(str.rstrip, lines)}


@pytest.mark.parametrize(
    ("rows", "marks"),
    [
        ([("best", 0.5, 2.0, 4.0), ("cheap", 0.4, 1.0, 4.0)], {"best": "*", "cheap": "*"}),
        ([("best", 0.5, 1.0, 4.0), ("worse", 0.4, 1.0, 4.0)], {"best": "*", "worse": ""}),
        ([("dear", 0.5, 2.0, 4.0), ("same", 0.5, 1.0, 4.0)], {"dear": "", "same": "*"}),
        ([("dear", 0.1 + 0.2, 2.0, 4.0), ("same", 0.3, 1.0, 4.0)], {"dear": "", "same": "*"}),
        ([("one", 0.5, 1.0, 4.0), ("twin", 0.5, 1.0, 4.0)], {"one": "*", "twin": "*"}),
        ([("best", 0.5, 1.0, None), ("worse", 0.4, 1.0, None)], {"best": "*", "worse": ""}),
        ([("best", 0.5, None, 4.0), ("known", 0.4, 1.0, 4.0)], {"best": "?", "known": "*"}),
        ([("best", 0.5, None, None), ("worse", 0.4, None, None)], {"best": "*", "worse": ""}),
    ],
)
def test_the_frontier_is_of_systems_that_none_beats(
    rows: list[tuple[str, float, float | None, float | None]], marks: dict[str, str]
) -> None:
    """A dimension that is known of none is left aside; what is not known of one is no ground for a mark."""
    assert _marks(*(_row(*row) for row in rows)) == marks


def _forecast(**declared: Any) -> str:
    experiment = Experiment(question="q", benchmark="b", max_cost=1, **declared)
    return printed(*forecast_screen(plan(), 0.0, 1.0, 40, experiment))


def test_a_planned_look_shows_less() -> None:
    """Its tests are at a lower level, so that it takes a larger difference."""
    once, second = (
        int(_forecast(**more).split("good of ")[1].split()[0]) for more in ({}, {"compare": Versus(look=2)})
    )
    assert [once, second] == [
        round(100 * (detectable(40, 0.3, alpha=alpha) or 1)) for alpha in (0.05, 0.05 / 6)
    ]
    assert once < second


def test_what_cases_can_show_is_said_of_grades_alone() -> None:
    """An experiment that a metric decides isn't told what it would take in another."""
    said = {primary: _forecast(primary=primary) for primary in ("good", "finding.f1")}
    assert "difference in good of" in said["good"]
    assert "good" not in said["finding.f1"]
    assert "expected" not in said["finding.f1"], "a table without rows"
