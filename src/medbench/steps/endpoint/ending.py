"""Ctrl-C while something is put up or taken down; in a notebook too, where an event loop runs already."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from medbench.steps.access.stop import run_anywhere, taking_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


def run_until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """Run async work, which Ctrl-C cancels.

    Raises:
        KeyboardInterrupt: It was cancelled.
    """
    cancellable = _Cancellable(work)
    return run_anywhere(cancellable.run(), cancellable.cancel)


def run_patiently(work: Coroutine[Any, Any, T], notice: Callable[[str], None]) -> T:
    """Take something down; one Ctrl-C does not stop that, as what stays up costs money. A second one does.

    Raises:
        KeyboardInterrupt: There was a second one.
    """
    cancellable, pressed = _Cancellable(work), list[int]()

    def interrupted() -> None:
        pressed.append(1)
        if len(pressed) == 1:
            notice("Taking the endpoint down first; Ctrl-C once more leaves it up, and it costs on.")
        else:
            cancellable.cancel()

    with taking_ctrl_c(interrupted):
        return run_anywhere(cancellable.run(), interrupted)


class _Cancellable(Generic[T]):
    """Async work that a signal handler, or another thread, may cancel."""

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._work = work
        self._asked = False
        self._task: asyncio.Task[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> T:
        self._task, self._loop = asyncio.current_task(), asyncio.get_running_loop()
        try:
            self._cancel_if_asked()  # Ctrl-C may have come before there was a loop
            return await self._work
        finally:
            self._loop = None

    def cancel(self) -> None:
        self._asked, loop = True, self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self._cancel_if_asked)

    def _cancel_if_asked(self) -> None:
        if self._asked and self._task is not None:
            self._asked = False
            self._task.cancel()
