"""Ctrl-C, and async work begun from code that is not async."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from medbench.errors import ProviderDownError
from medbench.executors.local import for_each
from medbench.steps.access.stop import Stop, cancelled_by_ctrl_c, ending_at_once, run_blocking, taking_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Callable


async def _work(stop: Stop, notices: list[str], interrupts: int) -> int:
    """Jobs that never wait, of which the eleventh sends Ctrl-C so many times; how many were begun."""
    begun = [0]

    async def do(job: int) -> None:
        begun[0] += 1
        if job == 10:
            for _ in range(interrupts):
                os.kill(os.getpid(), signal.SIGINT)
                for _ in range(3):
                    await asyncio.sleep(0)
            if interrupts > 1:
                await asyncio.Event().wait()

    with stop.on_interrupt(notices.append):
        await for_each(range(1_000_000), do, at_a_time=2, stopped=stop.is_set)
    return begun[0]


def test_the_first_ctrl_c_stops_and_says_so_once() -> None:
    """A real SIGINT among jobs that never wait ends the work, and its handler is put back."""
    stop, notices = Stop(), list[str]()
    before = signal.getsignal(signal.SIGINT)
    begun = run_blocking(_work(stop, notices, 1), stop)
    assert stop.is_set()
    assert begun < 1000
    assert [notice.split(":")[0] for notice in notices] == ["Stopping"]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_cancels_what_is_in_flight() -> None:
    """The second SIGINT does not wait: the work ends with KeyboardInterrupt, as a command expects it."""
    stop, notices = Stop(), list[str]()
    with pytest.raises(KeyboardInterrupt):
        run_blocking(_work(stop, notices, 2), stop)
    assert notices[1] == "Stopped by the second Ctrl-C; the same line again goes on."


@pytest.mark.parametrize("notebook", [False, True])
def test_a_second_ctrl_c_does_not_wait_for_a_thread(notebook: bool) -> None:
    """Such as one that asks for a token, or reads from a network drive that is gone."""
    stop, notices = Stop(), list[str]()
    gone, ended = threading.Event(), list[bool]()

    async def work() -> None:
        with stop.on_interrupt(notices.append):
            reading = asyncio.create_task(asyncio.to_thread(lambda: ended.append(gone.wait(30))))
            for number in range(2):
                os.kill(os.getpid(), signal.SIGINT)
                while len(notices) == number:  # noqa: ASYNC110 - the main thread hears it when it likes
                    await asyncio.sleep(0)
            await reading

    async def cell() -> None:
        run_blocking(work(), stop)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(cell()) if notebook else run_blocking(work(), stop)
    assert ended == []
    gone.set()


def _arrives_anywhere() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def _arrives_in_the_thread_of_the_work() -> None:
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)


@pytest.mark.parametrize("interrupts", [0, 1, 2])
@pytest.mark.parametrize("interrupt", [_arrives_anywhere, _arrives_in_the_thread_of_the_work])
def test_in_a_running_loop_the_work_has_a_thread_and_hears_ctrl_c(
    interrupt: Callable[[], None], interrupts: int
) -> None:
    """As in a notebook: code that is not async waits inside a running loop; Ctrl-C reaches the work."""
    stop, notices = Stop(), list[str]()
    threads = set()

    async def work() -> str:
        threads.add(threading.current_thread())
        with stop.on_interrupt(notices.append):
            for number in range(interrupts):
                interrupt()
                while len(notices) == number:  # noqa: ASYNC110 - the main thread hears it when it likes
                    await asyncio.sleep(0)
        return "done"

    async def cell() -> str:
        return run_blocking(work(), stop)

    if interrupts < 2:
        assert asyncio.run(cell()) == "done"
    else:
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(cell())
    assert threads != {threading.main_thread()}
    assert stop.is_set() == (interrupts > 0)


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_runs_that_are_awaited_together_either_may_end_first(first: int) -> None:
    """Ctrl-C reaches both, and is the notebook's again after the last of them."""
    before = signal.getsignal(signal.SIGINT)
    stops, notices = (Stop(), Stop()), (list[str](), list[str]())

    async def run(number: int, end: asyncio.Event) -> None:
        with stops[number].on_interrupt(notices[number].append):
            await end.wait()

    async def cell() -> None:
        ends = asyncio.Event(), asyncio.Event()
        runs = [asyncio.create_task(run(number, end)) for number, end in enumerate(ends)]
        await asyncio.sleep(0)
        signal.raise_signal(signal.SIGINT)
        ends[first].set()
        await runs[first]
        ends[1 - first].set()
        await runs[1 - first]

    asyncio.run(cell())
    assert [stop.is_set() for stop in stops] == [True, True]
    assert [len(said) for said in notices] == [1, 1]
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("in_a_loop", [False, True])
def test_what_has_written_nothing_ends_at_once(in_a_loop: bool) -> None:
    """Inside an event loop too, which else waits for the next `await`; Ctrl-C is then taken as before."""
    before, went_on = signal.getsignal(signal.SIGINT), []

    def forecast() -> None:
        with ending_at_once():
            signal.raise_signal(signal.SIGINT)
            went_on.append(True)

    async def work() -> None:
        forecast()

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(work()) if in_a_loop else forecast()
    assert went_on == []
    assert signal.getsignal(signal.SIGINT) is before


