"""Fill in the defaults of a run: what the command line and the Python API have in common."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from medbench.api.arguments import check_batch, check_number, split_names
from medbench.api.benchmarks import open_benchmark
from medbench.config import load_settings
from medbench.errors import InputError, MedbenchError, UsageError
from medbench.executors.cluster.placement import placement_of
from medbench.steps.access.batches import DEADLINE_H
from medbench.steps.access.probes import with_probes
from medbench.steps.access.specs import specs_of
from medbench.steps.access.systems import prepare
from medbench.steps.run.run_plan import RunPlan
from medbench.store.benchmark import DEFAULT, find_benchmark
from medbench.store.runs import runs_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from medbench.api.benchmarks import BenchmarkName
    from medbench.config import Settings
    from medbench.schema.batch import Then
    from medbench.schema.results.dry_run import Plan
    from medbench.schema.results.view import ModelView
    from medbench.steps.judge.judges import Judge
    from medbench.store.benchmark import BenchmarkFolder

ModelName: TypeAlias = "str | Path | ModelView"
"""A model: its name, its TOML file, 'replay:RUN', 'my_pkg.my_mod:Name', or one of `models()`."""
Models: TypeAlias = "ModelName | Iterable[ModelName]"


def plan_run(
    benchmark: BenchmarkName | None = None,
    models: Models | None = None,
    *,
    command: str,
    notice: Callable[[str], None],
    settings: Mapping[str, Any] | Iterable[str] | None = None,
    prompt: str | Path | None = None,
    limit: int | None = None,
    replicates: int = 1,
    images: str = "spread",
    probes: str | Iterable[str] | None = None,
    concurrency: int | None = None,
    max_cost: float | None = None,
    fresh: bool = False,
    out: str | Path | None = None,
    batch: bool = False,
    batch_deadline: float | None = None,
    then: Then | None = None,
    executor: str = "local",
    address: str | None = None,
) -> RunPlan:
    """Return the plan of a run; the arguments are those of `api.running.run.run`.

    `command` is what was typed, for the record; `notice` takes what a person should know of what was filled
    in.

    Raises:
        UsageError: A name, a setting or a number is wrong.
        InputError: The benchmark was changed.
    """
    check_number("limit", limit, 1)
    check_number("replicates", replicates, 1)
    check_number("concurrency", concurrency, 1)
    check_number("max_cost", max_cost, 0)
    check_batch(batch=batch, deadline=batch_deadline, then=then)
    placement = placement_of(executor, address)
    if batch and placement.executor != "local":
        raise UsageError(
            f"--executor {executor} has nothing to do for --batch: the service places the work of a batch.",
            "leave out one of them",
        )
    config = load_settings()
    if models is None:
        config.check_trusted("defaults.models")
    names = list(config.defaults.models) if models is None else _model_names(models)
    root = Path(out or config.defaults.runs)
    folder = _benchmark(benchmark or config.defaults.benchmark, root, names, notice)
    specs = specs_of(names, _changes(settings), str(prompt) if prompt else None, images)
    specs = with_probes(specs, split_names(probes))
    return RunPlan(
        benchmark=folder.address,
        systems=prepare(specs, config, root, folder),
        root=root,
        command=command,
        limit=limit,
        replicates=replicates,
        concurrency=concurrency or config.defaults.concurrency,
        max_cost=config.max_cost if max_cost is None else max_cost,
        must_hold=max_cost is not None or not config.max_cost,
        fresh=fresh,
        batch=batch,
        batch_deadline_h=DEADLINE_H if batch_deadline is None else batch_deadline,
        batch_then=then,
        placement=placement,
    )


def _model_names(models: Models) -> list[str]:
    given = [models] if isinstance(models, str) or not isinstance(models, Iterable) else models
    texts = [model if isinstance(model, (str, Path)) else model.name for model in given]
    names = split_names(texts)
    if texts and not names:
        raise UsageError("-m names no model: ''.", "-m NAME   (all: medbench models)")
    return names


def _benchmark(
    name: BenchmarkName | None, root: Path, models: list[str], notice: Callable[[str], None]
) -> BenchmarkFolder:
    if name is None:
        notice(f"No benchmark named: {DEFAULT}, drawn images with known findings (no patients).")
    folder = _found(name or DEFAULT, root, notice)
    folder.check()
    if not models:
        notice("No model named: the baselines (free).")
    if not folder.head.pool:
        notice(f"'{folder.head.name}' has no pool: the four baselines that use pool cases are left out.")
    if name is None or not models or not folder.head.pool:
        notice("")
    return folder


def _found(name: BenchmarkName, root: Path, notice: Callable[[str], None]) -> BenchmarkFolder:
    """Return a benchmark; one that was moved is that of the runs on it, so that the same line goes on."""
    try:
        return open_benchmark(name)
    except UsageError:
        runs = root / Path(str(name)).name
        begun = runs_in(runs) if runs.is_dir() else []
        if not begun:
            raise
    try:
        folder = begun[0].benchmark()
    except InputError as error:
        raise UsageError(error.message, "medbench run FOLDER   (where it lies now)") from None
    notice(f"'{name}' was moved; by the digest of its runs it is {folder.path}.")
    return folder


def _changes(settings: Mapping[str, Any] | Iterable[str] | None) -> tuple[str, ...]:
    """Return settings as they are typed at --set, where a value is written as in TOML."""
    if settings is None:
        return ()
    if isinstance(settings, str):
        return (settings,)
    if not hasattr(settings, "items"):
        return tuple(settings)
    return tuple(f"{key}={json.dumps(value)}" for key, value in settings.items())


def forecast_run(
    plan: RunPlan, max_cost: float | None, notice: Callable[[str], None], judged_by: str | None = None
) -> Plan:
    """Return what a run would send and cost; `max_cost` is the one that was given, if any."""
    from medbench.prompts.rubrics import RUBRIC
    from medbench.steps.judge.checks import no_need_of_judge
    from medbench.steps.judge.judges import USUAL, judges_named, usual_judges
    from medbench.steps.run.dry_run import planned
    from medbench.steps.run.judging_left import JudgingLeft

    config = load_settings()
    judges: list[Judge] = []
    try:
        names = (judged_by,) if judged_by else usual_judges(config) or (USUAL,)
        names = () if no_need_of_judge(find_benchmark(plan.benchmark)) else names
        judges = judges_named(names, config, config.defaults.rubric or RUBRIC)
    except MedbenchError as error:
        notice(f"Judging later cannot be forecast: {error.message}")
    left = [JudgingLeft(plan.root, judge.name, judge.model, judge.rubric) for judge in judges]
    return planned(plan, left, most_from(config, max_cost), notice)


def most_from(config: Settings, max_cost: float | None) -> str:
    """Return in words where the ceiling of a line comes from; `max_cost` is what was given, if anything."""
    if max_cost is not None:
        return "from --max-cost"
    if "max_cost" in config.model_fields_set:
        return "from medbench.toml; --max-cost for another"
    return "unless --max-cost or medbench.toml says otherwise"
