"""Canaries: in every pass a judge is asked about texts whose right grade is known, until there are enough."""

from __future__ import annotations

from heapq import nsmallest
from itertools import islice
from typing import TYPE_CHECKING

from medbench.errors import PendingError, ProviderDownError
from medbench.executors.local import for_each
from medbench.judging.canaries import GROUPS, CanaryCase, GradedText, plan_canaries, random_rank
from medbench.schema.response import CallFor
from medbench.schema.verdict import Canary
from medbench.steps.judge.grader import Question
from medbench.steps.reading.outputs import judged_text, sha256
from medbench.steps.reading.verdict_book import RaterKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.judging.canaries import PlannedCanary
    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.steps.judge.grader import Grader
    from medbench.steps.judge.session import JudgingSession

    Cases = dict[str, tuple[Case, Reference]]

_FIRST = "must be poor"
_CASES_A_CANARY = 2
"""Cases that are looked at for each canary: not every case has a side or a size to change."""


async def audit(session: JudgingSession, grader: Grader) -> None:
    """Judge the canaries that a judge still lacks.

    Texts that must be poor come first: those that the judge did call poor are then made to look better,
    together with the outputs that it did not call good.
    """
    wanted = session.plan.canaries
    done = _done(session, grader)
    await _take_over(session, grader, done)
    if len(done) >= wanted:
        return
    cases = _some_cases(session)
    known = [CanaryCase(case.case_id, case.region, ref.topic, ref.text) for case, ref in cases.values()]
    graded = _graded_texts(session, grader, cases)
    poor = sum(canary.probe in GROUPS[_FIRST] for canary in done)
    share = -(-wanted // len(GROUPS))
    watcher = session.hooks.watcher
    watcher.begin("canaries", len(done), wanted)
    for groups, more in (({_FIRST}, share - poor), (GROUPS.keys(), wanted)):
        planned = plan_canaries(
            known,
            graded,
            done,
            wanted=min(more, wanted - len(done)),
            seed=session.plan.seed,
            runs=len(session.runs),
            groups=groups,
        )
        for plan, canary in await _judge(session, grader, cases, planned):
            done.append(canary)
            if plan.probe == "other_case" and canary.grade is not None:
                graded.append(GradedText(plan.run, plan.case_id, 0, plan.text, canary.grade, plan.order))
        if grader.pending:
            break  # the others rest on these
    watcher.end("canaries")


def _done(session: JudgingSession, grader: Grader) -> list[Canary]:
    """Return the canaries of a judge that are not asked about again."""
    key = grader.key
    return [
        canary
        for run in session.runs
        for canary in run.canaries
        if RaterKey.of(canary) == key and canary.is_settled
    ]


async def _take_over(session: JudgingSession, grader: Grader, done: list[Canary]) -> None:
    """Add the canaries that other runs have paid for, as far as they are wanted."""
    wanted, run, judge = session.plan.canaries - len(done), session.runs[0], grader.judge
    if wanted <= 0:
        return
    references = {case.case_id: reference for case, reference in session.cases()}
    for canary in list(islice(session.before.canaries(judge.digest, references, done), wanted)):
        for name in canary.responses:
            if response := session.before.response(name):
                await run.ledger.take_over(response)
                session.spending.account.add(response)
        done.append(canary.model_copy(update={"rater": judge.rater}))
        await run.audit.commit(done[-1])


async def _judge(
    session: JudgingSession, grader: Grader, cases: Cases, planned: Sequence[PlannedCanary]
) -> list[tuple[PlannedCanary, Canary]]:
    judged: list[tuple[PlannedCanary, Canary]] = []

    async def ask(plan: PlannedCanary) -> None:
        if grader.down is not None:
            return
        run = session.runs[plan.run]
        case, reference = cases[plan.case_id]
        call_for = CallFor(case_id=plan.case_id, stage=f"canary-{plan.probe}", role=plan.role)
        facts = grader.image_facts(run, case, reference)
        question = Question(run, case, reference, plan.text, plan.order, call_for, image_facts=facts)
        try:
            result, _ = await grader.ask(question)
        except PendingError:
            grader.pending += 1
            return
        except ProviderDownError as error:
            grader.down = error
            return
        session.spending.add_canary(asked_twice=result.asked_twice)
        canary = Canary(
            case_id=plan.case_id,
            rater=grader.judge.rater,
            rater_digest=grader.judge.digest,
            probe=plan.probe,
            detail=plan.detail,
            base=plan.base,
            allowed=plan.allowed,
            grade=result.value.grade if result.value else None,
            key_finding=result.value.key_finding if result.value else None,
            rationale=result.value.rationale if result.value else None,
            failure=result.failure,
            order=plan.order,
            text_sha256=sha256(plan.text),
            responses=result.response_ids,
            reused_from=result.reused_from,
        )
        try:
            await grader.unusable.add(run, canary, result)
        except ProviderDownError as error:
            grader.down = error
        judged.append((plan, canary))
        kind = canary.failure.kind if canary.failure else None
        session.hooks.watcher.step("canaries", kind, again=result.asked_twice)

    await for_each(planned, ask, at_a_time=grader.at_a_time, stopped=session.hooks.stop.is_set)
    return judged


def _some_cases(session: JudgingSession) -> Cases:
    """Return cases drawn by chance, so many that each probe finds some that it can change."""
    seed, wanted = session.plan.seed, max(20, _CASES_A_CANARY * session.plan.canaries)
    drawn = nsmallest(
        wanted, session.cases(), key=lambda pair: random_rank(seed, "canaries", pair[0].case_id)
    )
    return {case.case_id: (case, reference) for case, reference in drawn}


def _graded_texts(session: JudgingSession, grader: Grader, cases: Cases) -> list[GradedText]:
    """Return outputs of these cases that this judge itself has graded, as they are parsed now."""
    graded = []
    for number, run in enumerate(session.runs):
        book = run.book(grader.key)
        for case_id in cases:
            for key in session.plan.keys_of(run.outputs, case_id):
                verdict = book.own.get(key)
                if key.judge_replicate or verdict is None or verdict.order is None:
                    continue
                text, judged = judged_text(run.text(case_id, key.replicate))
                if judged.sha256 == verdict.sha256:
                    graded.append(
                        GradedText(number, case_id, key.replicate, text, verdict.grade, verdict.order)
                    )
    return graded
