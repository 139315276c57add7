"""Checks before anything is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.images.choice import EACH, chosen
from medbench.pipelines import pipeline_class
from medbench.pricing.prices import Prices
from medbench.providers import provider_class
from medbench.registry import names_in, unknown
from medbench.sentences import counted
from medbench.steps.access.readiness import missing_access
from medbench.steps.run.calls import new_pipeline, worst_case

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medbench.steps.access.systems import PreparedSystem
    from medbench.steps.run.run_plan import RunPlan
    from medbench.store.benchmark import BenchmarkFolder


def check_images(benchmark: BenchmarkFolder, systems: Sequence[PreparedSystem]) -> None:
    """Check that no model would be sent more images in one call than it takes.

    Raises:
        UsageError: It would; the first such case is named.
    """
    limited = [
        (prepared.system.name, stage.images, asked.model.limits.images)
        for prepared in systems
        for stage, asked in zip(prepared.system.stages, prepared.stages, strict=True)
        if stage.images and asked.model.limits.images is not None
    ]
    if not limited:
        return
    for case in benchmark.cases():
        for name, choice, most in limited:
            sent = 1 if choice == EACH else len(chosen(case.images, choice))
            if sent > most:
                raise UsageError(
                    f"{counted(sent, 'image')} asked for, but {name} takes {most} (case '{case.case_id}').",
                    f"--images spread:{most}, which takes {most} evenly",
                )


def check_bounded(
    plan: RunPlan, benchmark: BenchmarkFolder, prepared: PreparedSystem, notice: Callable[[str], None]
) -> None:
    """Check that --max-cost can be kept: what a call may cost at most is known, or its price is not at all.

    Raises:
        UsageError: A model that has a price, or any under --max-cost 0, could overspend.
    """
    if plan.max_cost is None or not prepared.stages:
        return
    calls = list(new_pipeline(prepared, benchmark).plan(next(benchmark.cases()), 0))
    for stage in prepared.stages:
        prices = Prices(stage.model)
        mine = [call for call in calls if call.call_for.role == stage.role]
        if all(worst_case(call, prices, datetime.now(UTC)) is not None for call in mine):
            continue
        name = prepared.system.name + (f" ({stage.role})" if len(prepared.stages) > 1 else "")
        if prices.charged is not None or plan.max_cost <= 0:
            raise UsageError(
                f"what a call of {name} costs at most is unknown: --max-cost {plan.max_cost:g} "
                "cannot be kept.",
                "in its model file: limits.image_tokens and settings.max_tokens, or price = { free = true }",
            )
        notice(f"{name}: its price is unknown, so --max-cost cannot count its calls.")


def check_parts(prepared: PreparedSystem) -> None:
    """Check that providers and pipeline exist, and that the pipeline's roles are those of the system.

    Raises:
        UsageError: They do not, or are not.
    """
    for stage in prepared.stages:
        provider = stage.model.provider or ""
        if ":" not in provider and provider not in names_in("providers"):
            raise unknown("provider", provider, names_in("providers"))
        provider_class(provider)
    pipeline_class(prepared.system.pipeline)


def check_ready(prepared: PreparedSystem) -> None:
    """Check that nothing is missing that the providers need, such as a key.

    Raises:
        UsageError: Something is; it says what to type.
    """
    for stage in prepared.stages:
        missing = missing_access(stage.model)
        if missing:
            raise UsageError(f"'{prepared.system.name}' cannot be asked: no {missing.name}.", missing.hint)
