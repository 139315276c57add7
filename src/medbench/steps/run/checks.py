"""What must hold before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.registry import find_part, names_in, unknown
from medbench.steps.access.readiness import missing_access

if TYPE_CHECKING:
    from medbench.steps.access.systems import PreparedSystem
    from medbench.steps.run.session import Session
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from medbench.pipelines.single import requests_for
from medbench.pricing.prices import Prices
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.steps.access.systems import PreparedSystem
    from medbench.store.benchmark import BenchmarkFolder
from typing import TYPE_CHECKING

from medbench.images.choice import EACH, chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.store.benchmark import BenchmarkFolder


def check_images(benchmark: BenchmarkFolder, made: Sequence[PreparedSystem]) -> None:
    """Check that no model would be sent more images in one call than it takes.

    Raises:
        UsageError: It would; the first such case is named.
    """
    limited = [
        (contestant.system, most)
        for contestant in made
        if contestant.system.images and (most := contestant.model.limits.images) is not None
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


def _check_bounded(session: Session, contestant: PreparedSystem) -> None:
    """Check that --max-cost can be kept: what a call may cost at most is known, or its price is not at all.

    Raises:
        UsageError: A model that has a price, or any under --max-cost 0, could overspend.
    """
    if contestant.prompt is None or not math.isfinite(session.max_cost):
        return
    request = requests_for(contestant.system, contestant.prompt, next(session.benchmark.cases()), 0)[0]
    prices = Prices(contestant.model)
    if prices.worst_case(request, at=datetime.now(UTC)) is not None:
        return
    name = contestant.system.name
    if prices.charged is not None or session.max_cost <= 0:
        raise UsageError(
            f"what a call of {name} costs at most is unknown: --max-cost {session.max_cost:g} "
            "cannot be kept.",
            "in its model file: limits.image_tokens and settings.max_tokens, or price = { free = true }",
        )
    session.watcher.notice(f"{name}: its price is unknown, so --max-cost cannot count its calls.")


def check_parts(contestant: PreparedSystem) -> None:
    """Check that provider and pipeline exist before anything is written.

    Raises:
        UsageError: One of them does not.
    """
    provider = contestant.model.provider
    if provider and ":" in provider:
        find_part("providers", "provider", provider)
    elif provider and provider not in names_in("providers"):
        raise unknown("provider", provider, names_in("providers"))
    find_part("pipelines", "pipeline", contestant.system.pipeline)


def check_ready(contestant: PreparedSystem) -> None:
    """Check that nothing is missing that the provider needs, such as a key.

    Raises:
        UsageError: Something is; it says what to type.
    """
    missing = missing_access(contestant.model)
    if missing:
        what, hint = missing
        raise UsageError(f"'{contestant.system.name}' cannot be asked: no {what}.", hint)
