"""Takes down what was put up under a name, and writes to the runs that it answered how long it was up."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.endpoints.place import Place
from medbench.endpoints.refusals import refused
from medbench.endpoints.removal import remove
from medbench.endpoints.service import VertexService
from medbench.errors import EndpointError, MedbenchError, ProviderError, UnfinishedError
from medbench.schema.run import Event
from medbench.sentences import money
from medbench.steps.access.deployments import use_of, used_usd
from medbench.steps.endpoint.orphans import is_late
from medbench.steps.endpoint.put_up import note, undo
from medbench.store.deployments import DeploymentBook, iso
from medbench.store.jsonl import Journal
from medbench.store.lock import RunLock
from medbench.store.runs import EVENTS, HEAD
from medbench.store.seals import sealing

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.endpoints.clock import Clock
    from medbench.schema.endpoint import Deployment


@dataclass(frozen=True, slots=True)
class TakenDown:
    """A deployment that is gone."""

    deployment: Deployment
    used_usd: float
    """Dollars of the GPU time that runs used of it."""
    unwritten: tuple[str, ...] = ()
    """Runs that its end could not be written to."""


async def take_down(deployment: Deployment, clock: Clock, notice: Callable[[str], None]) -> TakenDown:
    """Remove all of a deployment of the book, and write its end down.

    Raises:
        UnfinishedError: Something of it is left, or may be; the message has its name, the hint the command.
    """
    intent = deployment.intent
    place = Place(intent.project, intent.location)
    note(deployment.name, "removing", clock)
    try:
        async with VertexService(place) as service:
            tell = partial(_tell, notice, intent.model)
            removal = await remove(service, deployment.name, deployment, clock, tell)
    except ProviderError as error:
        message, hint = refused(error, place)
        raise UnfinishedError(
            f"'{deployment.name}' may still be up, at {money(intent.usd_hour)} an hour: {message}",
            f"{undo(deployment.name)}   ({hint})",
        ) from None
    left = list(removal.left)
    if deployment.operation is None and not removal.found and not is_late(deployment, clock.now()):
        left.append("what the request may still bring up; nothing of that name is there yet")
    if left:
        raise UnfinishedError(
            f"of '{deployment.name}' is left, at {money(intent.usd_hour)} an hour: {'; '.join(left)}.",
            undo(deployment.name),
        )
    # Of what was asked for and never seen, no hour is counted.
    was_there = deployment.operation is not None or bool(removal.found)
    note(deployment.name, "removed" if was_there else "refused", clock)
    gone = DeploymentBook().get(deployment.name)
    assert gone.ended is not None
    unwritten = [run for run in gone.runs if not _written(gone, Path(run), clock)]
    used = sum(used_usd(gone, run, gone.ended) for run in gone.runs)
    return TakenDown(gone, used, tuple(unwritten))


def _tell(notice: Callable[[str], None], label: str, words: str) -> None:
    notice(f"  {label}: {words}")


async def remove_stranger(name: str, place: Place, clock: Clock, notice: Callable[[str], None]) -> None:
    """Remove what medbench put up under a name on another machine; its whole name was typed.

    Raises:
        EndpointError: Something of it is left, or nothing was there.
    """
    try:
        async with VertexService(place) as service:
            removal = await remove(service, name, None, clock, partial(_tell, notice, name))
    except ProviderError as error:
        raise EndpointError(*refused(error, place)) from None
    if removal.left:
        raise UnfinishedError(f"of '{name}' is left: {'; '.join(removal.left)}.", undo(name))
    if not removal.found:
        raise EndpointError(
            f"nothing is called '{name}' in {place.project}, {place.location}.", "medbench endpoint list"
        )


def _written(deployment: Deployment, run: Path, clock: Clock) -> bool:
    """Write to a run how long the endpoint was up; False where that is not possible now."""
    if not (run / HEAD).is_file():
        return False
    use = use_of(deployment, run, clock.now())
    event = Event(at=iso(clock.now()), kind="endpoint", pid=os.getpid(), endpoint=use)
    try:
        with ExitStack() as files:
            files.enter_context(RunLock(run))
            files.enter_context(sealing(run))
            files.enter_context(Journal(run / EVENTS)).append(event)
    except (MedbenchError, OSError):
        return False
    return True
