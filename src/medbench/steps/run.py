"""The step `run`: systems on a benchmark; the same call again goes on where it stopped."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from medbench.client import Client
from medbench.client.limit import Controller, Slots
from medbench.errors import LockedError, ProviderDownError, StoreError, UsageError
from medbench.executors.local import work_through
from medbench.images.recorded import Pictures
from medbench.pipelines import Tools
from medbench.registry import find_part, names_in, unknown
from medbench.schema.run import Event, Output
from medbench.steps.session import Outcome, Session, Watcher, done_of, jobs, replicates_of, wanted_by
from medbench.store.benchmark import new_folder
from medbench.store.jsonl import Journal, write_one
from medbench.store.ledger import Ledger
from medbench.store.lock import RunLock
from medbench.store.runs import EVENTS, HEAD, OUTPUTS, RESPONSES, Done, RunFolder, check_same, new_head, now

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from medbench.pipelines import Pipeline
    from medbench.schema.case import Case
    from medbench.schema.run import System
    from medbench.steps.systems import Contestant
    from medbench.store.benchmark import BenchmarkFolder

LATER = frozenset({"vertex"})
"""Providers of shipped model files that a later version brings."""


def check_parts(contestant: Contestant) -> None:
    """Check before anything is written that provider and pipeline exist, and that no key is missing.

    Raises:
        UsageError: One of them does not, or something that the provider needs is not there.
    """
    provider = contestant.model.provider
    if provider and (":" in provider or provider in names_in("providers")):
        missing = getattr(find_part("providers", "provider", provider), "missing", None)
        lacks = missing(contestant.model) if missing else None
        if lacks:
            raise UsageError(f"'{contestant.system.name}' needs a {lacks[0]}, and there is none.", lacks[1])
    elif provider and provider not in LATER:
        raise unknown("provider", provider, names_in("providers"))
    elif provider:
        raise UsageError(
            f"'{contestant.system.name}' needs provider '{provider}', which is not in this version.",
            "medbench models shows what is ready; medbench run alone needs no model",
        )
    find_part("pipelines", "pipeline", contestant.system.pipeline)


def folder_for(session: Session, contestant: Contestant) -> Path:
    """The run folder of a system: the latest one to go on with, or a new one.

    The second run of a system is called NAME@2. With --fresh a new one is begun, unless the latest was
    begun by this very line and is not complete: the same line goes on.
    """
    parent, name = session.root / session.benchmark.head.name, contestant.system.name
    number = 1
    while (parent / _numbered(name, number + 1) / HEAD).is_file():
        number += 1
    latest = parent / _numbered(name, number)
    if not session.fresh or not (latest / HEAD).is_file():
        return latest
    run = RunFolder(latest)
    if contestant.system.is_floor:
        goes_on = run.head.system_digest == contestant.system.digest
    else:
        done = done_of(session, run)
        left = wanted_by(session, contestant.system) - done.texts - done.final_failures.total()
        goes_on = bool(left) and run.last_command() == session.command
    return latest if goes_on else parent / _numbered(name, number + 1)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}@{number}"


def open_run(folder: Path, session: Session, contestant: Contestant) -> RunFolder:
    """The run folder, made if it is not there.

    Raises:
        StoreError: It belongs to another benchmark, or to a system with the same name and another content.
    """
    if not (folder / HEAD).is_file():
        try:
            with new_folder(folder) as made:
                head = new_head(folder, session.benchmark, contestant.system, session.command)
                write_one(made / HEAD, head)
        except StoreError:
            # Another process may have made it at the same moment; the lock says who writes.
            if not (folder / HEAD).is_file():
                raise
    run = RunFolder(folder)
    check_same(session.benchmark, run)
    if run.head.system_digest == contestant.system.digest:
        return run
    if _never_begun(folder):
        with RunLock(folder):
            write_one(folder / HEAD, new_head(folder, session.benchmark, contestant.system, session.command))
        return RunFolder(folder)
    raise StoreError(
        f"{folder} was run as another system: its digest is '{run.head.system_digest[:8]}', "
        f"'{contestant.system.name}' is now '{contestant.system.digest[:8]}'.",
        "the same line with --fresh begins a second run; the first stays as it is",
    )


def _never_begun(folder: Path) -> bool:
    return not any(
        (folder / name).is_file() and (folder / name).stat().st_size for name in (OUTPUTS, RESPONSES)
    )


def run_all(session: Session, systems: Sequence[Contestant]) -> list[Outcome]:
    """Work through the systems one after the other, and say how each stands.

    Raises:
        UsageError: A provider or pipeline does not exist; nothing was written.
        LockedError: Another process is writing one of the runs.
        StoreError: A run belongs to something else, or something could not be written.
    """
    folders = []
    for contestant in systems:
        check_parts(contestant)
        folders.append(folder_for(session, contestant))
        if (folders[-1] / HEAD).is_file():
            open_run(folders[-1], session, contestant)

    async def all_of_them() -> list[Outcome]:
        outcomes = []
        with session.stop.on_interrupt(
            lambda: session.watcher.notice("Stopping: nothing more is sent, what is in flight is waited for.")
        ):
            for contestant, folder in zip(systems, folders, strict=True):
                if session.stop.asked:
                    outcomes.append(_untouched(session, contestant, folder))
                else:
                    run = open_run(folder, session, contestant)
                    with _elsewhere(session, contestant):
                        outcomes.append(await _run_one(session, contestant, run))
        return outcomes

    try:
        return asyncio.run(all_of_them())
    except asyncio.CancelledError:
        session.watcher.notice("Stopped by the second Ctrl-C; the same line again goes on.")
        raise KeyboardInterrupt from None


@contextmanager
def _elsewhere(session: Session, contestant: Contestant) -> Iterator[None]:
    """Leave a baseline to the process that is at it; a model's run is not left to others silently."""
    try:
        yield
    except LockedError as error:
        if not contestant.system.is_floor:
            raise
        session.watcher.notice(f"{error.message} It is left to that process.")


