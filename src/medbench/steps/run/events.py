"""Events of a run, line by line on the disk: calls of `run`, limits, a provider that was given up."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Self

from medbench.schema.run import Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.schema.endpoint import EndpointUse
    from medbench.schema.run import EventKind
    from medbench.steps.run.run_plan import RunPlan
    from medbench.store.jsonl import Journal


class Events:
    """The events of one run in one call of `run`.

    Args:
        journal: events.jsonl of the run.
        plan: Whose limit and line are written with each event.
        replicates: How often the system is asked each case.
        now: The time of day.
    """

    def __init__(self, journal: Journal, plan: RunPlan, replicates: int, now: Callable[[], str]) -> None:
        self._journal, self._plan, self._replicates, self._now = journal, plan, replicates, now
        self._writing: set[asyncio.Task[int]] = set()

    async def add(
        self,
        kind: EventKind,
        words: str = "",
        *,
        benchmark: str | None = None,
        endpoint: EndpointUse | None = None,
    ) -> None:
        """Put an event on the disk, after those that were left to be written later."""
        await asyncio.gather(*self._writing)
        more = {"benchmark": benchmark, "endpoint": endpoint}
        await self._journal.commit(self._event(kind, words).model_copy(update=more))

    def later(self, kind: EventKind, words: str) -> None:
        """Let the event loop write an event soon, where nothing can wait for it."""
        task = asyncio.ensure_future(self._journal.commit(self._event(kind, words)))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A second Ctrl-C waits for nothing: what is not written by now stays unwritten.
        for task in self._writing:
            task.cancel()

    def _event(self, kind: EventKind, words: str) -> Event:
        return Event(
            at=self._now(),
            kind=kind,
            pid=os.getpid(),
            limit=self._plan.limit,
            replicates=self._replicates,
            command=self._plan.command,
            said=words,
        )
