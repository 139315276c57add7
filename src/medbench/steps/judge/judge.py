"""The step `judge`: outputs against their references; the same call again judges only what is missing."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from medbench.client.budget import Budget
from medbench.schema.results.judge_result import Judged
from medbench.steps.access.clients import Accounts, CallPolicy
from medbench.steps.access.stop import run_blocking
from medbench.steps.judge.audit import audit
from medbench.steps.judge.fallback import cases_for_fallback, needs_fallback
from medbench.steps.judge.grader import Grader
from medbench.steps.judge.judges import Panel
from medbench.steps.judge.listings import Listings
from medbench.steps.judge.open_runs import OpenRun, OpenRuns
from medbench.steps.judge.panel import write_panel
from medbench.steps.judge.standings import standings
from medbench.steps.reading.verdict_book import VerdictKey, fallback_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.session import JudgeSession


def judge_all(session: JudgeSession) -> Judged:
    """Let each judge grade what is missing, its fallback what it could not, then the canaries.

    Raises:
        LockedError: Another process is writing one of the runs.
        StoreError: Something could not be written.
    """

    async def work() -> Judged:
        with session.stop.on_interrupt(session.watcher.notice), OpenRuns(session) as benches:
            return await _judge_all(session, benches.all)

    return run_blocking(work(), session.stop)


async def _judge_all(session: JudgeSession, benches: Sequence[OpenRun]) -> Judged:
    judged = Judged(
        fallback=session.fallback.name if session.fallback else None,
        fallback_on_outage=session.fallback_on == "outage",
    )
    conduct = CallPolicy(
        Accounts(session.concurrency), session.stop.pause, session.policy, Budget(session.max_cost)
    )
    with ExitStack() as held:
        listings = None
        if any(judge.rubric.listing for judge in session.judges):
            listings = held.enter_context(Listings(session.runs[0].path.parent))
        desks = {}
        for judge in (*session.judges, *((session.fallback,) if session.fallback else ())):
            desks[judge.rater] = Grader(session, judge, benches, conduct, listings, judged.spent)
        try:
            for judge in session.judges:
                if not session.stop.is_set():
                    await _one_judge(session, desks, judge, benches, judged)
        finally:
            for desk in desks.values():
                await desk.close()
    if len(session.judges) > 1:
        panel = Panel(session.judges)
        for bench in benches:
            await write_panel(session, panel, bench, benches)
        judged.panel = panel.rater
        judged.standings += standings(session, benches, panel.rater, panel.digest)
    for judge in session.judges:
        judged.standings += standings(session, benches, judge.rater, judge.digest)
        judged.moved[judge.rater] = fallback_cases(bench.book(judge.rater, judge.digest) for bench in benches)
    return judged


async def _one_judge(
    session: JudgeSession, desks: dict[str, Grader], judge: Judge, benches: Sequence[OpenRun], judged: Judged
) -> None:
    desk = desks[judge.rater]
    asked: set[tuple[int, VerdictKey]] = set()
    await desk.grade("judged", lambda job: desk.lacks(job, asked))
    if desk.down is None and not session.stop.is_set():
        # What failed in passing is asked once more when all else is done: a short outage is over by then.
        await desk.grade("once more", lambda job: desk.failed_transiently(job, asked))
    if desk.down is None and not session.stop.is_set():
        desk.down = await desk.outage_reason()
    stands_in = session.fallback is not None and (desk.down is None or session.fallback_on == "outage")
    if session.fallback and stands_in and not session.stop.is_set():
        deputy = desks[session.fallback.rater]
        needed = cases_for_fallback(session, judge, benches, outage=desk.down is not None)
        await deputy.grade(
            "by the fallback",
            lambda job: job.case.case_id in needed and needs_fallback(benches[job.number], job.place, judge),
            judge,
        )
        if deputy.down is not None:
            judged.down[session.fallback.rater] = deputy.down
    if desk.down is None and not session.stop.is_set() and session.canaries:
        await audit(session, desk, benches)
    if desk.down is not None:
        judged.down[judge.rater] = desk.down
