"""One judge at work: which verdicts it lacks, what it asks, and what becomes of its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import planted
import pytest
from judged_world import PASSING, hooks, judge, mixed, plan_of, run_of, verdict_by

from medbench.errors import ProviderDownError
from medbench.judging.ask import Graded, Result
from medbench.schema.response import Response
from medbench.schema.verdict import JudgedText, Listing, Verdict
from medbench.steps.judge.grader import Grader, Question
from medbench.steps.judge.judges import Judge
from medbench.steps.judge.session import JobId, JudgingSession, open_session
from medbench.steps.reading.outputs import judged_text
from medbench.steps.reading.verdict_book import VerdictKey
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import RESPONSES, VERDICTS, RunFolder

pytestmark = pytest.mark.usefixtures("planted_judge")
JUDGE = judge()


@pytest.fixture
def runs(world: BenchmarkFolder, tmp_path: Path) -> list[RunFolder]:
    """Two runs with an output for the first three cases."""
    return [
        run_of(world, tmp_path / "runs", name, lambda n: mixed(n) if n < 3 else None) for name in ("a", "b")
    ]


def at_work(
    runs: list[RunFolder], do: Callable[[JudgingSession, Grader], Any], by: Judge = JUDGE, **changes: Any
) -> Any:
    """Let a grader do something in an open session; what is awaitable is awaited."""

    async def work() -> Any:
        with open_session(plan_of(*runs, **{"judges": (by,)} | changes), hooks()) as session:
            grader = Grader(session, by)
            try:
                result = do(session, grader)
                return await result if asyncio.iscoroutine(result) else result
            finally:
                await grader.close()

    return asyncio.run(work())


def _named(jobs: Collection[JobId]) -> list[tuple[str, str, int]]:
    return sorted((job.run.folder.name, job.key.case_id, job.key.judge_replicate) for job in jobs)


def _verdicts(run: RunFolder) -> list[Verdict]:
    return list(read_records(run.path / VERDICTS, Verdict))


def test_what_is_missing_may_still_come(runs: list[RunFolder]) -> None:
    """A verdict and a final failure are done; a failure that may pass is not, nor one of another judge."""

    def look(session: JudgingSession, grader: Grader) -> Any:
        book = session.runs[0].book(JUDGE.key)
        book.add(verdict_by(JUDGE, 0, "good"))
        book.add(verdict_by(JUDGE, 1))
        book.add(verdict_by(JUDGE, 2, failure=PASSING))
        session.runs[1].book(judge("another").key).add(verdict_by(judge("another"), 0, "good"))
        return _named(grader.missing())

    b = [("b", f"case-00{n}", 0) for n in range(3)]
    assert at_work(runs, look) == [("a", "case-002", 0), *b]
    assert ("a", "case-000", 1) in at_work(runs, look, replicates=2)


def test_a_stale_verdict_is_missing_only_where_that_is_asked_for(runs: list[RunFolder]) -> None:
    """A verdict of a text that is parsed otherwise now; one that was given since is none."""
    old = JudgedText(sha256="0" * 64, parser="findings-0")

    def look(session: JudgingSession, grader: Grader) -> Any:
        run = session.runs[0]
        first, second = (judged_text(run.text(f"case-00{case}", 0))[1] for case in (1, 2))
        for case, text in ((0, old), (1, old), (1, first), (2, second)):
            run.book(JUDGE.key).add(verdict_by(JUDGE, case, "good", judged_text=text))
        return [case for name, case, _ in _named(grader.missing()) if name == "a"]

    assert at_work(runs, look) == []
    assert at_work(runs, look, stale=True) == ["case-000"]


def test_only_failures_that_may_pass_are_tried_once_more(runs: list[RunFolder]) -> None:
    """Of the jobs at hand alone; a text that succeeded after its failure is done."""

    def look(session: JudgingSession, grader: Grader) -> Any:
        book = session.runs[0].book(JUDGE.key)
        book.add(verdict_by(JUDGE, 0, failure=PASSING))
        book.add(verdict_by(JUDGE, 1, failure=PASSING))
        book.add(verdict_by(JUDGE, 1, "good"))
        book.add(verdict_by(JUDGE, 2))
        everything = {job.id for job in session.jobs()}
        some = {job for job in everything if job.key.case_id != "case-000"}
        return _named(grader.failed_transiently(everything)), _named(grader.failed_transiently(some))

    assert at_work(runs, look) == ([("a", "case-000", 0)], [])


def test_each_answer_is_in_the_ledger_of_its_run(runs: list[RunFolder]) -> None:
    """The wanted verdicts and no others, each with the response that it was made from."""

    async def grade(session: JudgingSession, grader: Grader) -> None:
        await grader.grade("judged", {JobId(session.runs[1], VerdictKey("case-001", 0, 0))})
        assert session.spending.graded == 1

    at_work(runs, grade)
    assert _verdicts(runs[0]) == []
    (verdict,) = _verdicts(runs[1])
    (response,) = read_records(runs[1].path / RESPONSES, Response)
    assert verdict.responses == (response.response_id,)
    assert (verdict.case_id, verdict.grade, verdict.by_fallback) == ("case-001", "partial", False)
    assert not (runs[0].path / RESPONSES).exists()


def test_a_fallback_speaks_in_the_name_of_the_judge(runs: list[RunFolder]) -> None:
    """Its verdict is the judge's, by fallback, with its own model; its answer has a role of its own."""
    second = judge("second", rubric="report-like", family="medgemma")

    async def grade(session: JudgingSession, grader: Grader) -> None:
        jobs = {JobId(session.runs[0], VerdictKey("case-000", 0, 0))}
        await grader.grade("by the fallback", jobs, instead_of=JUDGE)
        await grader.grade("judged", jobs)

    at_work(runs, grade, second)
    stood_in, own = _verdicts(runs[0])
    assert (stood_in.rater, stood_in.rater_digest, stood_in.by_fallback) == (*JUDGE.key, True)
    assert (stood_in.asked, stood_in.same_family) == ("second", True)
    assert (own.rater, own.by_fallback) == (second.rater, False)
    roles = [response.call_for.role for response in read_records(runs[0].path / RESPONSES, Response)]
    assert roles == ["fallback", "model"], "the one answer does not stand for the other"


