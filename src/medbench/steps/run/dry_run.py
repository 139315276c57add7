"""What `run --dry-run` looks at: how much is left of each system, what that takes, and its first call."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from medbench.pipelines.single import STAGE, requests_for
from medbench.pricing.prices import Prices, most_output
from medbench.prompts.rubrics import load_rubric
from medbench.registry import find_model
from medbench.schema.response import CallFor
from medbench.schema.results.dry_run import Plan, PlannedSystem
from medbench.steps.access.forecast import Work, at_a_time, forecast
from medbench.steps.access.judging_cost import CANARIES, Questions, expected_question, judging_forecast
from medbench.steps.run.checks import check_parts
from medbench.steps.run.past_calls import expected_of
from medbench.steps.run.reuse import paid_elsewhere
from medbench.steps.run.run_folder import as_begun, folder_for
from medbench.steps.run.session import done_of, jobs, wanted_by
from medbench.store.runs import HEAD, RunFolder, check_same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from medbench.schema.case import Case
    from medbench.schema.response import Request
    from medbench.steps.access.systems import PreparedSystem
    from medbench.steps.run.session import Session

JUDGE: Final = "gemini-pro"
"""Who would grade the outputs, unless told otherwise."""


def planned(
    session: Session,
    prepared_systems: Sequence[PreparedSystem],
    own: Mapping[str, Mapping[str, Any]],
    most_from: str,
) -> Plan:
    """All systems as they would be run; nothing is written.

    Args:
        session: What is asked for.
        prepared_systems: The systems.
        own: `[models.*]` of medbench.toml, for the judge.
        most_from: Where the number of dollars that may be spent is from.
    """
    at = dt.datetime.now(dt.UTC)
    systems = tuple(planned_system(session, contestant, at) for contestant in prepared_systems)
    judge, rubric = find_model(JUDGE, own), load_rubric()
    cases = session.benchmark.head.cases
    questions = Questions(
        outputs=tuple((one.wanted, one.most_output) for one in systems if one.forecast is not None),
        listings=min(session.limit or cases, cases) if rubric.listing else 0,
        canaries=CANARIES,
    )
    expect = expected_question(judge, rubric.digest, session.root)
    later = judging_forecast(judge, expect, questions, concurrency=session.concurrency, at=at)
    return Plan(
        benchmark=session.benchmark.head.name,
        systems=systems,
        judge=JUDGE,
        listings=questions.listings,
        canaries=questions.canaries,
        judging=later if questions.outputs else None,
        most_usd=session.max_cost,
        most_from=most_from,
    )


def planned_system(session: Session, contestant: PreparedSystem, at: dt.datetime) -> PlannedSystem:
    """One system as it would be run at that time; nothing is written."""
    check_parts(contestant)
    folder = folder_for(session, contestant)
    contestant = as_begun(session, contestant, folder)
    if (folder / HEAD).is_file():
        check_same(session.benchmark, RunFolder(folder))
    done = done_of(session, folder)
    system, model = contestant.system, contestant.model
    prices = Prices(model)
    paid = paid_elsewhere(session, system) if model.provider and not session.fresh else None
    work, left, reused = Work(most_output=most_output(system.settings)), 0, 0
    example: Request | None = None
    for case, replicate in jobs(session, system, done):
        left += 1
        for request in _requests(contestant, case, replicate):
            call_for = CallFor(case_id=case.case_id, replicate=replicate, stage=STAGE)
            if paid is not None and paid.find(request, call_for, replicate) is not None:
                reused += 1
                continue
            example = example or request
            worst = prices.worst_case(request, at=at)
            work.add(images=len(request.images), text_bytes=_text_bytes(request), worst_usd=worst)
    calls = None
    if model.provider:
        expect = expected_of(system, model.expect, session.root)
        pace = at_a_time(model, session.concurrency)
        calls = forecast(work, expect, prices, at_a_time=pace, at=at)
    return PlannedSystem(
        folder=str(folder),
        wanted=wanted_by(session, system),
        left=left,
        images=work.images,
        reused=reused,
        most_output=work.most_output,
        forecast=calls,
        example=example,
    )


def _requests(contestant: PreparedSystem, case: Case, replicate: int) -> list[Request]:
    if contestant.prompt is None:
        return []
    return requests_for(contestant.system, contestant.prompt, case, replicate)


def _text_bytes(request: Request) -> int:
    system = request.system or request.settings.get("system") or ""
    return len(request.text.encode()) + len(str(system).encode())
