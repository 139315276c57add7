"""`medbench run`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medbench.cli import console, options
from medbench.cli.names import split, typed_line
from medbench.sentences import counted

if TYPE_CHECKING:
    from medbench.config import Settings
    from medbench.steps.access.systems import PreparedSystem
    from medbench.steps.run.session import Outcome, Session
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
    """Systems on a benchmark; the same line again goes on.

    \b
      medbench run                                the baselines on the embedded benchmark
      medbench run medpix-100 -m NAME,NAME        models on a benchmark of yours
      medbench run medpix-100 -m replay:RUN       answers of a recorded run again
    """
    from medbench.cli.progress import watcher
    from medbench.config import load_settings
    from medbench.errors import UsageError
    from medbench.steps.access.stop import Stop
    from medbench.steps.access.systems import PROMPT, Choice, prepared_systems
    from medbench.steps.run.checks import check_images
    from medbench.steps.run.run import run_all
    from medbench.steps.run.session import Session

    settings = load_settings()
    root = out or Path(settings.defaults.runs)
    names = split(model) or list(settings.defaults.models)
    if model and not split(model):
        raise UsageError("-m names no model: ''.", "-m NAME   (all: medbench models)")
    chosen = _benchmark(benchmark or settings.defaults.benchmark, names)
    choice = Choice(tuple(names), tuple(set_ or ()), prompt or PROMPT, images)
    systems = prepared_systems(choice, settings, root, chosen)
    check_images(chosen, systems)
    with watcher() as watching:
        session = Session(
            benchmark=chosen,
            root=root,
            command=typed_line(),
            watcher=watching,
            stop=Stop(),
            limit=limit,
            replicates=replicates,
            concurrency=concurrency or settings.defaults.concurrency,
            max_cost=settings.max_cost if max_cost is None else max_cost,
            fresh=fresh,
        )
        if dry_run:
            return _show_plan(session, systems, settings, max_cost)
        outcomes = run_all(session, systems)
    return _finish(session, outcomes, min_coverage)


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


def _show_plan(
    session: Session, systems: list[PreparedSystem], settings: Settings, most: float | None
) -> int:
    from medbench.report.dry_run import plan_screen
    from medbench.steps.run.dry_run import planned

    if most is not None:
        most_from = "from --max-cost"
    elif "max_cost" in settings.model_fields_set:
        most_from = "from medbench.toml; --max-cost for another"
    else:
        most_from = "unless --max-cost or medbench.toml says otherwise"
    console.show(*plan_screen(planned(session, systems, settings.models, most_from)))
    console.say("Nothing was sent or written.")
    missing = _missing(systems)
    for words in missing:
        console.say(f"Missing: {words}")
    console.say(f"Next: the same line without --dry-run{', when that is there' if missing else ''}")
    return 0


def _missing(systems: list[PreparedSystem]) -> list[str]:
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


def _finish(session: Session, outcomes: list[Outcome], min_coverage: float) -> int:
    from medbench.cli.result import show_result
    from medbench.store.runs import HEAD

    begun = [outcome.folder for outcome in outcomes if (outcome.folder / HEAD).is_file()]
    if begun:
        show_result(begun)
    where = f"{session.root / session.benchmark.head.name}/"
    for outcome in outcomes:
        if outcome.reused:
            console.say(
                f"{outcome.folder.name}: {outcome.reused} of {counted(outcome.done.texts, 'output')} "
                "paid for by another run of this system, taken from there."
            )
    if any(outcome.asked for outcome in outcomes):
        spent = sum(outcome.seconds for outcome in outcomes)
        console.say(f"Wrote {where} ({counted(len(outcomes), 'run')}, {spent:.1f} s).")
    else:
        console.say(f"{where} was complete: nothing was sent.")
    return _exit(session, outcomes, min_coverage)


def _exit(session: Session, outcomes: list[Outcome], min_coverage: float) -> int:
    from medbench.report.numbers import counts

    if session.stop.is_set():
        left = sum(outcome.left for outcome in outcomes)
        console.say(
            f"Stopped by Ctrl-C: {counted(left, 'output is', 'outputs are')} missing, everything that "
            "came is kept.\n"
            "Next: the same line again goes on"
        )
        return 130
    unfinished = [outcome for outcome in outcomes if outcome.left]
    for outcome in unfinished:
        console.say(
            f"{outcome.folder.name}: {outcome.left} of "
            f"{counted(outcome.wanted, 'output is', 'outputs are')} missing "
            f"({counts(outcome.open_failures) if outcome.open_failures else 'not run'})."
        )
        if outcome.first_reason:
            console.say(f"  the first: {outcome.first_reason}")
    if unfinished:
        down = next((outcome.given_up for outcome in unfinished if outcome.given_up), None)
        console.say(f"Next: {down.hint if down else 'the same line again asks for them once more'}")
        console.say(f"      medbench show {unfinished[0].folder}      which, and why")
        return 3
    asked = [outcome for outcome in outcomes if not outcome.contestant.system.is_floor]
    thin = [outcome for outcome in asked if outcome.coverage < min_coverage]
    for outcome in thin:
        console.say(
            f"{outcome.folder.name}: only {outcome.done.texts} of "
            f"{counted(outcome.wanted, 'case has', 'cases have')} an output "
            f"({counts(outcome.done.final_failures)}); --min-coverage is {min_coverage:.2f}."
        )
    _say_next(session)
    return 3 if thin else 0


def _say_next(session: Session) -> None:
    from medbench.store.benchmark import DEFAULT

    first = next(session.benchmark.cases()).case_id
    if session.benchmark.head.name == DEFAULT:
        console.say("Next: medbench build medpix          real cases")
        console.say("      medbench models                real models, and what each still needs")
        console.say(f"      medbench show {first:<17}one case: its images, its reference, every output")
    else:
        console.say("Next: medbench compare               the runs side by side, by region and modality")
        console.say(f"      medbench show {first:<17}one case: its images, its reference, every output")