def _untouched(session: Session, contestant: Contestant, folder: Path) -> Outcome:
    done = done_of(session, RunFolder(folder)) if (folder / HEAD).is_file() else Done(iter(()))
    return Outcome(contestant, folder, wanted_by(session, contestant.system), done)


async def _run_one(session: Session, contestant: Contestant, run: RunFolder) -> Outcome:
    name = run.name
    begun = time.perf_counter()
    with ExitStack() as held:
        lock = held.enter_context(RunLock(run.path))
        outputs = held.enter_context(Journal(run.path / OUTPUTS))
        events = held.enter_context(Journal(run.path / EVENTS))
        ledger = held.enter_context(Ledger(run.path))
        _say_what_was_found(session.watcher, run, lock, torn=outputs.cut or ledger.cut)
        outcome = Outcome(contestant, run.path, wanted_by(session, contestant.system), done_of(session, run))
        session.watcher.begin(name, contestant.model.summary, outcome.done, outcome.wanted)
        events.append(_event("started", session, contestant.system))
        if outcome.left:
            client = _client(session, contestant, ledger)
            pipeline = _pipeline(session.benchmark, contestant, client)
            try:
                await _work(session, outcome, pipeline, outputs, name)
            except ProviderDownError as error:
                if not session.stop.asked:
                    session.watcher.notice(f"{error.message} {outcome.left} outputs are not run.")
            finally:
                if client is not None:
                    await client.close()
        events.append(_event("stopped" if session.stop.asked else "ended", session, contestant.system))
        session.watcher.end(name)
    outcome.seconds = time.perf_counter() - begun
    return outcome


async def _work(session: Session, outcome: Outcome, pipeline: Pipeline, outputs: Journal, name: str) -> None:
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
        )
        await outputs.commit(output)
        outcome.done.add(output)
        if result.failure and not result.failure.final:
            kind = result.failure.kind
            outcome.open_failures[kind] = outcome.open_failures.get(kind, 0) + 1
            outcome.first_reason = outcome.first_reason or result.failure.reason
        session.watcher.output(name, result.failure.kind if result.failure else None)

    await work_through(
        jobs(session, outcome.contestant.system, outcome.done),
        one,
        at_a_time=session.at_a_time,
        stop=session.stop,
    )


def _client(session: Session, contestant: Contestant, ledger: Ledger) -> Client | None:
    """The model made dependable; None for a system that asks none."""
    model = contestant.model
    if not model.provider:
        return None
    kind = find_part("providers", "provider", model.provider)
    try:
        provider = kind(model, Pictures(session.benchmark.path))
    except TypeError as error:
        raise UsageError(
            f"provider '{model.provider}' cannot be made: {error}.",
            "it is a class that takes a model file and a reader of images, see docs/extending.md",
        ) from None
    slots = Slots(Controller(limit=session.at_a_time, most=session.at_a_time, fixed=True))
    return Client(provider, model, ledger, slots=slots, policy=session.policy, sleep=session.stop.pause)


def _pipeline(benchmark: BenchmarkFolder, contestant: Contestant, client: Client | None) -> Pipeline:
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


def _event(kind: str, session: Session, system: System) -> Event:
    return Event.model_validate(
        {
            "at": now(),
            "kind": kind,
            "pid": os.getpid(),
            "limit": session.limit,
            "replicates": replicates_of(session, system),
            "command": session.command,
        }
    )
