"""The step `run`: systems on a benchmark; the same call again goes on where it stopped."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.client.budget import Budget
from medbench.errors import BudgetError, LockedError, ProviderDownError, ProviderError
from medbench.executors.local import for_each
from medbench.images.recorded import Pictures
from medbench.pipelines import Tools
from medbench.registry import find_part
from medbench.schema.base import make_ready
from medbench.schema.response import Reply, Request, Response
from medbench.schema.run import Output
from medbench.sentences import counted
from medbench.steps.access.clients import Accounts, CallPolicy, new_provider, server_of
from medbench.steps.access.stop import run_blocking
from medbench.steps.run.checks import _check_bounded, check_parts, check_ready
from medbench.steps.run.events import Events
from medbench.steps.run.reuse import paid_elsewhere
from medbench.steps.run.run_folder import as_begun, folder_for, open_run
from medbench.steps.run.session import AT_A_TIME, Outcome, Pace, Session, Watcher, done_of, jobs, wanted_by
from medbench.store.jsonl import Journal
from medbench.store.ledger import Ledger
from medbench.store.lock import RunLock
from medbench.store.runs import EVENTS, HEAD, OUTPUTS, RunFolder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from medbench.client.client import Client
    from medbench.pipelines import Pipeline
    from medbench.providers import Provider
    from medbench.schema.case import Case
    from medbench.steps.access.systems import PreparedSystem
    from medbench.store.benchmark import BenchmarkFolder


@dataclass(slots=True)
class _Job:
    """One system and the folder of its run."""

    contestant: PreparedSystem
    folder: Path
    provider: Provider | None = None
    """The way to reach its model; None where none is asked."""


def run_all(session: Session, systems: Sequence[PreparedSystem]) -> list[Outcome]:
    """Work through the systems, and say how each stands.

    Systems on different servers run at the same time, those on one server one after the other; then come
    the floors, which ask no server.

    Raises:
        UsageError: A provider or pipeline does not exist; nothing was written.
        LockedError: Another process is writing one of the runs.
        StoreError: A run belongs to something else, or something could not be written.
    """
    todo = [_job(session, contestant) for contestant in systems]
    make_ready(Request, Reply, Response, Output)  # calls in flight would wait for it
    conduct = CallPolicy(
        Accounts(session.concurrency), session.stop.pause, session.policy, Budget(session.max_cost)
    )

    async def all_of_them() -> list[Outcome]:
        with session.stop.on_interrupt(session.watcher.notice):
            found: dict[Path, Outcome] = {}
            for job in todo:
                await _connect(job.provider)
            servers: dict[object, list[_Job]] = {}
            for job in todo:
                if job.contestant.model.provider is not None:
                    servers.setdefault(server_of(job.contestant.model), []).append(job)
            # An error of one server ends its own line only: what is paid for elsewhere must not be lost.
            lines = await asyncio.gather(
                *(_one_by_one(session, line, conduct) for line in servers.values()), return_exceptions=True
            )
            for line in lines:
                if isinstance(line, BaseException):
                    raise line
                found.update(line)
            floors = [job for job in todo if job.contestant.model.provider is None]
            found.update(await _one_by_one(session, floors, conduct))
            return [found[job.folder] for job in todo]

    return run_blocking(all_of_them(), session.stop)


def _job(session: Session, contestant: PreparedSystem) -> _Job:
    check_parts(contestant)
    folder = folder_for(session, contestant)
    contestant = as_begun(session, contestant, folder)
    if (folder / HEAD).is_file():
        open_run(folder, session, contestant)
    if contestant.model.provider is None or not _untouched(session, contestant, folder).left:
        return _Job(contestant, folder)
    check_ready(contestant)
    _check_bounded(session, contestant)
    return _Job(contestant, folder, new_provider(contestant.model, Pictures(session.benchmark.path)))


async def _connect(provider: Provider | None) -> None:
    """Let a provider load its libraries while no call is in flight, which would wait meanwhile."""
    if provider is not None:
        # What keeps it from connecting becomes the failure of its first call.
        with suppress(ProviderError):
            await provider.connect()


async def _one_by_one(
    session: Session, line: Sequence[_Job], conduct: CallPolicy
) -> list[tuple[Path, Outcome]]:
    outcomes = []
    for job in line:
        if session.stop.is_set():
            outcomes.append((job.folder, _untouched(session, job.contestant, job.folder)))
            continue
        run = open_run(job.folder, session, job.contestant)
        try:
            outcome = await _run_one(session, job, run, conduct)
        except LockedError as error:
            # A floor is left to the process that is at it; a model's run is not left to others silently.
            if not job.contestant.system.is_floor:
                raise
            session.watcher.notice(f"{error.message} It is left to that process.")
            outcome = _untouched(session, job.contestant, job.folder)
        outcomes.append((job.folder, outcome))
    return outcomes


def _untouched(session: Session, contestant: PreparedSystem, folder: Path) -> Outcome:
    return Outcome(contestant, folder, wanted_by(session, contestant.system), done_of(session, folder))


async def _run_one(session: Session, job: _Job, run: RunFolder, conduct: CallPolicy) -> Outcome:
    name, contestant = run.name, job.contestant
    begun = time.perf_counter()
    with ExitStack() as held:
        lock = held.enter_context(RunLock(run.path))
        outputs = held.enter_context(Journal(run.path / OUTPUTS))
        journal = held.enter_context(Journal(run.path / EVENTS))
        events = held.enter_context(Events(journal, session, contestant.system))
        ledger = held.enter_context(Ledger(run.path))
        _say_what_was_found(session.watcher, run, lock, torn=outputs.cut or ledger.cut)
        outcome = Outcome(
            contestant, run.path, wanted_by(session, contestant.system), done_of(session, run.path)
        )
        session.watcher.begin(name, contestant.model.summary, outcome.done, outcome.wanted)
        await events.add("started")
        if outcome.left:
            client = _client(session, job, ledger, conduct, events)
            pipeline = _pipeline(session.benchmark, contestant, client)
            at_a_time = _workers(contestant, conduct)
            try:
                await _work(session, outcome, pipeline, outputs, at_a_time, client)
            except ProviderDownError as error:
                if isinstance(error, BudgetError):
                    events.later("budget", error.message)
                if not session.stop.is_set():
                    outcome.given_up = error
                    left = counted(outcome.left, "output is", "outputs are")
                    session.watcher.notice(f"{name}: {error.message} {left} not run.")
            finally:
                if client is not None:
                    await client.close()
        await events.add("stopped" if session.stop.is_set() else "ended")
        session.watcher.end(name)
    outcome.seconds = time.perf_counter() - begun
    return outcome


def _client(
    session: Session, job: _Job, ledger: Ledger, conduct: CallPolicy, events: Events
) -> Client | None:
    """The model made dependable; None for a system that asks none."""
    if job.provider is None:
        return None
    elsewhere = None if session.fresh else paid_elsewhere(session, job.contestant.system)
    return conduct.client(job.provider, job.contestant.model, ledger, events.later, elsewhere)


def _workers(contestant: PreparedSystem, conduct: CallPolicy) -> int:
    """Cases worked on at a time; how many calls are in flight is the client's to say."""
    if contestant.model.provider is None:
        return conduct.accounts.concurrency or AT_A_TIME
    return conduct.accounts.of(contestant.model).slots.controller.most


