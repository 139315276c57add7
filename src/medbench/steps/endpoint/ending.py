"""Ends of a run with endpoints: Ctrl-C, a closed terminal and `kill` leave nothing up."""

from __future__ import annotations

import asyncio
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")


def run_patiently(work: Coroutine[Any, Any, T], notice: Callable[[str], None]) -> T:
    """Take something down; one Ctrl-C does not stop that, as what stays up costs money. A second one does.

    Args:
        work: Takes it down.
        notice: Takes what a person should know.

    Raises:
        KeyboardInterrupt: There was a second one.
    """
    pressed: list[int] = []

    async def watched() -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None

        def interrupted(*_: object) -> None:
            pressed.append(1)
            if len(pressed) == 1:
                notice("Taking the endpoint down first; Ctrl-C once more leaves it up, and it costs on.")
            else:
                loop.call_soon_threadsafe(task.cancel)

        with _on_interrupt(interrupted):
            return await work

    try:
        return asyncio.run(watched())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


@contextmanager
def _on_interrupt(handler: Callable[..., None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
