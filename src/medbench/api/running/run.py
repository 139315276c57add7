"""Run systems on a benchmark."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from medbench.api.arguments import call_line, with_arguments_of
from medbench.api.progress import run_hooks
from medbench.api.running.run_plan import forecast_run, plan_run
from medbench.api.running.run_result import DryRun, RunResult, begun_folders
from medbench.errors import UnfinishedError, UsageError
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from medbench.api.benchmarks import BenchmarkName
    from medbench.api.running.run_plan import Models
    from medbench.schema.batch import Then
    from medbench.steps.endpoint.plan import DeployPlan
    from medbench.steps.run.hooks import RunHooks
    from medbench.steps.run.run_plan import RunPlan
    from medbench.steps.run.unit import Outcome


def run(
    benchmark: BenchmarkName | None = None,
    models: Models | None = None,
    *,
    settings: Mapping[str, Any] | Iterable[str] | None = None,
    prompt: str | Path | None = None,
    limit: int | None = None,
    replicates: int = 1,
    images: str = "spread",
    probes: str | Iterable[str] | None = None,
    concurrency: int | None = None,
    max_cost: float | None = None,
    fresh: bool = False,
    batch: bool = False,
    batch_deadline: float | None = None,
    then: Then | None = None,
    with_endpoint: bool = False,
    accept_eula: bool = False,
    executor: str = "local",
    address: str | None = None,
    out: str | Path | None = None,
    progress: bool = True,
) -> RunResult:
    """Run systems on a benchmark, and the baselines, which are free; the same call again goes on.

    It may be called where an event loop is running, as in a notebook. Ctrl-C, or the interrupt of a notebook,
    stops it after the calls in flight; what came is kept. What failed is in the result and no error.

    Args:
        benchmark: Name, folder or benchmark; by default that of medbench.toml, or else 'phantom-40'.
        models: Names, several with commas or as a list, also 'replay:RUN', a TOML file, 'my_pkg.mod:Name'; by
            default those of medbench.toml. Without any, the baselines alone.
        settings: Settings of the models, such as {'temperature': 0.3}.
        prompt: Name or TOML file of the prompt; by default 'comprehensive'.
        limit: Only so many cases, taken round-robin over the strata.
        replicates: How often each case is asked.
        images: Images of a case that are sent: 'first', 'all', 'spread' (evenly, at most 4), 'spread:N',
            'each' (one call an image) or 'none'.
        probes: Runs each model again with 'none' (no image), a 'blank' one, a 'swap' with another case's,
            a 'mirror' of each, or with 'no-history', to see what its answers rest on.
        concurrency: Most calls at a time, of all models together; by default the number of each model's file,
            or what is found by trying.
        max_cost: Dollars that this call may spend at most; by default that of medbench.toml, or else 10.
        fresh: Begin a second run of each model instead of going on.
        batch: Send what is to be asked in batches, at a lower price, and collect those that ended; the same
            call goes on, within a day or so. How long a call takes is unknown then.
        batch_deadline: Hours after which a batch is given up; 26 unless said otherwise. Needs `then`.
        then: What a batch that is given up leaves: 'live' asks each request by itself, 'stop' asks none.
        with_endpoint: Put up the endpoints that the models lack, run, and take them down however it ends.
            They cost by the hour. Not for `run_async`.
        accept_eula: You accept price and licence of what is put up; the error without it shows them.
        executor: Machines that do the work: 'local' for this one, or 'ray' for those of a Ray cluster.
        address: HOST:PORT of the head of the cluster that this machine is part of; by default one of its own.
        out: Folder of the runs; by default that of medbench.toml, or else 'runs'.
        progress: Show on stderr how it goes on.

    Raises:
        UsageError: A name, a setting or a number is wrong, or something that a model needs is missing.
        InputError: The benchmark was changed.
        LockedError: Another process is writing one of the runs.
        StoreError: A run belongs to something else, or something could not be written.
        KeyboardInterrupt: It was stopped; the same call goes on.
    """
    arguments = locals()
    from medbench.steps.run.run import run_all

    with run_hooks(progress=arguments.pop("progress")) as hooks:
        plan = _planned(arguments, hooks.watcher.notice)
        outcomes = _on_endpoints(plan, hooks, accepted=accept_eula) if with_endpoint else run_all(plan, hooks)
    if hooks.stop.is_set():
        raise KeyboardInterrupt(_stopped(outcomes))
    return RunResult(begun_folders(outcomes), outcomes)


@with_arguments_of(run)
async def run_async(arguments: dict[str, Any]) -> RunResult:
    """Do what `run` does without blocking: `await` it, in a notebook's cell too.

    Raises:
        CancelledError: It was stopped by Ctrl-C; the same call goes on.
    """
    from medbench.steps.access.stop import cancelled_by_ctrl_c, ending_at_once
    from medbench.steps.run.run import run_async as work

    if arguments["with_endpoint"]:
        raise UsageError("endpoints are put up for a run that blocks.", "mb.run, also in a notebook")
    with cancelled_by_ctrl_c(), run_hooks(progress=arguments.pop("progress")) as hooks:
        with ending_at_once():
            plan = _planned(arguments, hooks.watcher.notice)
        outcomes = await work(plan, hooks)
    if hooks.stop.is_set():
        raise asyncio.CancelledError(_stopped(outcomes))
    return RunResult(begun_folders(outcomes), outcomes)


@with_arguments_of(run)
def dry_run(arguments: dict[str, Any]) -> DryRun:
    """Return what `run` would send and cost, of the same arguments. Nothing is sent or written.

    Raises:
        UsageError: A name, a setting or a number is wrong.
        InputError: The benchmark was changed.
    """
    arguments.pop("progress")
    with run_hooks(progress=False) as hooks:
        notice = hooks.watcher.notice
        plan = _planned(arguments, notice)
        if arguments["with_endpoint"]:
            from medbench.steps.endpoint.session import without_endpoints

            plan = without_endpoints(plan)
        return DryRun(forecast_run(plan, arguments["max_cost"], notice))


def _planned(arguments: dict[str, Any], notice: Callable[[str], None]) -> RunPlan:
    """Return the plan of a run, with the call for the record."""
    of_endpoints = {"with_endpoint", "accept_eula"}
    given = {name: value for name, value in arguments.items() if name not in of_endpoints}
    return plan_run(**given, command=call_line(run, arguments), notice=notice)


def _on_endpoints(plan: RunPlan, hooks: RunHooks, *, accepted: bool) -> list[Outcome]:
    """Run on endpoints that are put up for it and taken down at its end.

    Raises:
        UsageError: Price and licence were not accepted.
        UnfinishedError: Something may still be up.
    """
    from medbench.config import load_settings
    from medbench.endpoints.clock import system_clock
    from medbench.report.endpoints.screens import offer
    from medbench.steps.endpoint.plan import Choice
    from medbench.steps.endpoint.session import run_with_endpoints

    def agreed(new: Sequence[DeployPlan]) -> None:
        offers = "\n".join(str(offer(one.intent, one.licence).text) for one in new)
        if not accepted:
            raise UsageError(f"licence and price have to be accepted.\n{offers}", "accept_eula=True")
        hooks.watcher.notice(offers)

    conducted = run_with_endpoints(plan, Choice(own=load_settings().models), system_clock(), hooks, agreed)
    if not conducted.all_down:
        raise UnfinishedError("an endpoint may still be up, and costs by the hour.", "medbench endpoint list")
    return conducted.outcomes


def _stopped(outcomes: Iterable[Outcome]) -> str:
    left = sum(outcome.run.left for outcome in outcomes)
    missing = counted(left, "output is", "outputs are")
    return f"{missing} missing, everything that came is kept; the same call goes on"
