"""Canaries: in every pass a judge is asked about texts whose right grade is known, until there are enough."""

from __future__ import annotations

from collections import Counter
from heapq import nsmallest
from typing import TYPE_CHECKING

from medbench.errors import ProviderDownError
from medbench.executors.local import for_each
from medbench.judging.canaries import GROUPS, Base, Known, Planned, planned, rank
from medbench.schema.response import CallFor
from medbench.schema.verdict import Canary
from medbench.steps.judge.open_runs import places
from medbench.steps.judge.session import cases_of
from medbench.steps.reading.outputs import judged_text, sha256

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.steps.judge.grader import Grader
    from medbench.steps.judge.open_runs import OpenRun
    from medbench.steps.judge.session import JudgeSession

_FIRST = "must be poor"
_CASES_A_CANARY = 2
"""Cases that are looked at for each canary: not every case has a side or a size to change."""


async def audit(session: JudgeSession, desk: Grader, benches: Sequence[OpenRun]) -> None:
    """Judge the canaries that this rater still lacks.

    Texts that must be poor come first: those that the judge did call poor are then dressed up, together with
    the outputs that it did not call good.
    """
    stand = [
        canary
        for bench in benches
        for canary in bench.canaries
        if canary.rater == desk.judge.rater
        and canary.rater_digest == desk.judge.digest
        and (canary.grade is not None or (canary.failure and canary.failure.final))
    ]
    wanted = session.canaries - len(stand)
    if wanted <= 0:
        return
    cases = _some_cases(session)
    known = [Known(case.case_id, case.region, ref.topic, ref.text) for case, ref in cases.values()]
    bases = _bases(session, desk, benches, cases)
    probes = Counter(canary.probe for canary in stand)
    first = min(wanted, -(-session.canaries // len(GROUPS)) - sum(probes[one] for one in GROUPS[_FIRST]))
    session.watcher.begin("canaries", len(stand), session.canaries)
    for groups, many in (({_FIRST}, first), (GROUPS.keys(), wanted)):
        plans = planned(
            known,
            bases,
            wanted=min(many, session.canaries - len(stand)),
            seed=session.seed,
            runs=len(benches),
            groups=groups,
            there={(canary.probe, canary.case_id, canary.detail) for canary in stand},
            counts=Counter(canary.probe for canary in stand),
        )
        for plan, canary in await _judge(session, desk, benches, cases, plans):
            stand.append(canary)
            if plan.probe == "other_case" and canary.grade is not None:
                bases.append(Base(plan.run, plan.case_id, 0, plan.text, canary.grade, plan.order))
    session.watcher.end("canaries")


async def _judge(
    session: JudgeSession,
    desk: Grader,
    benches: Sequence[OpenRun],
    cases: dict[str, tuple[Case, Reference]],
    plans: Sequence[Planned],
) -> list[tuple[Planned, Canary]]:
    done: list[tuple[Planned, Canary]] = []

    async def one(plan: Planned) -> None:
        if desk.down is not None:
            return
        case, reference = cases[plan.case_id]
        try:
            graded, said, _ = await desk.ask(
                plan.run,
                case,
                reference,
                plan.text,
                plan.order,
                CallFor(case_id=plan.case_id, stage=f"canary-{plan.probe}", role=plan.role),
                0,
                desk.facts(plan.run, case, reference, ()),
            )
        except ProviderDownError as error:
            desk.down = error
            return
        desk.count(said)
        canary = Canary(
            case_id=plan.case_id,
            rater=desk.judge.rater,
            rater_digest=desk.judge.digest,
            probe=plan.probe,
            detail=plan.detail,
            base=plan.base,
            allowed=plan.allowed,
            grade=graded.grade if graded else None,
            key_finding=graded.key_finding if graded else None,
            rationale=graded.rationale if graded else None,
            failure=said.failure,
            order=plan.order,
            text_sha256=sha256(plan.text),
            responses=said.calls.ids,
        )
        await benches[plan.run].audit.commit(canary)
        done.append((plan, canary))
        session.watcher.step("canaries", canary.failure.kind if canary.failure else None, again=said.again)

    await for_each(plans, one, at_a_time=desk.workers, stopped=session.stop.is_set)
    return done


def _some_cases(session: JudgeSession) -> dict[str, tuple[Case, Reference]]:
    """Cases that chance chooses, so many that each probe finds some."""
    many = max(20, _CASES_A_CANARY * session.canaries)
    drawn = nsmallest(
        many, cases_of(session), key=lambda pair: rank(session.seed, "canaries", pair[0].case_id)
    )
    return {case.case_id: (case, reference) for case, reference in drawn}


def _bases(
    session: JudgeSession, desk: Grader, benches: Sequence[OpenRun], cases: dict[str, tuple[Case, Reference]]
) -> list[Base]:
    """Outputs of these cases that this judge itself has graded."""
    found = []
    for number, bench in enumerate(benches):
        book = bench.book(desk.judge.rater, desk.judge.digest)
        for case_id in cases:
            for place in places(session, bench, case_id):
                said = book.own.get(place)
                if place.judge_replicate or said is None or said.order is None:
                    continue
                text, judged = judged_text(bench.outputs.output(case_id, place.replicate).text or "")
                if judged.sha256 == said.sha256:
                    found.append(Base(number, case_id, place.replicate, text, said.grade, said.order))
    return found
