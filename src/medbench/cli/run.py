"""`medbench run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from medbench.cli import console, options
from medbench.cli.endpoints.put_up import agree, say_left_behind, say_offers, say_still_up
from medbench.cli.names import doctor_line, typed_line
from medbench.errors import UsageError
from medbench.sentences import counted, line_of, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.steps.endpoint.plan import DeployPlan
    from medbench.steps.run.hooks import RunHooks
    from medbench.steps.run.run_plan import RunPlan
    from medbench.steps.run.unit import Outcome


def run(
    benchmark: Annotated[
        str | None,
        typer.Argument(
            help="Folder of a benchmark, phantom-40 (the default) or phantom-200; or an experiment: its TOML "
            "file, or a name that `medbench configs` lists."
        ),
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
    probe: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT",
            help="Run each model again with none (no image), a blank one, a swap with another case's, a "
            "mirror of each, or no-history; with commas.",
        ),
    ] = None,
    concurrency: options.Concurrency = None,
    max_cost: options.MaxCost = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin a second run instead of going on.")] = False,
    batch: options.Batch = False,
    batch_deadline: options.BatchDeadline = None,
    then: options.Then = None,
    with_endpoint: Annotated[
        bool,
        typer.Option(
            "--with-endpoint",
            help="Put up the endpoints that the models lack, run, and take them down however it ends.",
        ),
    ] = False,
    accept_eula: options.AcceptEula = False,
    executor: options.Executor = "local",
    address: options.Address = None,
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
      medbench run medpix-100 -m NAME --with-endpoint      on an endpoint that is up for this run only
      medbench run prompt-ab --dry-run            an experiment: systems, judge and comparison in one file
    """
    from medbench.steps.experiment.read import is_experiment

    if benchmark is not None and is_experiment(benchmark):
        from medbench.cli.experiment import run_experiment

        _refuse_options(
            benchmark,
            model=model,
            set=set_,
            prompt=prompt,
            limit=limit,
            replicates=replicates != 1,
            images=images != "spread",
            probe=probe,
            fresh=fresh,
            batch=batch,
            batch_deadline=batch_deadline is not None,
            then=then,
            with_endpoint=with_endpoint,
            accept_eula=accept_eula,
        )
        return run_experiment(
            benchmark,
            max_cost=max_cost,
            concurrency=concurrency,
            executor=executor,
            address=address,
            out=out,
            dry_run=dry_run,
            min_coverage=min_coverage,
        )
    from medbench.api.progress import run_watcher
    from medbench.api.running.run_plan import plan_run
    from medbench.steps.run.hooks import RunHooks
    from medbench.steps.run.run import run_all

    try:
        plan = plan_run(
            benchmark,
            model or None,
            settings=set_,
            prompt=prompt,
            limit=limit,
            replicates=replicates,
            images=images,
            probes=probe,
            concurrency=concurrency,
            max_cost=max_cost,
            fresh=fresh,
            batch=batch,
            batch_deadline=batch_deadline,
            then=then,
            executor=executor,
            address=address,
            out=out,
            command=typed_line(),
            notice=console.say,
        )
    except UsageError as error:
        raise _or_experiment(error, benchmark) from None
    if dry_run:
        return show_plan(plan, max_cost, with_endpoint=with_endpoint)
    if with_endpoint:
        return _with_endpoint(plan, min_coverage, accept_eula=accept_eula)
    say_left_behind()
    with run_watcher(console.talk()) as watching:
        hooks = RunHooks(watching)
        outcomes = run_all(plan, hooks)
    code = _finish(plan, hooks, outcomes, min_coverage)
    say_still_up(plan)
    return code


def _or_experiment(error: UsageError, name: str | None) -> UsageError:
    """Return the error about a benchmark that is not there, with the experiment whose name is like it."""
    from medbench.registry import shipped_names
    from medbench.steps.experiment.read import CONFIGS

    if name is None or error.instead or not error.message.startswith(f"no benchmark is called '{name}'"):
        return error
    close = nearest(name, shipped_names(CONFIGS))
    return UsageError(error.message, f"'{close}', an experiment", (name, close)) if close else error


def _with_endpoint(plan: RunPlan, min_coverage: float, *, accept_eula: bool) -> int:
    """Run on endpoints that are put up for it and taken down at its end."""
    from medbench.api.progress import run_watcher
    from medbench.config import load_settings
    from medbench.endpoints.clock import system_clock
    from medbench.steps.endpoint.plan import Choice
    from medbench.steps.endpoint.session import run_with_endpoints
    from medbench.steps.run.hooks import RunHooks

    def asked(new: Sequence[DeployPlan]) -> None:
        say_offers(new)
        agree(accept_eula=accept_eula)

    choice = Choice(own=load_settings().models)
    with run_watcher(console.talk()) as watching:
        hooks = RunHooks(watching)
        try:
            conducted = run_with_endpoints(plan, choice, system_clock(), hooks, asked)
        except KeyboardInterrupt:
            return console.stopped("what came is kept")
    if conducted.over_ceiling:
        _finish(plan, hooks, conducted.outcomes, min_coverage)
        return 3
    code = _finish(plan, hooks, conducted.outcomes, min_coverage)
    return code if conducted.all_down else code or 3


