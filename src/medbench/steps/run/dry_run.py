"""The dry run of `run`: what is left of each system, what that takes, and its first call."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Final

from medbench.pricing.prices import Prices, most_output
from medbench.prompts.rubrics import load_rubric
from medbench.registry import find_model
from medbench.schema.results.dry_run import Forecast, Plan, PlannedSystem
from medbench.steps.access.forecast import Work, at_a_time, forecast
from medbench.steps.access.judging_cost import CANARIES, Questions, expected_question, judging_forecast
from medbench.steps.reading.selection import selected_cases
from medbench.steps.run.calls import new_pipeline, worst_case
from medbench.steps.run.checks import check_images, check_parts
from medbench.steps.run.image_check import ImageCheck
from medbench.steps.run.judging_left import JudgingLeft
from medbench.steps.run.past_calls import expected_of
from medbench.steps.run.reuse import SharedAnswers, paid_elsewhere
from medbench.steps.run.run_folder import find_run
from medbench.store.benchmark import find_benchmark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from medbench.schema.response import Request
    from medbench.steps.access.systems import PreparedSystem
    from medbench.steps.run.run_plan import RunPlan
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.ledger import PaidElsewhere

JUDGE: Final = "gemini-pro"
"""The judge whose cost is forecast."""


def planned(
    plan: RunPlan,
    own: Mapping[str, Mapping[str, Any]],
    most_from: str,
    notice: Callable[[str], None],
    judged_by: str | None = None,
) -> Plan:
    """Return all systems of a plan as they would be run; nothing is written.

    Args:
        plan: What is asked for.
        own: `[models.*]` of medbench.toml, for the judge.
        most_from: Where the number of dollars that may be spent is from.
        notice: Takes what a person should know.
        judged_by: The judge; None for the usual one.
    """
    at = dt.datetime.now(dt.UTC)
    benchmark = find_benchmark(plan.benchmark)
    check_images(benchmark, plan.systems)
    ImageCheck(benchmark).begin(selected_cases(benchmark, plan.limit), notice)
    judge, rubric = find_model(judged_by or JUDGE, own), load_rubric()
    left = JudgingLeft(plan.root, judge, rubric)
    shared = SharedAnswers(plan.root / benchmark.head.name) if plan.interleaved else None
    systems = tuple(_system(plan, benchmark, prepared, left, shared, at, notice) for prepared in plan.systems)
    listings, canaries = left.others(benchmark, plan.limit, CANARIES)
    questions = Questions(
        outputs=tuple((one.wanted - one.graded, one.most_output) for one in systems if one.forecast),
        listings=listings,
        canaries=canaries,
    )
    expect = expected_question(judge, rubric.digest, plan.root)
    later = judging_forecast(judge, expect, questions, concurrency=plan.concurrency, at=at)
    return Plan(
        benchmark=benchmark.head.name,
        systems=systems,
        judge=judged_by or JUDGE,
        listings=questions.listings,
        canaries=questions.canaries,
        judging=later if questions.outputs else None,
        most_usd=math.inf if plan.max_cost is None else plan.max_cost,
        most_from=most_from,
    )


def _system(  # noqa: PLR0913 - all that its forecast rests on
    plan: RunPlan,
    benchmark: BenchmarkFolder,
    prepared: PreparedSystem,
    judging: JudgingLeft,
    shared: SharedAnswers | None,
    at: dt.datetime,
    notice: Callable[[str], None],
) -> PlannedSystem:
    """Return one system as it would be run at that time."""
    check_parts(prepared)
    run = find_run(plan, benchmark, prepared, notice)
    system = run.prepared.system
    models = {stage.role: stage.model for stage in run.prepared.stages}
    prices = {role: Prices(model) for role, model in models.items()}
    work = {stage.role: Work(most_output=most_output(stage.settings)) for stage in system.stages}
    paid: PaidElsewhere | None = None
    if models and not plan.fresh:
        paid = before = paid_elsewhere(plan.root, benchmark, system)
        if shared is not None:
            paid = shared.of(system, before)
    pipeline = new_pipeline(run.prepared, benchmark)
    left, reused = 0, 0
    graded = judging.graded(run.folder, run.done) if models else 0
    example: Request | None = None
    for case, replicate in plan.missing(benchmark, system, run.done):
        left += 1
        calls = list(pipeline.plan(case, replicate))
        answers = [paid.find(call.request, call.call_for, call.sample) if paid else None for call in calls]
        graded += judging.is_graded(answers, replicate)
        for call, answer in zip(calls, answers, strict=True):
            if answer is not None or (shared is not None and shared.is_planned(system, call)):
                reused += 1
                continue
            example = example or call.request
            role = call.call_for.role
            work[role].add(
                images=len(call.request.images),
                text_bytes=_text_bytes(call.request),
                worst_usd=worst_case(call, prices[role], at),
            )
    forecasts = {
        role: forecast(
            work[role],
            expected_of(system, role, model.expect, plan.root),
            prices[role],
            at_a_time=at_a_time(model, plan.concurrency),
            at=at,
        )
        for role, model in models.items()
    }
    return PlannedSystem(
        folder=str(run.folder),
        wanted=run.wanted,
        left=left,
        images=sum(of_role.images for of_role in work.values()),
        reused=reused,
        graded=graded,
        most_output=list(work.values())[-1].most_output if work else None,
        forecast=_together(forecasts),
        example=example,
    )


def _together(forecasts: Mapping[str, Forecast]) -> Forecast | None:
    """Return what the calls of all roles take; None where there are none.

    The roles work at the same time on different cases: together they take as long as the slowest of them, or,
    at worst, one after the other.
    """
    if len(forecasts) < 2:
        return next(iter(forecasts.values()), None)
    parts = list(forecasts.values())
    minutes = [part.minutes for part in parts if part.minutes is not None]
    hours = [part.gpu_hour for part in parts if part.gpu_hour is not None]
    return Forecast(
        calls=sum(part.calls for part in parts),
        tokens_in=_sum(part.tokens_in for part in parts),
        tokens_out=_sum(part.tokens_out for part in parts),
        usd=_sum(part.usd for part in parts),
        most_usd=_sum(part.most_usd for part in parts),
        minutes=(max(low for low, _ in minutes), sum(high for _, high in minutes))
        if len(minutes) == len(parts)
        else None,
        gpu_hour=sum(hours) if hours else None,
        outputs=min(part.outputs for part in parts),
        source="; ".join(f"{role}: {part.source}" for role, part in forecasts.items() if part.source),
        list_price_of=", ".join(part.list_price_of for part in parts if part.list_price_of),
    )


def _sum(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else sum(value or 0.0 for value in known)


def _text_bytes(request: Request) -> int:
    system = request.system or request.settings.get("system") or ""
    return len(request.text.encode()) + len(str(system).encode())
