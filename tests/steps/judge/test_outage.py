"""A judge is down where something failed in passing, and a question that it has answered before fails too."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from judged_world import PASSING, hooks, judge, mixed, plan_of, run_of, verdict_by
from planted import Planted

from medbench.errors import BudgetError, ProviderDownError
from medbench.judging.ask import Graded, Result
from medbench.schema.response import Failure
from medbench.schema.verdict import Listing
from medbench.steps.judge.grader import Grader, Question
from medbench.steps.judge.outage import outage_reason
from medbench.steps.judge.session import JudgingSession, open_session
from medbench.store.benchmark import BenchmarkFolder

pytestmark = pytest.mark.usefixtures("planted_judge")
JUDGE = judge()
WHY = f"{PASSING.kind}: {PASSING.reason}"
"""What the service said last, which a person can look up."""
READABLE = Result(Graded("good", True, "so"))


@pytest.fixture
def session(world: BenchmarkFolder, tmp_path: Path) -> Iterator[JudgingSession]:
    """A run with three outputs."""
    run = run_of(world, tmp_path / "runs", "system", lambda n: mixed(n) if n < 3 else None)
    with open_session(plan_of(run), hooks()) as opened:
        yield opened


def _reason(
    session: JudgingSession, answer: Result[Graded] | ProviderDownError
) -> tuple[str | None, list[Question]]:
    """Why the judge is down if it answers so, and what it was asked to find out."""
    grader, questions = Grader(session, JUDGE), []

    async def ask(question: Question) -> tuple[Result[Graded], Listing | None]:
        questions.append(question)
        if isinstance(answer, ProviderDownError):
            raise answer
        return answer, None

    grader.ask = ask  # type: ignore[method-assign] # it answers as it is told
    reason = asyncio.run(outage_reason(session, grader))
    return (reason.message if reason else None), questions


def test_without_a_failure_that_may_pass_nothing_is_asked(session: JudgingSession) -> None:
    """A final failure is the text's; one that a success followed is over."""
    book = session.runs[0].book(JUDGE.key)
    book.add(verdict_by(JUDGE, 0))
    book.add(verdict_by(JUDGE, 1, failure=PASSING))
    book.add(verdict_by(JUDGE, 1, "good"))
    assert _reason(session, READABLE) == (None, [])


def test_a_judge_that_answers_a_known_question_is_there(session: JudgingSession) -> None:
    """Also where the answer cannot be read: somebody gave it."""
    book = session.runs[0].book(JUDGE.key)
    book.add(verdict_by(JUDGE, 1, "good"))
    book.add(verdict_by(JUDGE, 2, failure=PASSING))
    reason, (question,) = _reason(session, READABLE)
    assert reason is None
    assert question.case.case_id == "case-001"
    assert (question.call_for.stage, question.call_for.role) == ("canary-alive", "alive")
    assert question.sample > 0, "a recorded answer would say nothing about now"
    unreadable = Result[Graded](None, Failure(kind="prose", reason="words", final=True))
    assert _reason(session, unreadable)[0] is None


def test_a_judge_that_does_not_is_down(session: JudgingSession) -> None:
    """Whether the question fails in passing, or the client gives the judge up over it."""
    book = session.runs[0].book(JUDGE.key)
    book.add(verdict_by(JUDGE, 1, "good"))
    book.add(verdict_by(JUDGE, 2, failure=PASSING))
    silent = f"planted does not answer (asked again, a question that it had answered): {WHY}."
    assert _reason(session, Result(None, PASSING))[0] == silent
    assert _reason(session, ProviderDownError("given up", "later"))[0] == "given up"


def test_a_judge_that_never_answered_is_down(session: JudgingSession) -> None:
    """There is no question to ask it again: its failures are all that is known of it."""
    session.runs[0].book(JUDGE.key).add(verdict_by(JUDGE, 0, failure=PASSING))
    reason, questions = _reason(session, READABLE)
    assert reason == f"planted does not answer: {WHY}."
    assert questions == []


@pytest.mark.parametrize(("most", "asked"), [(0.0, 0), (1.0, 1)])
def test_the_question_that_it_answered_before_counts_for_the_ceiling(
    world: BenchmarkFolder, tmp_path: Path, planted_judge: type[Planted], most: float, asked: int
) -> None:
    """It is paid: what is left of the ceiling bounds it, and what it took is spent."""
    paid = judge(price={"input": 1.0, "output": 1.0}, settings={"max_tokens": 10}, limits={"image_tokens": 0})
    run = run_of(world, tmp_path / "runs", "system", lambda n: mixed(n) if n < 3 else None)
    with open_session(plan_of(run, judges=(paid,), max_cost=most, must_hold=True), hooks()) as session:
        book = session.runs[0].book(paid.key)
        book.add(verdict_by(paid, 1, "good"))
        book.add(verdict_by(paid, 2, failure=PASSING))

        async def scene() -> ProviderDownError | None:
            grader = Grader(session, paid)
            reason = await outage_reason(session, grader)
            await grader.close()
            return reason

        reason = asyncio.run(scene())
    assert isinstance(reason, BudgetError) == (not asked)
    assert len(planted_judge.asked) == asked
    assert session.spending.account.total().calls == asked
