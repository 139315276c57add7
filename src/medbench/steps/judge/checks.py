"""Checks of judges before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.errors import MedbenchError, UsageError
from medbench.images.recorded import Pictures
from medbench.judging.question import settings_of
from medbench.pricing.prices import Prices
from medbench.schema.response import Request
from medbench.steps.access.batches import check_way
from medbench.steps.access.ceiling import check_ceiling
from medbench.steps.access.changes import unknown_settings
from medbench.steps.access.clients import new_provider
from medbench.steps.access.hosts import egress_refusals
from medbench.steps.access.readiness import missing_access
from medbench.store.batches import has_batches
from medbench.store.runs import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medbench.schema.results.judge_result import JudgingForecast
    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.judging_plan import JudgingPlan
    from medbench.store.benchmark import BenchmarkFolder


def no_need_of_judge(benchmark: BenchmarkFolder) -> UsageError | None:
    """Return why there is nothing to grade: every case asks a question whose answer is known; else None."""
    if not all(case.question for case in benchmark.cases()):
        return None
    return UsageError(
        f"'{benchmark.head.name}' asks questions whose answers are known: no judge is needed.",
        "medbench compare",
    )


def needed_judges(plan: JudgingPlan, forecast: JudgingForecast) -> tuple[Judge, ...]:
    """Return the judges that have to be asked something.

    Few cases give fewer canaries than are wanted: for these alone nobody needs a key.
    """
    return tuple(
        judge
        for judge, one in zip(plan.judges, forecast.judges, strict=True)
        if one.outputs or one.waiting or (one.canaries and missing_access(judge.model) is None)
    )


def needed_fallback(plan: JudgingPlan, forecast: JudgingForecast) -> Judge | None:
    """Return the fallback if it may be asked something: for a judge that is asked, or that failed before."""
    one = forecast.fallback
    if needed_judges(plan, forecast) or (one is not None and (one.outputs or one.waiting)):
        return plan.fallback
    return None


def plan_refusals(
    plan: JudgingPlan, forecast: JudgingForecast, notice: Callable[[str], None]
) -> list[MedbenchError]:
    """Return why judging cannot begin, after saying which settings are unknown.

    Returns:
        One error for each judge, and the fallback, at a host where the cases may not go, whether it has
        something to do or not; then one for each of those with something to do that cannot be asked.
    """
    for words in unknown_settings(plan.models()):
        notice(words)
    lacking = refusals(
        needed_judges(plan, forecast),
        needed_fallback(plan, forecast),
        plan.max_cost,
        must_hold=plan.must_hold,
        notice=notice,
        batch=plan.batch,
        collects=any(map(has_batches, plan.runs)),
    )
    return [*egress_refusals(RunFolder(plan.runs[0]).benchmark().head, plan.models()), *lacking]


def refusals(  # noqa: PLR0913 - who is asked, and what must hold
    judges: Sequence[Judge],
    fallback: Judge | None,
    max_cost: float | None,
    *,
    must_hold: bool,
    notice: Callable[[str], None],
    batch: bool = False,
    collects: bool = False,
) -> list[MedbenchError]:
    """Return why judges, and the fallback that may be asked as well, cannot be asked under the ceiling.

    Args:
        judges: The judges that are asked.
        fallback: Judge that stands in for judges; None if it is not asked.
        max_cost: Dollars that judging may cost; None for no limit.
        must_hold: True if that was asked for; False for the ceiling of the settings.
        notice: Takes what a person should know.
        batch: True if they are asked in batches.
        collects: True if there are batches that one of them was sent before.

    Returns:
        One error for each that cannot be asked.
    """

    def refusal(what: str, judge: Judge) -> MedbenchError | None:
        missing = missing_access(judge.model, judge.name)
        if missing:
            return UsageError(f"{what} '{judge.name}' cannot be asked: no {missing.name}.", missing.hint)
        request = Request(model=judge.model.id, text="", settings=settings_of(judge.model))
        keys = Prices(judge.model, batch=batch).unbounded_by(request)
        try:
            provider = new_provider(judge.model, Pictures(Path()))
            check_way(judge.name, judge.model, provider, batch=batch, collects=collects)
            check_ceiling(judge.name, keys, max_cost, must_hold=must_hold, notice=notice)
        except MedbenchError as error:
            return error
        return None

    asked = [("judge", judge) for judge in judges]
    if fallback is not None:
        asked.append(("fallback", fallback))
    return [error for what, judge in asked if (error := refusal(what, judge)) is not None]
