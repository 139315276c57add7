"""The book of deployments: what medbench put up on endpoints, in the user's configuration folder.

A line is on the disk before the next thing happens: a deployment has its name here before the service is
asked for it, so that whatever kills the process, the next command finds what may be up and costs money.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from medbench.errors import RecordError, StoreError
from medbench.schema.endpoint import Deployment, DeploymentEvent
from medbench.store.jsonl import sync_folder
from medbench.trust import store_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from medbench.schema.endpoint import DeploymentState

FILE: Final = "endpoints.jsonl"
_STATES: Final[dict[str, DeploymentState]] = {
    "intended": "intended",
    "created": "deploying",
    "deployed": "up",
    "failed": "failed",
    "removing": "removing",
    "refused": "removed",
    "removed": "removed",
}


def iso(at: datetime) -> str:
    """Return a time as records hold it: UTC, ISO 8601, milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


class DeploymentBook:
    """The deployments of this user. It is not part of any project: endpoints outlive folders.

    Args:
        path: The file; None for that of the user.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or store_path().parent / FILE

    def add(self, event: DeploymentEvent) -> None:
        """Append a line, and return once it is on the disk; several processes may do so.

        Raises:
            StoreError: It could not be written.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
            handle = os.open(self.path, flags, 0o600)
            try:
                torn = os.lseek(handle, 0, os.SEEK_END) > 0 and not _ends_whole(handle)
                # One write: lines of two processes never mix. A torn line before it is closed off, not cut,
                # since another process may be at it.
                os.write(handle, b"\n" * torn + event.to_line())
                os.fsync(handle)
            finally:
                os.close(handle)
            sync_folder(self.path.parent)
        except OSError as error:
            raise StoreError(
                f"'{self.path}' cannot be written: {error.strerror or error}.",
                "free some space or check the folder's rights, then the same line again",
            ) from None

    def all(self) -> list[Deployment]:
        """Return all deployments in the order in which they were asked for."""
        known: dict[str, Deployment] = {}
        for event in self._events():
            before = known.get(event.name)
            if before is None and event.intent is not None:
                known[event.name] = Deployment(event.name, event.intent, event.pid, _time(event.at))
            elif before is not None:
                known[event.name] = _after(before, event)
        return list(known.values())

    def open(self, names: Collection[str] | None = None) -> list[Deployment]:
        """Return the deployments of which something may be there: all of them, or those of these names."""
        return [each for each in self.all() if each.is_open and (names is None or each.name in names)]

    def get(self, name: str) -> Deployment:
        """Return the deployment of that name, which must be in the book."""
        return next(each for each in self.all() if each.name == name)

    def _events(self) -> Iterator[DeploymentEvent]:
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(
                f"'{self.path}' cannot be read: {error.strerror or error}.", "check the file's rights"
            ) from None
        for number, line in enumerate(lines, 1):
            try:
                yield DeploymentEvent.from_line(line, f"{self.path}:{number}")
            except RecordError:
                # A crash tore it. An intent is whole before anything is asked for, and what follows it only
                # says where to look: without that, the service is asked by name.
                continue


def _ends_whole(handle: int) -> bool:
    os.lseek(handle, -1, os.SEEK_END)
    return os.read(handle, 1) == b"\n"


def _after(before: Deployment, event: DeploymentEvent) -> Deployment:
    """Return a deployment after one more event."""
    runs = before.runs
    if event.run is not None and event.run not in runs:
        runs = {**runs, event.run: _time(event.at)}
    state = _STATES.get(event.kind, before.state)
    ended = before.ended
    # A clock may be set back between two events: what was up when it was seen was up so long.
    seen = max(_time(event.at), before.seen or before.began)
    if event.kind == "refused":
        ended = seen = before.began  # nothing ever was there
    elif event.kind == "removed":
        ended = seen
    return replace(
        before,
        state=state,
        runs=runs,
        ended=ended,
        seen=seen,
        operation=event.operation or before.operation,
        endpoint=event.endpoint or before.endpoint,
        resource=event.resource or before.resource,
        said=event.said or before.said,
    )


def _time(at: str) -> datetime:
    return datetime.fromisoformat(at)
