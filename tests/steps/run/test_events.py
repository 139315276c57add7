"""Events of a run: in order on the disk, also those that nothing waits for."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from medbench.schema.run import Event
from medbench.steps.run.events import Events
from medbench.steps.run.run_plan import RunPlan
from medbench.store.jsonl import Journal, read_records

PLAN = RunPlan(benchmark="b", systems=(), root=Path("runs"), command="medbench run b", limit=3, replicates=2)


def _written(folder: Path, work: Callable[[Events], Awaitable[None]]) -> list[Event]:
    times = iter("123456789")

    async def run() -> None:
        with Journal(folder / "e.jsonl") as journal, Events(journal, PLAN, 1, lambda: next(times)) as events:
            await work(events)

    asyncio.run(run())
    return list(read_records(folder / "e.jsonl", Event))


def test_an_event_says_what_was_asked_for(tmp_path: Path) -> None:
    """Each line has the time, the process, the line that was typed, and what it was to complete."""

    async def work(events: Events) -> None:
        await events.add("started")

    (event,) = _written(tmp_path, work)
    expected = Event(
        at="1",
        kind="started",
        pid=os.getpid(),
        limit=3,
        replicates=1,
        command="medbench run b",
    )
    assert event == expected


def test_later_events_come_before_the_next_one_that_is_waited_for(tmp_path: Path) -> None:
    """What nothing waits for is on the disk, in its order, before the end of the run is."""

    async def work(events: Events) -> None:
        await events.add("started")
        events.later("limit", "4 → 8 calls at a time")
        events.later("breaker", "timeout for 300 s")
        await events.add("ended")

    events = _written(tmp_path, work)
    assert [(event.kind, event.said) for event in events] == [
        ("started", ""),
        ("limit", "4 → 8 calls at a time"),
        ("breaker", "timeout for 300 s"),
        ("ended", ""),
    ]


def test_what_is_not_written_at_the_end_stays_unwritten(tmp_path: Path) -> None:
    """A second Ctrl-C waits for nothing: the file is whole, and nothing is left running."""

    async def work(events: Events) -> None:
        await events.add("started")
        events.later("limit", "late")

    assert [event.kind for event in _written(tmp_path, work)][:1] == ["started"]
