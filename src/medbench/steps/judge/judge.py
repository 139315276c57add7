"""The step `judge`: outputs against their references; the same call again judges only what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import ProviderDownError
from medbench.schema.results.judge_result import JudgingResult
from medbench.steps.access.stop import ending_at_once, run_blocking
from medbench.steps.access.waiting import telling
from medbench.steps.judge.audit import audit
from medbench.steps.judge.checks import needed_fallback, needed_judges, plan_refusals
from medbench.steps.judge.dry_run import dry_run
from medbench.steps.judge.fallback import cases_for_fallback, has_failed, is_missing, needs_fallback
from medbench.steps.judge.grader import Grader
from medbench.steps.judge.judges import Panel
from medbench.steps.judge.judging_plan import JudgingHooks
from medbench.steps.judge.outage import outage_reason
from medbench.steps.judge.panel import write_panel
from medbench.steps.judge.session import open_session
from medbench.steps.judge.standings import standings
from medbench.steps.reading.verdict_book import fallback_cases

if TYPE_CHECKING:
    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.judging_plan import JudgingPlan
    from medbench.steps.judge.session import JudgingSession
    from medbench.steps.reading.verdict_book import RaterKey


def judge_all(plan: JudgingPlan, hooks: JudgingHooks | None = None) -> JudgingResult:
    """Do what `judge_async` does, from code that is not async; also where an event loop runs already.

    Raises:
        LockedError: Another process is writing one of the runs.
        StoreError: Something could not be written.
        KeyboardInterrupt: Ctrl-C was pressed twice.
    """
    hooks = hooks or JudgingHooks()
    return run_blocking(judge_async(plan, hooks), hooks.stop)


async def judge_async(plan: JudgingPlan, hooks: JudgingHooks | None = None) -> JudgingResult:
    """Let each judge grade what is missing, its fallback what it could not, then the canaries.

    Raises:
        UsageError: A judge cannot be asked, or the cases may not be sent to it; nothing is written then.
        LockedError: Another process is writing one of the runs.
        StoreError: Something could not be written.
        KeyboardInterrupt: Ctrl-C was pressed before anything was sent.
    """
    hooks = hooks or JudgingHooks()
    with ending_at_once():
        forecast = dry_run(plan)
        for refusal in plan_refusals(plan, forecast, hooks.watcher.notice):
            raise refusal
    hooks.planned(forecast)
    with hooks.stop.on_interrupt(hooks.watcher.notice), open_session(plan, hooks) as session:
        result = JudgingResult(
            fallback=plan.fallback.name if plan.fallback else None,
            fallback_on_outage=plan.fallback_on == "outage",
            spending=session.spending,
        )
        raters = (*plan.judges, *((plan.fallback,) if plan.fallback else ()))
        graders = {judge.key: Grader(session, judge) for judge in raters}
        async with telling(session.waits, hooks.watcher.waiting):
            await session.batches.collect()
        try:
            asked = needed_judges(plan, forecast) or needed_fallback(plan, forecast)
            for words in session.before.unreadable() if asked else ():
                hooks.watcher.notice(words)
            async with telling(session.waits, hooks.watcher.waiting):
                for judge in plan.judges:
                    if not hooks.stop.is_set():
                        await _grade(session, graders, judge, result)
                if not hooks.stop.is_set():
                    await _send(session, result)
        finally:
            result.waiting = session.batches.waiting
            for words in session.batches.notices():
                hooks.watcher.notice(words)
            for grader in graders.values():
                await grader.close()
        if len(plan.judges) > 1:
            panel = Panel(members=plan.judges)
            await write_panel(session, panel)
            result.panel = panel.rater
            result.standings += standings(session, panel.key)
        for judge in plan.judges:
            result.standings += standings(session, judge.key)
            result.fallback_cases[judge.rater] = fallback_cases(run.book(judge.key) for run in session.runs)
        return result


async def _send(session: JudgingSession, result: JudgingResult) -> None:
    """Send in batches what is wanted."""
    try:
        await session.batches.send()
    except ProviderDownError as error:
        result.down[session.plan.judges[0].rater] = error


async def _grade(
    session: JudgingSession, graders: dict[RaterKey, Grader], judge: Judge, result: JudgingResult
) -> None:
    """Let one judge do all it can, and its fallback what is left."""
    grader, fallback = graders[judge.key], session.plan.fallback
    stopped = session.hooks.stop.is_set
    missing = grader.missing()
    await grader.grade("judged", missing, done=sum(1 for _ in session.jobs()) - len(missing))
    if grader.pending:
        await grader.settle()
        return  # what follows rests on all grades
    if grader.down is None and not stopped() and not session.plan.batch:
        # A short outage is over by the time that all else is done.
        await grader.grade("once more", grader.failed_transiently(missing))
    if grader.down is None and not stopped():
        grader.down = await outage_reason(session, grader)
    await grader.settle()
    if fallback and not stopped() and (grader.down is None or session.plan.fallback_on == "outage"):
        case_ids = (case.case_id for case, _ in session.cases())
        judged = [(run.outputs, run.book(judge.key)) for run in session.runs]
        cases = cases_for_fallback(session.plan, case_ids, judged, is_missing if grader.down else has_failed)
        jobs = {job.id for job in session.jobs() if job.id.key.case_id in cases}
        second = graders[fallback.key]
        wanted = {job for job in jobs if needs_fallback(job.run.book(judge.key), job.key)}
        await second.grade("by the fallback", wanted, instead_of=judge)
        await second.settle()
        if second.down is not None:
            result.down[fallback.rater] = second.down
    works = grader.unusable.answered or not missing
    if grader.down is None and not stopped() and session.plan.canaries and works:
        await audit(session, grader)
        await grader.settle()
    if grader.down is not None:
        result.down[judge.rater] = grader.down