def _refuse_options(experiment: str, **given: object) -> None:
    """Refuse options that an experiment's file decides, and those of one run that no file has.

    Raises:
        UsageError: One of them was given.
    """
    typed = next((name for name, value in given.items() if value), None)
    if typed is None:
        return
    option = f"--{typed.replace('_', '-')}"
    if typed in {"with_endpoint", "accept_eula"}:
        raise UsageError(
            f"{option} is of a single run; an experiment asks the endpoints that are up.",
            "medbench endpoint deploy MODEL   (before this line; after it: medbench endpoint undeploy)",
        )
    if typed in {"batch", "batch_deadline", "then"}:
        raise UsageError(
            f"{option} is of a single run; an experiment asks its systems at the same time, call by call.",
            "medbench run BENCHMARK -m MODEL --batch   (each system; this line then asks what is missing)",
        )
    raise UsageError(
        f"{option} changes what experiment '{experiment}' declares.", "leave it out, or change the file"
    )


def show_plan(
    plan: RunPlan, max_cost: float | None, *, with_endpoint: bool = False, judged: bool = True
) -> int:
    """Show what would be sent, and end as the run would that is refused.

    Judging is left out of it where nobody is to judge the outputs.

    Raises:
        MedbenchError: The run would be refused with it.
    """
    from dataclasses import replace

    from medbench.api.running.run_plan import forecast_run
    from medbench.cli.result import check_refusals, end_dry_run
    from medbench.report.dry_run import plan_screen

    if with_endpoint:
        from medbench.steps.endpoint.session import without_endpoints

        plan = without_endpoints(plan)
    forecast = forecast_run(plan, max_cost, console.say)
    if not judged:
        forecast = replace(forecast, judging=None)
    console.show(*plan_screen(forecast))
    console.say("Nothing was sent or written.")
    check_refusals(forecast.refusals)
    return end_dry_run(forecast.ceiling)


def _finish(plan: RunPlan, hooks: RunHooks, outcomes: list[Outcome], min_coverage: float) -> int:
    from medbench.api.running.run_result import begun_folders, spent_by
    from medbench.cli.result import show_result
    from medbench.report.numbers import cost
    from medbench.steps.reading.spending import up_usd
    from medbench.store.benchmark import find_benchmark

    benchmark = find_benchmark(plan.benchmark)
    begun = begun_folders(outcomes)
    scored = show_result(begun) if begun else True
    where = f"{plan.root / benchmark.head.name}/"
    for outcome in outcomes:
        if outcome.reused:
            console.say(
                f"{outcome.run.folder.name}: {outcome.reused} of {counted(outcome.run.done.texts, 'output')} "
                "paid for by another run of this system, taken from there."
            )
    spent = spent_by(outcomes).total()
    if spent.calls or any(outcome.answered for outcome in outcomes):
        took = sum(outcome.seconds for outcome in outcomes)
        paid = cost(spent.known, spent.unknown)
        if any(up_usd(outcome.run.folder) for outcome in outcomes):
            paid += " used"  # of the hours of an endpoint, which the table has
        console.say(f"Wrote {where} ({counted(len(outcomes), 'run')}, {took:.1f} s, {paid}).")
    elif any(outcome.run.left for outcome in outcomes):
        console.say(f"{where}: nothing was sent.")
    else:
        console.say(f"{where} was complete: nothing was sent.")
    return _exit(hooks, plan, outcomes, min_coverage) or (0 if scored else 1)


def _exit(hooks: RunHooks, plan: RunPlan, outcomes: list[Outcome], min_coverage: float) -> int:
    from medbench.api.running.run_result import missing_outputs
    from medbench.report.numbers import counts

    if hooks.stop.is_set():
        left = sum(outcome.run.left for outcome in outcomes)
        missing = counted(left, "output is", "outputs are")
        return console.stopped(f"{missing} missing, everything that came is kept")
    unfinished = [outcome for outcome in outcomes if outcome.run.left]
    for outcome in unfinished:
        for line in missing_outputs(outcome):
            console.say(line)
    if unfinished:
        waits = any(outcome.waiting for outcome in unfinished)
        down = next((outcome.given_up for outcome in unfinished if outcome.given_up), None)
        failed = (outcome.run.prepared for outcome in unfinished if outcome.open_failures)
        asked_in_vain = [each.system.stages[0].model.name for each in failed if each.stages]
        console.say_next(
            (
                down.hint if down else "the same line again",
                "" if down else "collects what came by then" if waits else "asks for them once more",
            ),
            (line_of("show", unfinished[0].run.folder), "which, and why"),
            *map(doctor_line, asked_in_vain[:1]),
        )
        return 3
    asked = [outcome for outcome in outcomes if not outcome.run.prepared.system.is_floor]
    thin = [outcome for outcome in asked if outcome.coverage < min_coverage]
    for outcome in thin:
        console.say(
            f"{outcome.run.folder.name}: only {outcome.run.done.texts} of "
            f"{counted(outcome.run.wanted, 'output has', 'outputs have')} a text "
            f"({counts(outcome.run.done.final_failures)}); --min-coverage is {min_coverage:.2f}."
        )
    _say_next(plan, models_asked=bool(asked))
    return 3 if thin else 0


def _say_next(plan: RunPlan, *, models_asked: bool) -> None:
    from medbench.config import load_settings
    from medbench.store.benchmark import DEFAULT, find_benchmark

    benchmark = find_benchmark(plan.benchmark)
    case = (line_of("show", next(benchmark.cases()).case_id), "one case, with every output")
    if str(plan.root) != load_settings().defaults.runs:
        console.say_next((line_of("compare", plan.root / benchmark.head.name), "the runs side by side"))
    elif benchmark.head.name == DEFAULT and not models_asked:
        console.say_next(
            ("medbench build medpix", "real cases"),
            ("medbench models", "real models, and what each still needs"),
            case,
        )
    else:
        console.say_next(("medbench compare", "the runs side by side"), case)
