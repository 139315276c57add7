"""The standing of a rater: what is judged, by whom, and what is missing and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from judged_world import PASSING, hooks, judge, mixed, plan_of, run_of, verdict_by

from medbench.steps.judge.session import JudgingSession, open_session
from medbench.steps.judge.standings import standings
from medbench.store.benchmark import BenchmarkFolder

JUDGE = judge()


@pytest.fixture
def two(world: BenchmarkFolder, tmp_path: Path) -> Iterator[JudgingSession]:
    """Two runs with an output for four cases and for three of them, each to be judged twice."""
    runs = [
        run_of(world, tmp_path / "runs", name, lambda n, last=last: mixed(n) if n < last else None)  # type: ignore[misc] # a default that binds
        for name, last in (("a", 4), ("b", 3))
    ]
    with open_session(plan_of(*runs, replicates=2), hooks()) as session:
        yield session


def test_what_is_missing_is_named_and_open_or_final(two: JudgingSession) -> None:
    """Never asked about, failed for good, failed in passing: each by its kind; a later success counts."""
    book = two.runs[0].book(JUDGE.key)
    book.add(verdict_by(JUDGE, 0, "good"))
    book.add(verdict_by(JUDGE, 0))
    book.add(verdict_by(JUDGE, 1, failure=PASSING))
    book.add(verdict_by(JUDGE, 2))
    book.add(verdict_by(JUDGE, 2, "poor", judge_replicate=1))
    a, b = standings(two, JUDGE.key)
    assert (a.rater, a.system, a.wanted, a.judged, a.by_fallback) == (JUDGE.rater, "a", 8, 2, 0)
    assert a.failures == {"not judged": 4, "timeout": 1, "prose": 1}
    assert a.open == 5
    assert a.coverage == 2 / 8
    assert a.failed_case == "case-001"
    assert (b.wanted, b.judged, b.failures, b.open) == (6, 0, {"not judged": 6}, 6)
    assert b.failed_case is None


def test_a_case_of_the_fallback_counts_with_its_verdict_everywhere(two: JudgingSession) -> None:
    """Also of a run where the judge itself has graded it: there the fallback's verdict is still missing."""
    first, second = (run.book(JUDGE.key) for run in two.runs)
    first.add(verdict_by(JUDGE, 0, "good", by_fallback=True))
    second.add(verdict_by(JUDGE, 0, "poor"))
    second.add(verdict_by(JUDGE, 0, by_fallback=True, judge_replicate=1))
    a, b = standings(two, JUDGE.key)
    assert (a.judged, a.by_fallback) == (1, 1)
    assert (b.judged, b.by_fallback) == (0, 0)
    assert b.failures == {"not judged": 5, "prose": 1}
    assert b.open == 5


def test_a_rater_that_graded_nothing_still_stands(two: JudgingSession) -> None:
    """All of its verdicts are open; a run without outputs is covered, since nothing is wanted."""
    assert [row.open for row in standings(two, judge("another").key)] == [8, 6]


def test_a_run_without_outputs_wants_nothing(world: BenchmarkFolder, tmp_path: Path) -> None:
    """Its coverage is whole: nothing is missing."""
    run = run_of(world, tmp_path / "runs", "empty", lambda _: None)
    with open_session(plan_of(run), hooks()) as session:
        (row,) = standings(session, JUDGE.key)
    assert (row.wanted, row.judged, row.open, row.coverage) == (0, 0, 0, 1.0)