def test_a_judge_that_was_given_up_is_asked_nothing_more(runs: list[RunFolder]) -> None:
    """What it said before stays; the texts that follow have no verdict, and no failure either."""

    async def grade(session: JudgingSession, grader: Grader) -> None:
        asked = 0

        async def ask(question: Question) -> tuple[Result[Graded], Listing | None]:
            nonlocal asked
            asked += 1
            if asked == 2:
                raise ProviderDownError("gone", "later")
            return Result(Graded("good", True, "so")), None

        grader.ask = ask  # type: ignore[method-assign] # a judge that dies
        grader.at_a_time = 1
        await grader.grade("judged", {job.id for job in session.jobs()})
        assert asked == 2
        assert grader.down is not None

    at_work(runs, grade)
    assert [verdict.grade for run in runs for verdict in _verdicts(run)] == ["good"]


def test_a_list_that_could_not_be_made_is_the_failure_of_the_verdict(runs: list[RunFolder]) -> None:
    """Nothing is asked about the text; no response is behind the failure, and no tokens are its own."""
    planted.Planted.answers = staticmethod(lambda request, number: "no list")
    matching = judge(rubric="matched-1")

    async def grade(session: JudgingSession, grader: Grader) -> None:
        await grader.grade("judged", {JobId(session.runs[0], VerdictKey("case-000", 0, 0))})
        await grader.settle()

    at_work(runs, grade, matching)
    (verdict,) = _verdicts(runs[0])
    assert verdict.failure is not None
    assert verdict.failure.kind == "prose"
    assert verdict.failure.reason.startswith("the reference's findings could not be listed")
    assert (verdict.responses, verdict.usage.input, verdict.cost) == ((), None, None)
    assert len(planted.Planted.asked) == 2, "the list, and once more with the error"


def test_a_question_without_a_list_needs_none(runs: list[RunFolder]) -> None:
    """A fallback by a rubric of its own gives grades where the judge gives matches."""

    async def ask(session: JudgingSession, grader: Grader) -> Any:
        job = next(session.jobs())
        question = Question(
            job.id.run, job.case, job.reference, "A mass.", "output-first", _call(job.case.case_id)
        )
        return await grader.ask(question)

    result, listing = at_work(runs, ask)
    assert listing is None
    assert result.value is not None
    (request,) = planted.Planted.asked
    assert request.text.index("<<<OUTPUT>>>") < request.text.index("<<<REFERENCE>>>")


def _call(case_id: str) -> Any:
    from medbench.schema.response import CallFor

    return CallFor(case_id=case_id, stage="judge")


def test_captions_are_told_in_that_context_alone(runs: list[RunFolder]) -> None:
    """A judge without it is told nothing of the images, whatever is recorded."""
    told = JUDGE.model_copy(update={"context": "captions"})

    def facts(session: JudgingSession, grader: Grader) -> str:
        job = next(session.jobs())
        return grader.image_facts(job.id.run, job.case, job.reference)

    assert at_work(runs, facts) == ""
    assert "Caption: caption 0 of case-000" in at_work(runs, facts, told)
