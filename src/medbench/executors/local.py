"""Works through the cases of a run in this process, several at a time, until done or told to stop."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from medbench.errors import ProviderDownError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

J = TypeVar("J")


class Stop:
    """Whether to go on; set by the first Ctrl-C. The second one does not wait for what is in flight."""

    def __init__(self) -> None:
        self.asked = False
        self._task: asyncio.Task[object] | None = None
        self._told: asyncio.Event | None = None

    @contextmanager
    def on_interrupt(self, notice: Callable[[], None]) -> Iterator[None]:
        """Take Ctrl-C while the block runs, in the main task of an event loop.

        Args:
            notice: Called at the first one, to say what happens now.
        """
        self._task = asyncio.current_task()

        def interrupted(*_: object) -> None:
            if self.asked and self._task is not None:
                self._task.cancel()
            else:
                self.asked = True
                if self._told is not None:
                    self._told.set()
                notice()

        loop = asyncio.get_running_loop()
        previous = signal.getsignal(signal.SIGINT)
        try:
            signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(interrupted))
        except ValueError:  # not in the main thread: whoever runs the loop takes Ctrl-C
            yield
            return
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, previous)

    async def pause(self, seconds: float) -> None:
        """Wait before another try.

        Raises:
            ProviderDownError: It was told to stop; there is no other try.
        """
        if self._told is None:
            self._told = asyncio.Event()
        if not self.asked:
            try:
                await asyncio.wait_for(self._told.wait(), seconds)
            except TimeoutError:
                return
        raise ProviderDownError("stopped by Ctrl-C", "the same line again goes on")


async def work_through(
    jobs: Iterable[J], do: Callable[[J], Awaitable[None]], *, at_a_time: int, stop: Stop
) -> None:
    """Do each job once, in order of beginning; jobs are taken from the iterable as places become free.

    An error of a job ends the work once the jobs in flight have ended, and is raised.
    """
    todo = iter(jobs)
    failed: list[BaseException] = []

    async def worker() -> None:
        while not (stop.asked or failed):
            # Taking a job may fail too, and must not leave those in flight behind.
            try:
                for job in islice(todo, 1):
                    await do(job)
                    break
                else:
                    return
            except Exception as error:  # noqa: BLE001 - raised below, when nothing is in flight any more
                failed.append(error)
            # A job that never waits must not keep Ctrl-C from being seen.
            await asyncio.sleep(0)

    await asyncio.gather(*(worker() for _ in range(at_a_time)))
    if failed:
        raise failed[0]
