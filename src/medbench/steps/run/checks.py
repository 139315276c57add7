"""What must hold before anything is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.images.choice import EACH, chosen
from medbench.pipelines.single import requests_for
from medbench.pricing.prices import Prices
from medbench.registry import find_part, names_in, unknown
from medbench.sentences import counted
from medbench.steps.access.readiness import missing_access

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
        (prepared.system, most)
        for prepared in systems
        if prepared.system.images and (most := prepared.model.limits.images) is not None
    ]
    if not limited:
        return
    for case in benchmark.cases():
        for system, most in limited:
            sent = 1 if system.images == EACH else len(chosen(case.images, system.images or ""))
            if sent > most:
                raise UsageError(
                    f"{counted(sent, 'image')} asked for, but {system.name} takes {most} (case "
                    f"'{case.case_id}').",
                    f"--images spread:{most}, which takes {most} evenly",
                )


def check_bounded(
    plan: RunPlan, benchmark: BenchmarkFolder, prepared: PreparedSystem, notice: Callable[[str], None]
) -> None:
    """Check that --max-cost can be kept: what a call may cost at most is known, or its price is not at all.

    Raises:
        UsageError: A model that has a price, or any under --max-cost 0, could overspend.
    """
    if prepared.prompt is None or plan.max_cost is None:
        return
    request = requests_for(prepared.system, prepared.prompt, next(benchmark.cases()), 0)[0]
    prices = Prices(prepared.model)
    if prices.worst_case(request, at=datetime.now(UTC)) is not None:
        return
    name = prepared.system.name
    if prices.charged is not None or plan.max_cost <= 0:
        raise UsageError(
            f"what a call of {name} costs at most is unknown: --max-cost {plan.max_cost:g} cannot be kept.",
            "in its model file: limits.image_tokens and settings.max_tokens, or price = { free = true }",
        )
    notice(f"{name}: its price is unknown, so --max-cost cannot count its calls.")


def check_parts(prepared: PreparedSystem) -> None:
    """Check that provider and pipeline exist before anything is written.

    Raises:
        UsageError: One of them does not.
    """
    provider = prepared.model.provider
    if provider and ":" in provider:
        find_part("providers", "provider", provider)
    elif provider and provider not in names_in("providers"):
        raise unknown("provider", provider, names_in("providers"))
    find_part("pipelines", "pipeline", prepared.system.pipeline)


def check_ready(prepared: PreparedSystem) -> None:
    """Check that nothing is missing that the provider needs, such as a key.

    Raises:
        UsageError: Something is; it says what to type.
    """
    missing = missing_access(prepared.model)
    if missing:
        raise UsageError(f"'{prepared.system.name}' cannot be asked: no {missing.name}.", missing.hint)
