"""The executor: each job once, so many at a time; stops without leaving anything in flight."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.executors.local import Stop, work_through

if TYPE_CHECKING:
    from collections.abc import Iterator


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

    asyncio.run(work_through(range(jobs), do, at_a_time=at_a_time, stop=Stop()))
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

        work = asyncio.create_task(work_through(jobs(), do, at_a_time=3, stop=Stop()))
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
        asyncio.run(work_through(jobs(), do, at_a_time=4, stop=Stop()))
    assert ended == ([0, 1] if where == "job" else [0, 1, 2])


def test_a_stop_lets_what_is_in_flight_end() -> None:
    """Once stop is asked nothing begins; what was begun ends."""
    stop = Stop()
    done = []

    async def do(job: int) -> None:
        if job == 4:
            stop.asked = True
        await asyncio.sleep(0)
        done.append(job)

    asyncio.run(work_through(range(100), do, at_a_time=2, stop=stop))
    assert done[-1] in {4, 5}
    assert len(done) <= 6


def test_jobs_that_never_wait_still_let_ctrl_c_through() -> None:
    """A real SIGINT among jobs that do not wait stops them, and says so once."""
    stop, said, done = Stop(), [], [0]

    async def do(job: int) -> None:
        done[0] += 1
        if job == 10:
            os.kill(os.getpid(), signal.SIGINT)

    async def run() -> None:
        with stop.on_interrupt(lambda: said.append("stopping")):
            await work_through(range(1_000_000), do, at_a_time=2, stop=stop)

    before = signal.getsignal(signal.SIGINT)
    asyncio.run(run())
    assert said == ["stopping"]
    assert done[0] < 1000
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_cancels() -> None:
    """The second SIGINT does not wait: what is in flight is cancelled."""
    stop = Stop()

    async def run() -> None:
        async def do(_: int) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(60)

        with stop.on_interrupt(lambda: None):
            await work_through([1], do, at_a_time=1, stop=stop)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert stop.asked


def test_in_another_thread_ctrl_c_is_left_alone() -> None:
    """Where signals cannot be taken (another thread), the work is done all the same."""
    done = []

    async def do(job: int) -> None:
        done.append(job)

    async def run() -> None:
        stop = Stop()
        with stop.on_interrupt(lambda: None):
            await work_through(range(3), do, at_a_time=1, stop=stop)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    thread.join(5)
    assert done == [0, 1, 2]
