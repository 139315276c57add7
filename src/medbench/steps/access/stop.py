"""Ctrl-C: the first one waits for what is in flight, the second one does not; and the edge to async code."""

from __future__ import annotations

import asyncio
import signal
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from medbench.errors import ProviderDownError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")
_SIGNALS_HEARD_EVERY_S = 0.1
"""How long this thread waits at a time: a signal that comes just as a wait begins is heard at its end."""


class Stop:
    """A request to send nothing more. The first Ctrl-C sets it, the second one cancels the work."""

    def __init__(self) -> None:
        self._set = False
        self._event: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._notice: Callable[[str], None] = lambda _: None

    def is_set(self) -> bool:
        """Return True once nothing more is to be sent."""
        return self._set

    def set(self) -> None:
        """Ask for it."""
        self._set = True
        if self._event is not None:
            self._event.set()

    @contextmanager
    def on_interrupt(self, notice: Callable[[str], None]) -> Iterator[None]:
        """Take Ctrl-C while the block runs, in the main task of an event loop."""
        self._notice, self._task = notice, asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        try:
            with taking_ctrl_c(self.interrupt):
                yield
        finally:
            self._loop = None

    def interrupt(self) -> None:
        """Do what Ctrl-C does; may be called from another thread or from a signal handler."""
        loop = self._loop  # the work, in another thread, may end just now
        if loop is None:
            self.set()
        else:
            loop.call_soon_threadsafe(self._interrupted)

    def _interrupted(self) -> None:
        if not self._set:
            self.set()
            self._notice("Stopping: nothing more is sent, what is in flight is waited for.")
        elif self._task is not None and not self._task.cancelling():
            self._notice("Stopped by the second Ctrl-C; the same line again goes on.")
            self._task.cancel()

    async def pause(self, seconds: float) -> None:
        """Wait before another try.

        Raises:
            ProviderDownError: Nothing more is to be sent, so there is no other try.
        """
        if self._event is None:
            self._event = asyncio.Event()
        if not self._set:
            try:
                await asyncio.wait_for(self._event.wait(), seconds)
            except TimeoutError:
                return
        raise ProviderDownError("stopped by Ctrl-C", "the same line again goes on")


def run_blocking(work: Coroutine[Any, Any, T], stop: Stop) -> T:
    """Run async work to its end from code that is not async.

    Where an event loop runs in this thread already, as in a notebook, the work gets a thread with a loop of
    its own, and Ctrl-C, which arrives here, is passed on to it.

    Raises:
        KeyboardInterrupt: The second Ctrl-C cancelled the work.
    """
    return run_anywhere(work, stop.interrupt)


def run_anywhere(work: Coroutine[Any, Any, T], interrupt: Callable[[], None]) -> T:
    """Do what `run_blocking` does, with what Ctrl-C does where the work is in another thread.

    Raises:
        KeyboardInterrupt: The work was cancelled.
    """
    results: list[T] = []

    async def worked() -> None:
        try:
            # Not the result of the task: asyncio.run ends with its `repr`, as long as all that was done.
            results.append(await work)
        except asyncio.CancelledError:
            # asyncio.run waits for the threads of its executor, of which one may be reading from a drive that
            # is gone: it gets another executor.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
            raise

    try:
        if not _in_a_loop():
            asyncio.run(worked())
        else:
            with ThreadPoolExecutor(1, thread_name_prefix="medbench") as pool, taking_ctrl_c(interrupt):
                working = pool.submit(asyncio.run, worked())
                while not wait([working], _SIGNALS_HEARD_EVERY_S).done:
                    pass
                working.result()
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    return results[0]


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@contextmanager
def taking_ctrl_c(handler: Callable[[], None]) -> Iterator[None]:
    """Call a handler at Ctrl-C while the block runs; in another thread than the main one, do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    try:
        _TAKERS.add(handler)
        yield
    finally:
        _TAKERS.remove(handler)


@contextmanager
def ending_at_once() -> Iterator[None]:
    """End the block at Ctrl-C, as where nothing is written yet: an event loop waits for the next `await`.

    In another thread than the main one this does nothing, as where `mb.run` is called in a notebook: Ctrl-C
    stops the work once the block has ended.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed; whoever else takes it was told.
    """

    def end() -> None:
        raise KeyboardInterrupt

    with taking_ctrl_c(end):
        yield


@contextmanager
def cancelled_by_ctrl_c() -> Iterator[None]:
    """End a task alone, where KeyboardInterrupt would end its event loop, and all that is in it, too.

    Raises:
        CancelledError: Ctrl-C was pressed.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        raise asyncio.CancelledError(*error.args) from None


class _Takers:
    """Those who take Ctrl-C. Of two runs that a notebook awaits together, either may end first."""

    def __init__(self) -> None:
        self._handlers: list[Callable[[], None]] = []
        self._before: Any = signal.default_int_handler
        """What took it before the first of them, and does so again after the last."""

    def add(self, handler: Callable[[], None]) -> None:
        self._handlers.append(handler)
        if len(self._handlers) == 1:
            self._before = signal.signal(signal.SIGINT, self._call)

    def remove(self, handler: Callable[[], None]) -> None:
        self._handlers.remove(handler)
        if not self._handlers:
            signal.signal(signal.SIGINT, self._before or signal.SIG_DFL)

    def _call(self, *_: object) -> None:
        with ExitStack() as told:  # calls every one of them, also where one raises
            for handler in dict.fromkeys(self._handlers):  # one that takes it twice is told once
                told.callback(handler)


_TAKERS = _Takers()
