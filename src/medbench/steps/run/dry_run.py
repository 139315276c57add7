"""What `run --dry-run` looks at: how much is left of each system, what that takes, and its first call."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from medbench.pipelines.single import STAGE, requests_for
from medbench.pricing.prices import Prices, most_output
from medbench.registry import find_model
from medbench.schema.response import CallFor
from medbench.schema.results.dry_run import Plan, PlannedSystem
from medbench.steps.access.clients import Accounts
from medbench.steps.access.forecast import CANARIES, AtATime, Work, forecast, judging
from medbench.steps.run.checks import check_parts
from medbench.steps.run.past_calls import expected_of
from medbench.steps.run.reuse import paid_elsewhere
from medbench.steps.run.run_folder import as_begun, folder_for
from medbench.steps.run.session import done_of, jobs, wanted_by
from medbench.store.runs import HEAD, Done, RunFolder, check_same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from medbench.schema.case import Case
    from medbench.schema.model import ModelFile
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
    judge = find_model(JUDGE, own)
    later = judging(systems, judge, Prices(judge), at_a_time=_at_a_time(session, judge), at=at)
    return Plan(session.benchmark.head.name, systems, JUDGE, CANARIES, later, session.max_cost, most_from)


def planned_system(session: Session, contestant: PreparedSystem, at: dt.datetime) -> PlannedSystem:
    """One system as it would be run at that time; nothing is written."""
    check_parts(contestant)
    folder = folder_for(session, contestant)
    contestant = as_begun(session, contestant, folder)
    if (folder / HEAD).is_file():
        check_same(session.benchmark, RunFolder(folder))
    done = done_of(session, RunFolder(folder)) if (folder / HEAD).is_file() else Done(iter(()))
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
    expect = expected_of(system, model.expect, session.root) if model.provider else model.expect
    at_a_time = _at_a_time(session, model)
    return PlannedSystem(
        folder=str(folder),
        wanted=wanted_by(session, system),
        left=left,
        images=work.images,
        reused=reused,
        most_output=work.most_output,
        forecast=forecast(work, expect, prices, at_a_time=at_a_time, at=at) if model.provider else None,
        example=example,
    )


def _requests(contestant: PreparedSystem, case: Case, replicate: int) -> list[Request]:
    if contestant.prompt is None:
        return []
    return requests_for(contestant.system, contestant.prompt, case, replicate)


def _text_bytes(request: Request) -> int:
    system = request.system or request.settings.get("system") or ""
    return len(request.text.encode()) + len(str(system).encode())


def _at_a_time(session: Session, model: ModelFile) -> AtATime:
    """Calls in flight at the same time: from where it starts to the most that may be found by trying."""
    controller = Accounts(session.concurrency).of(model).slots.controller
    return AtATime(fewest=controller.limit, most=controller.most)
