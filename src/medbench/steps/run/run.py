"""The step `run`: systems on a benchmark; the same call again goes on where it stopped."""

from __future__ import annotations

import asyncio
import math
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from medbench.client.budget import Budget
from medbench.errors import LockedError
from medbench.schema.base import make_ready
from medbench.schema.response import Reply, Request, Response
from medbench.schema.run import Output
from medbench.steps.access.changes import unknown_settings
from medbench.steps.access.clients import Accounts, CallPolicy
from medbench.steps.access.hosts import check_egress, check_host, destinations
from medbench.steps.access.stop import ending_at_once, run_blocking
from medbench.steps.reading.selection import selected_cases
from medbench.steps.run.checks import check_cases, models_of, runs_of
from medbench.steps.run.image_check import ImageCheck
from medbench.steps.run.reuse import SharedAnswers
from medbench.steps.run.unit import Outcome, new_unit
from medbench.store.benchmark import find_benchmark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from medbench.executors.cluster.crew import Crew
    from medbench.schema.case import Case
    from medbench.steps.run.hooks import RunHooks
    from medbench.steps.run.run_plan import RunPlan
    from medbench.steps.run.unit import Unit
    from medbench.store.benchmark import BenchmarkFolder


def run_all(plan: RunPlan, hooks: RunHooks) -> list[Outcome]:
    """Run the systems of a plan, from code that is not async; see `run_async`.

    Raises:
        KeyboardInterrupt: The second Ctrl-C did not wait for what was in flight.
    """
    return run_blocking(run_async(plan, hooks), hooks.stop)


async def run_async(plan: RunPlan, hooks: RunHooks) -> list[Outcome]:
    """Run the systems of a plan, and return how each stands, in the plan's order.

    Systems on different servers run at the same time, those on one server one after the other unless they are
    interleaved; then come the floors, which ask no server.

    Raises:
        UsageError: Something of a system does not exist or does not fit; nothing was written.
        LockedError: Another process is writing one of the runs.
        StoreError: A run belongs to something else, or something could not be written.
        KeyboardInterrupt: Ctrl-C was pressed before anything was sent.
    """
    with ending_at_once():
        units = _units(plan, hooks)
    async with AsyncExitStack() as stack:
        stack.enter_context(hooks.stop.on_interrupt(hooks.watcher.notice))
        outcomes: dict[int, Outcome] = {}
        await _start_crew(units, stack)
        for unit in units:
            await unit.connect()
        asking = [unit for unit in units if unit.servers]
        # An error of one server ends its own lane only: what is paid for elsewhere must not be lost.
        lanes = [[unit] for unit in asking] if plan.interleaved else _lanes(asking)
        errors = await asyncio.gather(
            *(_one_by_one(lane, outcomes) for lane in lanes), return_exceptions=True
        )
        for error in errors:
            if error is not None:
                raise error
        await _one_by_one((unit for unit in units if not unit.servers), outcomes)
    return [outcomes[id(unit)] for unit in units]


async def _start_crew(units: Sequence[Unit], stack: AsyncExitStack) -> None:
    """Start the workers of a plan that makes its calls on other machines, which end with the stack."""
    asking = [unit for unit in units if unit.servers]
    crew = asking[0].calls.crew if asking else None
    if crew is None:
        return
    stack.push_async_callback(crew.close)
    accounts = asking[0].calls.accounts
    models = (stage.model for unit in asking for stage in unit.run.prepared.stages)
    await crew.start(accounts.most_of(models))


def _crew(plan: RunPlan, benchmark: BenchmarkFolder, notice: Callable[[str], None]) -> Crew | None:
    cluster = plan.placement.cluster()
    if cluster is None:
        return None
    from medbench.executors.cluster.crew import Crew

    allow = partial(check_host, benchmark.head)
    return Crew(cluster, benchmark.path, shipped=bool(benchmark.link), allow=allow, notice=notice)


def _units(plan: RunPlan, hooks: RunHooks) -> list[Unit]:
    benchmark = find_benchmark(plan.benchmark)
    check_cases(benchmark, plan.systems)
    runs = runs_of(plan, benchmark, hooks.watcher.notice)
    check_egress(benchmark.head, models_of(plan, runs))
    most = math.inf if plan.max_cost is None else plan.max_cost
    budget = Budget(most, strict=plan.must_hold, raised_by=plan.max_cost_from)
    crew = _crew(plan, benchmark, hooks.watcher.notice)
    calls = CallPolicy(Accounts(plan.concurrency), hooks.stop.pause, hooks.policy, budget, crew)
    make_ready(Request, Reply, Response, Output)  # calls in flight would wait for it
    images = ImageCheck(benchmark)
    shared = SharedAnswers(plan.root / benchmark.head.name) if plan.interleaved else None
    units = [new_unit(plan, hooks, images, run, calls, shared) for run in runs]
    images.begin(_cases_left(plan, benchmark, units), hooks.watcher.notice)
    asked = [unit.run.prepared for unit in units if unit.run.left]
    models = [(each.system.name, stage.model) for each in asked for stage in each.stages]
    for words in (*destinations(models), *unknown_settings(models)):
        hooks.watcher.notice(words)
    return units


def _cases_left(plan: RunPlan, benchmark: BenchmarkFolder, units: Sequence[Unit]) -> Iterator[Case]:
    """Yield the cases that are to be asked of any system."""
    left = [(unit.run.done, range(plan.replicates_of(unit.run.prepared.system))) for unit in units]
    if not any(unit.run.left for unit in units):
        return
    for case in selected_cases(benchmark, plan.limit):
        if any(not done.is_done(case.case_id, n) for done, replicates in left for n in replicates):
            yield case


def _lanes(units: Sequence[Unit]) -> list[list[Unit]]:
    """Sort units so that no two lanes ask one server; each lane keeps the order of the units."""
    together: dict[object, frozenset[object]] = {}
    for unit in units:
        servers = unit.servers.union(*(together.get(server, ()) for server in unit.servers))
        together.update(dict.fromkeys(servers, servers))
    lanes: dict[frozenset[object], list[Unit]] = {}
    for unit in units:
        lanes.setdefault(together[next(iter(unit.servers))], []).append(unit)
    return list(lanes.values())


async def _one_by_one(lane: Iterable[Unit], outcomes: dict[int, Outcome]) -> None:
    """Let units work one after the other, and note the outcome of each."""
    for unit in lane:
        outcomes[id(unit)] = await _outcome_of(unit)
        unit.run.done.keep_numbers()  # of many cases, which of them are done is much to hold


async def _outcome_of(unit: Unit) -> Outcome:
    if unit.hooks.stop.is_set():
        return Outcome(unit.run)
    try:
        return await unit.work()
    except LockedError as error:
        # A floor is left to the process that is at it; a model's run is not left to others silently.
        if not unit.run.prepared.system.is_floor:
            raise
        unit.hooks.watcher.notice(f"{error.message} It is left to that process.")
        unit.run.done.refresh()
        return Outcome(unit.run)
