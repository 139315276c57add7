"""The executor: each job once, so many at a time; stops without leaving anything in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.executors.local import for_each


def never() -> bool:
    """Nothing stops the work."""
    return False


@given(st.integers(0, 30), st.integers(1, 12))
def test_each_job_is_done_once_in_order_of_beginning(jobs: int, at_a_time: int) -> None:
    """However many jobs and places there are: every job is begun once, in order, within the places."""
    begun: list[int] = []
    running = [0, 0]

    async def do(job: int) -> None:
        begun.append(job)
        running[0] += 1
        running[1] = max(running)
        for _ in range(job % 3):
            await asyncio.sleep(0)
        running[0] -= 1

    asyncio.run(for_each(range(jobs), do, at_a_time=at_a_time, stopped=never))
    assert begun == list(range(jobs))
    assert running[0] == 0
    assert running[1] <= at_a_time


def test_jobs_are_taken_as_places_become_free() -> None:
    """No more jobs are taken from the iterable than can be worked on."""
    taken = []

    def jobs() -> Iterator[int]:
        for number in range(10):
            taken.append(number)
            yield number

    async def run() -> None:
        gate = asyncio.Event()

        async def do(_: int) -> None:
            await gate.wait()

        work = asyncio.create_task(for_each(jobs(), do, at_a_time=3, stopped=never))
        for _ in range(5):
            await asyncio.sleep(0)
        assert taken == [0, 1, 2]
        gate.set()
        await work

    asyncio.run(run())
    assert taken == list(range(10))


@pytest.mark.parametrize("where", ["job", "iterable"])
def test_an_error_waits_for_what_is_in_flight(where: str) -> None:
    """An error of a job, or in taking one, is raised after the jobs in flight have ended; no more begin."""
    ended = []

    def jobs() -> Iterator[int]:
        yield from range(3)
        if where == "iterable":
            msg = "broken"
            raise ValueError(msg)
        yield from range(3, 9)

    async def do(job: int) -> None:
        if where == "job" and job == 2:
            msg = "broken"
            raise ValueError(msg)
        for _ in range(4):
            await asyncio.sleep(0)
        ended.append(job)

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(for_each(jobs(), do, at_a_time=4, stopped=never))
    assert ended == ([0, 1] if where == "job" else [0, 1, 2])


def test_once_stopped_nothing_begins_and_what_was_begun_ends() -> None:
    """After the fifth job says stop, only those that were in flight with it are ended."""
    begun: list[int] = []
    ended: list[int] = []

    async def do(job: int) -> None:
        begun.append(job)
        await asyncio.sleep(0)
        ended.append(job)

    asyncio.run(for_each(range(100), do, at_a_time=2, stopped=lambda: len(begun) >= 5))
    assert begun == sorted(ended)
    assert len(ended) in {5, 6}
