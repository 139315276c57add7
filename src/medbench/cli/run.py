"""`medbench run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medbench.api.names import split_names
from medbench.cli import console, options
from medbench.cli.names import typed_line
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.config import Settings
    from medbench.steps.access.systems import PreparedSystem
    from medbench.steps.run.hooks import RunHooks
    from medbench.steps.run.run_plan import RunPlan
    from medbench.steps.run.unit import Outcome
    from medbench.store.benchmark import BenchmarkFolder


def run(
    benchmark: Annotated[
        str | None, typer.Argument(help="Folder or name of a benchmark; without it the embedded one.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            "-m",
            help="Models, with commas or repeated; also replay:RUN, ./mine.toml, my_pkg.mod:Name.",
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of the models; repeatable."),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(help="Name or TOML file of the prompt.", show_default="comprehensive"),
    ] = None,
    limit: options.Limit = None,
    replicates: Annotated[int, typer.Option(min=1, help="How often each case is asked.")] = 1,
    images: Annotated[
        str,
        typer.Option(
            metavar="WHICH",
            help="Images of a case that are sent: first, all, spread (evenly, at most 4), spread:N, each "
            "(one call an image) or none.",
        ),
    ] = "spread",
    concurrency: options.Concurrency = None,
    max_cost: options.MaxCost = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin a second run instead of going on.")] = False,
    dry_run: options.DryRun = False,
    min_coverage: Annotated[
        float, typer.Option(min=0, max=1, help="Share of outputs below which the exit code is 3.")
    ] = options.MIN_COVERAGE,
    out: options.RunsFolder = None,
) -> int:
    """Run systems on a benchmark; the same line again goes on.

    \b
      medbench run                                the baselines on the embedded benchmark
      medbench run medpix-100 -m NAME,NAME        models on a benchmark of yours
      medbench run medpix-100 -m replay:RUN       answers of a recorded run again
    """
    from medbench.api.progress import run_watcher
    from medbench.config import load_settings
    from medbench.errors import UsageError
    from medbench.steps.access.specs import specs_of
    from medbench.steps.access.systems import prepare
    from medbench.steps.run.hooks import RunHooks
    from medbench.steps.run.run import run_all
    from medbench.steps.run.run_plan import RunPlan

    settings = load_settings()
    root = out or Path(settings.defaults.runs)
    names = split_names(model) or list(settings.defaults.models)
    if model and not split_names(model):
        raise UsageError("-m names no model: ''.", "-m NAME   (all: medbench models)")
    chosen = _benchmark(benchmark or settings.defaults.benchmark, names)
    specs = specs_of(names, set_ or (), prompt, images)
    plan = RunPlan(
        benchmark=chosen.address,
        systems=prepare(specs, settings, root, chosen),
        root=root,
        command=typed_line(),
        limit=limit,
        replicates=replicates,
        concurrency=concurrency or settings.defaults.concurrency,
        max_cost=settings.max_cost if max_cost is None else max_cost,
        fresh=fresh,
    )
    with run_watcher(console.talk()) as watching:
        hooks = RunHooks(watching)
        if dry_run:
            return _show_plan(plan, hooks, settings, max_cost)
        outcomes = run_all(plan, hooks)
    return _finish(plan, hooks, chosen, outcomes, min_coverage)


def _benchmark(name: str | None, models: list[str]) -> BenchmarkFolder:
    from medbench.store.benchmark import DEFAULT, find_benchmark

    if name is None:
        console.say(f"No benchmark named: {DEFAULT}, drawn images with known findings (no patients).")
    found = find_benchmark(name or DEFAULT)
    found.check()
    if not models:
        console.say("No model named: the baselines (free).")
    if not found.head.pool:
        console.say("It has no pool: the two baselines that show pool cases are left out.")
    console.say()
    return found


def _show_plan(plan: RunPlan, hooks: RunHooks, settings: Settings, most: float | None) -> int:
    from medbench.report.dry_run import plan_screen
    from medbench.steps.run.dry_run import planned

    if most is not None:
        most_from = "from --max-cost"
    elif "max_cost" in settings.model_fields_set:
        most_from = "from medbench.toml; --max-cost for another"
    else:
        most_from = "unless --max-cost or medbench.toml says otherwise"
    console.show(*plan_screen(planned(plan, settings.models, most_from, hooks.watcher.notice)))
    console.say("Nothing was sent or written.")
    missing = _missing(plan.systems)
    for words in missing:
        console.say(f"Missing: {words}")
    console.say(f"Next: the same line without --dry-run{', when that is there' if missing else ''}")
    return 0


def _missing(systems: Sequence[PreparedSystem]) -> list[str]:
    """What keeps systems from being run, in words."""
    from medbench.errors import UsageError
    from medbench.steps.run.checks import check_ready

    found = []
    for system in systems:
        try:
            check_ready(system)
        except UsageError as error:
            found.append(f"{error.message} {error.hint}")
    return found


def _finish(
    plan: RunPlan,
    hooks: RunHooks,
    benchmark: BenchmarkFolder,
    outcomes: list[Outcome],
    min_coverage: float,
) -> int:
    from medbench.cli.result import show_result
    from medbench.store.runs import HEAD

    begun = [outcome.run.folder for outcome in outcomes if (outcome.run.folder / HEAD).is_file()]
    if begun:
        show_result(begun)
    where = f"{plan.root / benchmark.head.name}/"
    for outcome in outcomes:
        if outcome.reused:
            console.say(
                f"{outcome.run.folder.name}: {outcome.reused} of {counted(outcome.run.done.texts, 'output')} "
                "paid for by another run of this system, taken from there."
            )
    if any(outcome.answered for outcome in outcomes):
        spent = sum(outcome.seconds for outcome in outcomes)
        console.say(f"Wrote {where} ({counted(len(outcomes), 'run')}, {spent:.1f} s).")
    else:
        console.say(f"{where} was complete: nothing was sent.")
    return _exit(hooks, benchmark, outcomes, min_coverage)


def _exit(hooks: RunHooks, benchmark: BenchmarkFolder, outcomes: list[Outcome], min_coverage: float) -> int:
    from medbench.report.numbers import counts

    if hooks.stop.is_set():
        left = sum(outcome.run.left for outcome in outcomes)
        console.say(
            f"Stopped by Ctrl-C: {counted(left, 'output is', 'outputs are')} missing, everything that "
            "came is kept.\n"
            "Next: the same line again goes on"
        )
        return 130
    unfinished = [outcome for outcome in outcomes if outcome.run.left]
    for outcome in unfinished:
        console.say(
            f"{outcome.run.folder.name}: {outcome.run.left} of "
            f"{counted(outcome.run.wanted, 'output is', 'outputs are')} missing "
            f"({counts(outcome.open_failures) if outcome.open_failures else 'not run'})."
        )
        if outcome.first_reason:
            console.say(f"  the first: {outcome.first_reason}")
    if unfinished:
        down = next((outcome.given_up for outcome in unfinished if outcome.given_up), None)
        console.say(f"Next: {down.hint if down else 'the same line again asks for them once more'}")
        console.say(f"      medbench show {unfinished[0].run.folder}      which, and why")
        return 3
    asked = [outcome for outcome in outcomes if not outcome.run.prepared.system.is_floor]
    thin = [outcome for outcome in asked if outcome.coverage < min_coverage]
    for outcome in thin:
        console.say(
            f"{outcome.run.folder.name}: only {outcome.run.done.texts} of "
            f"{counted(outcome.run.wanted, 'case has', 'cases have')} an output "
            f"({counts(outcome.run.done.final_failures)}); --min-coverage is {min_coverage:.2f}."
        )
    _say_next(benchmark)
    return 3 if thin else 0


def _say_next(benchmark: BenchmarkFolder) -> None:
    from medbench.store.benchmark import DEFAULT

    first = next(benchmark.cases()).case_id
    if benchmark.head.name == DEFAULT:
        console.say("Next: medbench build medpix          real cases")
        console.say("      medbench models                real models, and what each still needs")
        console.say(f"      medbench show {first:<17}one case: its images, its reference, every output")
    else:
        console.say("Next: medbench compare               the runs side by side, by region and modality")
        console.say(f"      medbench show {first:<17}one case: its images, its reference, every output")
