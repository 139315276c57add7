"""The dry run of `run`: what is left of each system, what that takes, and its first call."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from medbench.client.batch_file import key_of
from medbench.errors import MedbenchError
from medbench.images.recorded import Pictures
from medbench.pricing.prices import Prices, most_output
from medbench.schema.results.dry_run import Plan, PlannedSystem
from medbench.steps.access.batches import check_way
from medbench.steps.access.changes import unknown_settings
from medbench.steps.access.clients import new_provider
from medbench.steps.access.forecast import Work, at_a_time, forecast, together
from medbench.steps.access.hosts import egress_refusals
from medbench.steps.reading.selection import selected_cases
from medbench.steps.run.calls import new_pipeline, planned_calls, worst_case
from medbench.steps.run.checks import check_bounded, check_cases, check_ready, models_of, runs_of
from medbench.steps.run.image_check import ImageCheck
from medbench.steps.run.past_calls import expected_of
from medbench.steps.run.reuse import SharedAnswers, paid_elsewhere
from medbench.steps.run.run_folder import check_head
from medbench.store.batches import has_batches, under_way
from medbench.store.benchmark import find_benchmark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medbench.schema.model import Expect
    from medbench.schema.response import Request
    from medbench.steps.run.judging_left import JudgingLeft
    from medbench.steps.run.run_folder import SystemRun
    from medbench.steps.run.run_plan import RunPlan
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.ledger import PaidElsewhere


def planned(
    plan: RunPlan,
    judges: Sequence[JudgingLeft],
    most_from: str,
    notice: Callable[[str], None],
) -> Plan:
    """Return all systems of a plan as they would be run; nothing is written.

    Args:
        plan: What is asked for.
        judges: The judges that would grade the outputs later.
        most_from: Where the number of dollars that may be spent is from.
        notice: Takes what a person should know.
    """
    at = dt.datetime.now(dt.UTC)
    benchmark = find_benchmark(plan.benchmark)
    check_cases(benchmark, plan.systems)
    runs = runs_of(plan, benchmark, notice)
    models = models_of(plan, runs)
    elsewhere = tuple(egress_refusals(benchmark.head, models))
    shared = SharedAnswers(plan.root / benchmark.head.name) if plan.interleaved else None
    found: list[PlannedSystem] = []
    for run in runs:
        try:
            found.append(_system(plan, benchmark, run, judges, shared, at, notice))
        except MedbenchError as error:
            refusals = [*elsewhere, *(system.refusal for system in found if system.refusal), error]
            raise refusals[0] from None
    systems = tuple(found)
    ImageCheck(benchmark).begin(selected_cases(benchmark, plan.limit), notice)
    for words in unknown_settings(models):
        notice(words)
    asked = [
        system
        for system, prepared in zip(systems, plan.systems, strict=True)
        if system.forecast and prepared.system.is_competitor
    ]
    later = [judge.later(plan, benchmark, asked, number, at) for number, judge in enumerate(judges)]
    forecasts = {judge.name: one for judge, (_, one) in zip(judges, later, strict=True)}
    return Plan(
        benchmark=benchmark.head.name,
        systems=systems,
        judge=", ".join(judge.name for judge in judges),
        listings=sum(questions.listings for questions, _ in later),
        canaries=sum(questions.canaries for questions, _ in later),
        judging=together(forecasts) if asked else None,
        most_usd=math.inf if plan.max_cost is None else plan.max_cost,
        most_from=most_from,
        batch=plan.batch,
        elsewhere=elsewhere,
    )


def _system(  # noqa: PLR0913 - all that its forecast rests on
    plan: RunPlan,
    benchmark: BenchmarkFolder,
    run: SystemRun | MedbenchError,
    judges: Sequence[JudgingLeft],
    shared: SharedAnswers | None,
    at: dt.datetime,
    notice: Callable[[str], None],
) -> PlannedSystem:
    """Return one system as it would be run at that time."""
    if isinstance(run, MedbenchError):
        raise run
    refusal = _refusal(plan, benchmark, run, notice)
    system = run.prepared.system
    models = {stage.role: stage.model for stage in run.prepared.stages}
    prices = {role: Prices(model, batch=plan.batch) for role, model in models.items()}
    work = {stage.role: Work(most_output=most_output(stage.settings)) for stage in system.stages}
    paid: PaidElsewhere | None = None
    if models and not plan.fresh:
        paid = before = paid_elsewhere(plan.root, benchmark, system)
        if shared is not None:
            paid = shared.of(system, before)
    pipeline = new_pipeline(run.prepared, benchmark)
    left, reused, waiting, sent = 0, 0, 0, under_way(run.folder)
    graded = [judge.graded(run.folder, run.done) if models else 0 for judge in judges]
    example: Request | None = None
    for case, replicate in plan.missing(benchmark, system, run.done):
        left += 1
        calls = planned_calls(pipeline, run.prepared, case, replicate)
        answers = [paid.find(call.request, call.call_for, call.sample) if paid else None for call in calls]
        graded = [n + judge.is_graded(answers, replicate) for n, judge in zip(graded, judges, strict=True)]
        for call, answer in zip(calls, answers, strict=True):
            if sent and key_of(call.request.digest, call.call_for, call.sample) in sent:
                waiting += 1
                continue
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
            _expected(plan, expected_of(system, role, model.expect, plan.root)),
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
        waiting=waiting,
        graded=tuple(graded),
        most_output=list(work.values())[-1].most_output if work else None,
        forecast=together(forecasts),
        example=example,
        refusal=refusal,
    )


def _expected(plan: RunPlan, expect: Expect) -> Expect:
    """Return what to expect of a call: in a batch nobody knows how long it takes."""
    return expect.model_copy(update={"seconds": None, "longest_s": None}) if plan.batch else expect


def _refusal(
    plan: RunPlan, benchmark: BenchmarkFolder, run: SystemRun, notice: Callable[[str], None]
) -> MedbenchError | None:
    """Return why a system that may be sent the cases would be refused; None where it would not."""
    try:
        check_head(run)
        if run.left:
            check_ready(run.prepared)
            check_bounded(plan, benchmark, run.prepared, notice)
            sent = has_batches(run.folder)
            for use, stage in zip(run.prepared.system.stages, run.prepared.stages, strict=True):
                provider = new_provider(stage.model, Pictures(benchmark.path))
                name = use.model.name
                hint = plan.batch_hint(name)
                check_way(name, stage.model, provider, batch=plan.batch, collects=sent, hint=hint)
    except MedbenchError as error:
        return error
    return None


def _text_bytes(request: Request) -> int:
    system = request.system or request.settings.get("system") or ""
    return len(request.text.encode()) + len(str(system).encode())
