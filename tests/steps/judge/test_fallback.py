"""Which texts the fallback grades: whole cases, once, and of an outage only where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from judged_world import PASSING, hooks, judge, mixed, plan_of, run_of, verdict_by

from medbench.steps.judge.fallback import (
    cases_for_fallback,
    has_failed,
    is_given_up,
    is_missing,
    needs_fallback,
)
from medbench.steps.judge.open_runs import OpenRun
from medbench.steps.judge.session import JudgingSession, open_session
from medbench.steps.reading.verdict_book import VerdictBook, VerdictKey
from medbench.store.benchmark import BenchmarkFolder

JUDGE = judge()


@pytest.fixture
def two(world: BenchmarkFolder, tmp_path: Path) -> Iterator[JudgingSession]:
    """A session on two runs with an output for the first three cases."""
    runs = [
        run_of(world, tmp_path / "runs", name, lambda n: mixed(n) if n < 3 else None) for name in ("a", "b")
    ]
    with open_session(plan_of(*runs), hooks()) as session:
        yield session


def add(run: OpenRun, case: int, grade: str | None, **changes: Any) -> None:
    """Take note of a verdict of the judge, or of the fallback in its place."""
    run.book(JUDGE.key).add(verdict_by(JUDGE, case, grade, **changes))


def cases(
    session: JudgingSession, is_left: Callable[[VerdictBook, VerdictKey], bool] = has_failed
) -> frozenset[str]:
    """The cases for the fallback in the place of the judge."""
    judged = [(run.outputs, run.book(JUDGE.key)) for run in session.runs]
    case_ids = (case.case_id for case, _ in session.cases())
    return cases_for_fallback(session.plan, case_ids, judged, is_left)


def test_only_what_the_judge_failed_at_is_taken(two: JudgingSession) -> None:
    """A case that failed for one run is taken; one that succeeded later, or was never asked, is not."""
    runs = two.runs
    add(runs[0], 0, None)
    add(runs[0], 1, None, failure=PASSING)
    add(runs[0], 1, "good")
    assert cases(two) == {"case-000"}


def test_an_outage_takes_every_case_that_lacks_a_verdict(two: JudgingSession) -> None:
    """Also where the judge was never asked, and where one of the runs alone lacks it."""
    runs = two.runs
    for case in (0, 1):
        add(runs[0], case, "good")
    add(runs[1], 0, "good")
    assert cases(two, is_missing) == {"case-001", "case-002"}
    assert cases(two) == frozenset()


def test_what_may_pass_is_the_judges_until_it_was_asked(two: JudgingSession) -> None:
    """Before, only a failure for good is the fallback's; after, the other as well."""
    add(two.runs[0], 0, None)
    add(two.runs[1], 1, None, failure=PASSING)
    assert cases(two, is_given_up) == {"case-000"}
    assert cases(two) == {"case-000", "case-001"}


@pytest.mark.parametrize("beyond", [{"judge_replicate": 1}, {"replicate": 1}])
@pytest.mark.parametrize("failure", [{}, {"failure": PASSING}])
def test_what_the_plan_does_not_ask_for_is_nothing_to_stand_in_for(
    two: JudgingSession, beyond: dict[str, Any], failure: dict[str, Any]
) -> None:
    """A failure at another repeat, or at an output that is not there; a verdict of the fallback binds."""
    add(two.runs[0], 0, None, **beyond, **failure)
    assert cases(two, is_given_up) == cases(two) == frozenset()
    add(two.runs[0], 1, "good", by_fallback=True, **beyond)
    assert cases(two, is_given_up) == cases(two) == {"case-001"}


def test_what_was_taken_stays_taken(two: JudgingSession) -> None:
    """A case that the fallback has graded for one run is still needed for the others."""
    runs = two.runs
    add(runs[0], 2, "poor", by_fallback=True)
    assert cases(two) == {"case-002"}
    key = VerdictKey("case-002", 0, 0)
    assert not needs_fallback(runs[0].book(JUDGE.key), key)
    assert needs_fallback(runs[1].book(JUDGE.key), key)


def test_a_final_failure_of_the_fallback_is_not_asked_again(two: JudgingSession) -> None:
    """A failure that may pass is; the book of another judge says nothing."""
    run = two.runs[0]
    key = VerdictKey("case-000", 0, 0)
    add(run, 0, None, by_fallback=True, failure=PASSING)
    assert needs_fallback(run.book(JUDGE.key), key)
    add(run, 0, None, by_fallback=True)
    assert not needs_fallback(run.book(JUDGE.key), key)
    assert needs_fallback(run.book(judge("another").key), key)