async def _work(  # noqa: PLR0913 - what a session works with
    session: Session,
    outcome: Outcome,
    pipeline: Pipeline,
    outputs: Journal,
    at_a_time: int,
    client: Client | None,
) -> None:
    name = outcome.folder.name

    async def one(job: tuple[Case, int]) -> None:
        case, replicate = job
        outcome.asked += 1
        result = await pipeline.answer(case, replicate)
        output = Output(
            case_id=case.case_id,
            case_digest=case.digest,
            replicate=replicate,
            text=result.text,
            failure=result.failure,
            responses=result.responses,
            reused_from=result.reused_from,
        )
        outcome.done.add(output, await outputs.commit(output))
        outcome.reused += output.reused_from is not None
        if result.failure and not result.failure.final:
            kind = result.failure.kind
            outcome.open_failures[kind] = outcome.open_failures.get(kind, 0) + 1
            outcome.first_reason = outcome.first_reason or result.failure.reason
        pace = Pace(client.at_a_time, client.usd) if client else None
        session.watcher.output(name, result.failure.kind if result.failure else None, pace)

    await for_each(
        jobs(session, outcome.contestant.system, outcome.done),
        one,
        at_a_time=at_a_time,
        stopped=session.stop.is_set,
    )


def _pipeline(benchmark: BenchmarkFolder, contestant: PreparedSystem, client: Client | None) -> Pipeline:
    made: Pipeline = find_part("pipelines", "pipeline", contestant.system.pipeline)(
        Tools(
            system=contestant.system,
            pictures=Pictures(benchmark.path),
            pool=benchmark.pool,
            pool_pictures=Pictures(benchmark.pool_path),
            client=client,
            prompt=contestant.prompt,
        )
    )
    return made


def _say_what_was_found(watcher: Watcher, run: RunFolder, lock: RunLock, *, torn: bool) -> None:
    if lock.died:
        line = "; a torn last line was cut" if torn else ""
        watcher.notice(f"Going on with {run.path} (process {lock.died}, which held it, is gone{line}).")
    elif torn:
        watcher.notice(f"Going on with {run.path} (a torn last line was cut).")
