"""Checks of judges before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.judging.question import settings_of
from medbench.pricing.prices import Prices
from medbench.schema.response import Request
from medbench.steps.access.ceiling import check_ceiling
from medbench.steps.access.readiness import missing_access

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.judging_plan import JudgingPlan


def check_judge(plan: JudgingPlan, judge: Judge, notice: Callable[[str], None]) -> None:
    """Check that a judge, and the fallback that may be asked as well, can be asked under the ceiling.

    Raises:
        UsageError: Something is missing to ask it, or a ceiling that was asked for cannot hold.
    """
    missing = missing_access(judge.model)
    if missing is not None:
        raise UsageError(f"judge '{judge.name}' cannot be asked: no {missing.name}.", missing.hint)
    for asked in (judge, *((plan.fallback,) if plan.fallback else ())):
        request = Request(model=asked.model.id, text="", settings=settings_of(asked.model))
        keys = Prices(asked.model).unbounded_by(request)
        check_ceiling(asked.name, keys, plan.max_cost, must_hold=plan.must_hold, notice=notice)