def test_one_that_has_written_nothing_ends_alone() -> None:
    """One that is awaited beside it is told, and keeps what comes."""
    stop = Stop()

    async def asking() -> str:
        with stop.on_interrupt(lambda _: None):
            await asyncio.sleep(0.01)
            return "kept"

    async def reading() -> None:
        with cancelled_by_ctrl_c(), ending_at_once():
            signal.raise_signal(signal.SIGINT)

    async def cell() -> list[str | BaseException | None]:
        return [*await asyncio.gather(asking(), reading(), return_exceptions=True)]

    kept, ended = asyncio.run(cell())
    assert (kept, stop.is_set()) == ("kept", True)
    assert isinstance(ended, asyncio.CancelledError)


def test_who_takes_ctrl_c_after_one_that_ends_at_once_is_told() -> None:
    """The error comes once all have heard it."""
    told = []
    with pytest.raises(KeyboardInterrupt), ending_at_once(), taking_ctrl_c(lambda: told.append(True)):
        signal.raise_signal(signal.SIGINT)
    assert told == [True]


def test_nobody_writes_out_what_the_work_returns() -> None:
    """asyncio.run ends with the `repr` of its task, which would hold each of a hundred thousand results."""
    written = []

    class Result:
        def __repr__(self) -> str:
            written.append("all of it")
            return "…"

    async def work() -> Result:
        return Result()

    assert isinstance(run_blocking(work(), Stop()), Result)
    assert written == []


def test_an_error_of_the_work_is_raised_where_it_was_begun() -> None:
    """With and without a loop in this thread, what the work raises comes out unchanged."""

    async def work() -> None:
        msg = "broken"
        raise ValueError(msg)

    async def cell() -> None:
        run_blocking(work(), Stop())

    with pytest.raises(ValueError, match="broken"):
        run_blocking(work(), Stop())
    with pytest.raises(ValueError, match="broken"):
        asyncio.run(cell())


def test_a_pause_ends_early_once_stopped() -> None:
    """Waiting for another try ends with an error as soon as there is to be none; later ones at once."""
    stop = Stop()

    async def work() -> None:
        waiting = asyncio.create_task(stop.pause(3600))
        await asyncio.sleep(0)
        stop.set()
        with pytest.raises(ProviderDownError, match="stopped by Ctrl-C"):
            await waiting
        with pytest.raises(ProviderDownError):
            await stop.pause(3600)

    asyncio.run(work())


def test_before_the_work_has_begun_an_interrupt_is_kept() -> None:
    """An interrupt that comes before there is a loop stops the work as soon as it begins."""
    stop = Stop()
    stop.interrupt()
    assert stop.is_set()
