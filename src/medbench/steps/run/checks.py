"""Checks before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.errors import MedbenchError, UsageError
from medbench.images.choice import EACH, chosen
from medbench.pipelines import pipeline_class
from medbench.pricing.prices import Prices
from medbench.providers import provider_class
from medbench.registry import names_in, unknown
from medbench.sentences import counted
from medbench.steps.access.ceiling import check_ceiling
from medbench.steps.access.readiness import missing_access
from medbench.steps.reading.selection import selected_cases
from medbench.steps.run.body_check import check_bodies
from medbench.steps.run.calls import new_pipeline, planned_calls
from medbench.steps.run.run_folder import find_run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medbench.schema.case import Case
    from medbench.schema.model import ModelFile
    from medbench.schema.run import Stage
    from medbench.steps.access.systems import PreparedSystem
    from medbench.steps.run.run_folder import SystemRun
    from medbench.steps.run.run_plan import RunPlan
    from medbench.store.benchmark import BenchmarkFolder


SINGLE: Final = "single"
"""The pipeline that answers questions: it asks once."""


def check_cases(benchmark: BenchmarkFolder, systems: Sequence[PreparedSystem]) -> None:
    """Check that no system would be sent what it does not take: images, bytes, examples, questions.

    Raises:
        UsageError: One would.
    """
    for check in (check_images, check_bodies, check_pool, check_questions):
        check(benchmark, systems)


def check_images(benchmark: BenchmarkFolder, systems: Sequence[PreparedSystem]) -> None:
    """Check that no model would be sent more images in one call than it takes.

    Raises:
        UsageError: It would; the first such case is named.
    """
    first = next(benchmark.cases(), None)
    if first is None:
        return
    limited = [
        (
            prepared.system.name,
            stage.images,
            asked.model.limits.images,
            _added(prepared, stage, benchmark, first),
        )
        for prepared in systems
        for stage, asked in zip(prepared.system.stages, prepared.stages, strict=True)
        if stage.images and asked.model.limits.images is not None
    ]
    if not limited:
        return
    for case in benchmark.cases():
        for name, choice, most, added in limited:
            sent = _sent(case, choice) + added
            if sent > most:
                hint = f"--images spread:{most}, which takes {most} evenly"
                raise UsageError(
                    f"{counted(sent, 'image')} asked for, but {name} takes {most} (case '{case.case_id}').",
                    f"fewer examples, or none with an image: {added} of these are theirs" if added else hint,
                )


def _sent(case: Case, choice: str) -> int:
    return 1 if choice == EACH else len(chosen(case.images, choice))


def _added(prepared: PreparedSystem, stage: Stage, benchmark: BenchmarkFolder, case: Case) -> int:
    """Return how many images a pipeline sends in a role beside those of a case, such as those of examples."""
    # A probe shows another case's images, which may be more than those of this one, and adds none.
    unprobed = prepared.model_copy(update={"system": prepared.system.model_copy(update={"probe": None})})
    calls = planned_calls(new_pipeline(unprobed, benchmark), unprobed, case, 0)
    planned = [len(call.request.images) for call in calls if call.call_for.role == stage.role]
    return max(0, max(planned, default=0) - _sent(case, stage.images or "all"))


def check_pool(benchmark: BenchmarkFolder, systems: Sequence[PreparedSystem]) -> None:
    """Check that no model would be shown a case of the benchmark as an example.

    Raises:
        UsageError: The pool has one, by its id or an image.
    """
    gives = (pipeline_class(prepared.system.pipeline).gives.values() for prepared in systems)
    if not any("examples" in fields for of_roles in gives for fields in of_roles):
        return
    measured = {name for case in benchmark.cases() for name in _names(case)}
    for example in benchmark.pool:
        if not measured.isdisjoint(_names(example.case)):
            raise UsageError(
                f"case '{example.case.case_id}' of the pool of '{benchmark.head.name}' is measured too: "
                "as an example it would be the answer.",
                "build the benchmark again, which keeps them apart",
            )


def check_questions(benchmark: BenchmarkFolder, systems: Sequence[PreparedSystem]) -> None:
    """Check that no pipeline whose stages describe findings would be asked a question.

    Raises:
        UsageError: One would.
    """
    for prepared in systems:
        system = prepared.system
        if system.is_floor or system.pipeline == SINGLE:
            continue
        if any(case.question for case in benchmark.cases()):
            raise UsageError(
                f"'{system.name}' describes findings in stages (pipeline '{system.pipeline}'); "
                f"'{benchmark.head.name}' asks questions.",
                "-m with a model by itself",
            )


def _names(case: Case) -> list[str]:
    return [case.case_id, *(image.sha256 for image in case.images)]


def check_bounded(
    plan: RunPlan, benchmark: BenchmarkFolder, prepared: PreparedSystem, notice: Callable[[str], None]
) -> None:
    """Check that the ceiling holds: what any call of a system may cost at most is known when it is made.

    Raises:
        UsageError: The ceiling was asked for and cannot hold.
    """
    if plan.max_cost is None:
        return
    pipeline = new_pipeline(prepared, benchmark)
    missing: dict[str, dict[str, None]] = {stage.role: {} for stage in prepared.stages}
    prices = {stage.role: Prices(stage.model, batch=plan.batch) for stage in prepared.stages}
    by_token = {None, "token"} | ({"hour"} if plan.batch else set())
    if not any(of_role.charged in by_token for of_role in prices.values()):
        return
    for case in selected_cases(benchmark, plan.limit):  # the first one may have no image, and the next has
        for call in planned_calls(pipeline, prepared, case, 0):
            role = call.call_for.role
            missing[role].update(dict.fromkeys(prices[role].unbounded_by(call.request)))
        if any(missing.values()):
            break
    for stage, asked in zip(prepared.stages, prepared.system.stages, strict=True):
        keys = tuple(missing[stage.role])
        check_ceiling(asked.model.name, keys, plan.max_cost, must_hold=plan.must_hold, notice=notice)


def runs_of(
    plan: RunPlan, benchmark: BenchmarkFolder, notice: Callable[[str], None]
) -> list[SystemRun | MedbenchError]:
    """Return the run of each system, or the error with which it ends; a host that is refused comes first."""

    def run_of(prepared: PreparedSystem) -> SystemRun | MedbenchError:
        try:
            check_parts(prepared)
            return find_run(plan, benchmark, prepared, notice)
        except MedbenchError as error:
            return error

    return [run_of(prepared) for prepared in plan.systems]


def models_of(plan: RunPlan, runs: Sequence[SystemRun | MedbenchError]) -> list[tuple[str, ModelFile]]:
    """Return each model that would be asked, with its system's name: a run keeps those that it began with."""
    systems = [
        prepared if isinstance(run, MedbenchError) else run.prepared
        for prepared, run in zip(plan.systems, runs, strict=True)
    ]
    return [(each.system.name, stage.model) for each in systems for stage in each.stages]


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
    for use, stage in zip(prepared.system.stages, prepared.stages, strict=True):
        missing = missing_access(stage.model, use.model.name)
        if missing:
            problem = f"'{prepared.system.name}' cannot be asked: no {missing.name}."
            raise UsageError(problem, missing.hint)
