"""A panel's verdict: the majority of its judges, once all of them have graded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from judged_world import hooks, judge, mixed, plan_of, run_of, verdict_by

from medbench.schema.verdict import JudgedText, Verdict
from medbench.steps.judge.judges import Panel
from medbench.steps.judge.panel import write_panel
from medbench.steps.judge.session import JudgingSession, open_session
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS

A, B, C = judge("a"), judge("b"), judge("c")
PANEL = Panel(members=(A, B, C))
TEXT = JudgedText(sha256="0" * 64, parser="findings-2")


@pytest.fixture
def session(world: BenchmarkFolder, tmp_path: Path) -> Iterator[JudgingSession]:
    """Two runs with an output for the first three cases."""
    runs = [
        run_of(world, tmp_path / "runs", name, lambda n: mixed(n) if n < 3 else None) for name in ("x", "y")
    ]
    with open_session(plan_of(*runs, judges=(A, B, C)), hooks()) as opened:
        yield opened


def _written(session: JudgingSession, run: int = 0) -> dict[str, Verdict]:
    asyncio.run(write_panel(session, PANEL))
    verdicts = read_records(session.runs[run].folder.path / VERDICTS, Verdict)
    return {verdict.case_id: verdict for verdict in verdicts if verdict.rater_kind == "panel"}


def test_two_of_three_decide(session: JudgingSession) -> None:
    """Grade and key finding each by majority; members, spread and the common text are kept."""
    run = session.runs[0]
    for member, grade, key in ((A, "good", True), (B, "poor", False), (C, "good", False)):
        verdict = verdict_by(member, 0, grade, key_finding=key, judged_text=TEXT)
        run.book(member.key).add(verdict)
    (verdict,) = _written(session).values()
    assert (verdict.grade, verdict.key_finding, verdict.spread) == ("good", False, 2)
    assert verdict.members == {"a": "good", "b": "poor", "c": "good"}
    assert (verdict.rater, verdict.rater_digest) == PANEL.key
    assert verdict.judged_text == TEXT
    assert _written(session) == {"case-000": verdict}, "it is not written twice"


def test_a_panel_needs_all_its_judges(session: JudgingSession) -> None:
    """Two of three are no panel, nor is one of them that failed."""
    book = session.runs[0].book
    for member in (A, B):
        book(member.key).add(verdict_by(member, 0, "good"))
    book(C.key).add(verdict_by(C, 0))
    assert _written(session) == {}


def test_three_that_differ_give_the_middle(session: JudgingSession) -> None:
    """No majority: the median; and a text that they did not all read is named by none."""
    grades = ((A, "good", "1"), (B, "partial", "2"), (C, "poor", "1"))
    for member, grade, digit in grades:
        text = JudgedText(sha256=digit * 64, parser="findings-2")
        session.runs[0].book(member.key).add(verdict_by(member, 1, grade, judged_text=text))
    (verdict,) = _written(session).values()
    assert (verdict.grade, verdict.spread, verdict.judged_text) == ("partial", 2, None)
    assert verdict.key_finding is None, "none of them said"


def test_a_case_that_the_fallback_grades_counts_with_its_grade(session: JudgingSession) -> None:
    """Of both runs, since it stands in for one of them; the member's own grade is left aside."""
    for run in session.runs:
        for member in (A, B, C):
            run.book(member.key).add(verdict_by(member, 2, "good"))
    session.runs[0].book(A.key).own.clear()
    for run in session.runs:
        run.book(A.key).add(verdict_by(A, 2, "poor", by_fallback=True))
        run.book(B.key).own.clear()
        run.book(B.key).add(verdict_by(B, 2, "poor"))
    assert [_written(session, run)["case-002"].grade for run in (0, 1)] == ["poor", "poor"]
    assert _written(session, 1)["case-002"].members["a"] == "poor"
