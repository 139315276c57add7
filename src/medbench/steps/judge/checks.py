"""Checks of judges before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.images.recorded import Pictures
from medbench.judging.question import settings_of
from medbench.pricing.prices import Prices
from medbench.schema.response import Request
from medbench.steps.access.batches import check_way
from medbench.steps.access.ceiling import check_ceiling
from medbench.steps.access.clients import new_provider
from medbench.steps.access.readiness import missing_access

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.steps.judge.judges import Judge
    from medbench.store.benchmark import BenchmarkFolder


def needs_judge(benchmark: BenchmarkFolder) -> bool:
    """Return True if somebody has to grade; False where every case asks a question whose answer is known."""
    return not all(case.question for case in benchmark.cases())


def check_needs_judge(benchmark: BenchmarkFolder) -> None:
    """Check that there is something to grade.

    Raises:
        UsageError: Every case asks a question whose answer is known.
    """
    if not needs_judge(benchmark):
        raise UsageError(
            f"'{benchmark.head.name}' asks questions whose answers are known: no judge is needed.",
            "medbench compare",
        )


def is_needed(judge: Judge, *, outputs: bool, canaries: bool) -> bool:
    """Return True if a judge has to be asked something.

    Args:
        judge: The judge.
        outputs: True if there are outputs that it has to grade.
        canaries: True if it lacks canaries. Few cases give fewer than are wanted: for these alone nobody
            needs a key.
    """
    return outputs or (canaries and missing_access(judge.model) is None)


def check_judge(  # noqa: PLR0913 - who is asked, and what must hold
    judge: Judge,
    fallback: Judge | None,
    max_cost: float | None,
    *,
    must_hold: bool,
    notice: Callable[[str], None],
    batch: bool = False,
    collects: bool = False,
) -> None:
    """Check that a judge, and the fallback that may be asked as well, can be asked under the ceiling.

    Args:
        judge: The judge.
        fallback: Judge that stands in for it; None without.
        max_cost: Dollars that judging may cost; None for no limit.
        must_hold: True if that was asked for; False for the ceiling of the settings.
        notice: Takes what a person should know.
        batch: True if they are asked in batches.
        collects: True if there are batches that one of them was sent before.

    Raises:
        UsageError: Something is missing to ask it, or a ceiling that was asked for cannot hold.
    """
    for what, asked in (("judge", judge), ("fallback", fallback)):
        missing = missing_access(asked.model, asked.name) if asked else None
        if asked and missing:
            raise UsageError(f"{what} '{asked.name}' cannot be asked: no {missing.name}.", missing.hint)
        if asked:
            provider = new_provider(asked.model, Pictures(Path()))
            check_way(asked.name, asked.model, provider, batch=batch, collects=collects)
    for asked in filter(None, (judge, fallback)):
        request = Request(model=asked.model.id, text="", settings=settings_of(asked.model))
        keys = Prices(asked.model, batch=batch).unbounded_by(request)
        check_ceiling(asked.name, keys, max_cost, must_hold=must_hold, notice=notice)
