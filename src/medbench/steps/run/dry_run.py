"""What `run --dry-run` looks at: how much is left of each system, what that takes, and its first call."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Final

from medbench.pipelines.single import STAGE, requests_for
from medbench.pricing.prices import Prices, most_output
from medbench.prompts.rubrics import load_rubric
from medbench.registry import find_model
from medbench.schema.response import CallFor
from medbench.schema.results.dry_run import Plan, PlannedSystem
from medbench.steps.access.forecast import Work, at_a_time, forecast
from medbench.steps.access.judging_cost import CANARIES, Questions, expected_question, judging_forecast
from medbench.steps.run.checks import check_images, check_parts
from medbench.steps.run.past_calls import expected_of
from medbench.steps.run.reuse import paid_elsewhere
from medbench.steps.run.run_folder import find_run
from medbench.store.benchmark import find_benchmark

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from medbench.schema.case import Case
    from medbench.schema.response import Request
    from medbench.steps.access.systems import PreparedSystem
    from medbench.steps.run.run_plan import RunPlan
    from medbench.store.benchmark import BenchmarkFolder

JUDGE: Final = "gemini-pro"
"""Who would grade the outputs, unless told otherwise."""


def planned(
    plan: RunPlan,
    own: Mapping[str, Mapping[str, Any]],
    most_from: str,
    notice: Callable[[str], None],
) -> Plan:
    """Return all systems of a plan as they would be run; nothing is written.

    Args:
        plan: What is asked for.
        own: `[models.*]` of medbench.toml, for the judge.
        most_from: Where the number of dollars that may be spent is from.
        notice: Takes what a person should know.
    """
    at = dt.datetime.now(dt.UTC)
    benchmark = find_benchmark(plan.benchmark)
    check_images(benchmark, plan.systems)
    systems = tuple(_system(plan, benchmark, prepared, at, notice) for prepared in plan.systems)
    judge, rubric = find_model(JUDGE, own), load_rubric()
    cases = benchmark.head.cases
    questions = Questions(
        outputs=tuple((system.wanted, system.most_output) for system in systems if system.forecast),
        listings=min(plan.limit or cases, cases) if rubric.listing else 0,
        canaries=CANARIES,
    )
    expect = expected_question(judge, rubric.digest, plan.root)
    later = judging_forecast(judge, expect, questions, concurrency=plan.concurrency, at=at)
    return Plan(
        benchmark=benchmark.head.name,
        systems=systems,
        judge=JUDGE,
        listings=questions.listings,
        canaries=questions.canaries,
        judging=later if questions.outputs else None,
        most_usd=math.inf if plan.max_cost is None else plan.max_cost,
        most_from=most_from,
    )


def _system(
    plan: RunPlan,
    benchmark: BenchmarkFolder,
    prepared: PreparedSystem,
    at: dt.datetime,
    notice: Callable[[str], None],
) -> PlannedSystem:
    """Return one system as it would be run at that time."""
    check_parts(prepared)
    run = find_run(plan, benchmark, prepared, notice)
    system, model = run.prepared.system, run.prepared.model
    prices = Prices(model)
    paid = paid_elsewhere(plan.root, benchmark, system) if model.provider and not plan.fresh else None
    work, left, reused = Work(most_output=most_output(system.settings)), 0, 0
    example: Request | None = None
    for case, replicate in plan.missing(benchmark, system, run.done):
        left += 1
        for request in _requests(run.prepared, case, replicate):
            call_for = CallFor(case_id=case.case_id, replicate=replicate, stage=STAGE)
            if paid is not None and paid.find(request, call_for, replicate) is not None:
                reused += 1
                continue
            example = example or request
            worst = prices.worst_case(request, at=at)
            work.add(images=len(request.images), text_bytes=_text_bytes(request), worst_usd=worst)
    calls = None
    if model.provider:
        expect = expected_of(system, model.expect, plan.root)
        pace = at_a_time(model, plan.concurrency)
        calls = forecast(work, expect, prices, at_a_time=pace, at=at)
    return PlannedSystem(
        folder=str(run.folder),
        wanted=run.wanted,
        left=left,
        images=work.images,
        reused=reused,
        most_output=work.most_output,
        forecast=calls,
        example=example,
    )


def _requests(prepared: PreparedSystem, case: Case, replicate: int) -> list[Request]:
    if prepared.prompt is None:
        return []
    return requests_for(prepared.system, prepared.prompt, case, replicate)


def _text_bytes(request: Request) -> int:
    system = request.system or request.settings.get("system") or ""
    return len(request.text.encode()) + len(str(system).encode())
