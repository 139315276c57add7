"""What happens to a run, line by line on the disk: sessions, limits, a provider that was given up."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Self

from medbench.schema.run import Event
from medbench.steps.run.session import replicates_of
from medbench.store.runs import now

if TYPE_CHECKING:
    from medbench.schema.run import EventKind, System
    from medbench.steps.run.session import Session
    from medbench.store.jsonl import Journal


class Events:
    """The events of one run in one session."""

    def __init__(self, journal: Journal, session: Session, system: System) -> None:
        self._journal, self._session, self._system = journal, session, system
        self._writing: set[asyncio.Task[int]] = set()

    async def add(self, kind: EventKind, said: str = "") -> None:
        """Put an event on the disk, after those that were left to be written later."""
        await asyncio.gather(*self._writing)
        await self._journal.commit(self._event(kind, said))

    def later(self, kind: EventKind, said: str) -> None:
        """The same, where nobody can wait for it; the event loop writes it soon."""
        task = asyncio.ensure_future(self._journal.commit(self._event(kind, said)))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A second Ctrl-C waits for nothing: what is not written by now stays unwritten.
        for task in self._writing:
            task.cancel()

    def _event(self, kind: EventKind, said: str) -> Event:
        return Event(
            at=now(),
            kind=kind,
            pid=os.getpid(),
            limit=self._session.limit,
            replicates=replicates_of(self._session, self._system),
            command=self._session.command,
            said=said,
        )
