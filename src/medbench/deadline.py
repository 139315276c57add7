"""A service that does not answer: a question to it ends, and work on a file ends once it does not go on."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

from medbench.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path
    from typing import Any

T = TypeVar("T")
ANSWER_S: Final = 120.0
"""Seconds for a question that is a matter of seconds."""
SHORTEST_S: Final = 5.0
"""Seconds for a question to a service that was silent for `ANSWER_S` before."""
LEAST_BYTES_S: Final = 16_000
"""Bytes of a file each second, below which a line is taken for broken: a tenth of a slow one."""


async def in_time(call: Coroutine[Any, Any, T], what: str, seconds: float | None = None) -> T:
    """Return what a call returns.

    Args:
        call: The call.
        what: What is asked for, as a message says it.
        seconds: Seconds for it; None for `ANSWER_S`.

    Raises:
        ProviderError: It did not end in time, or failed.
    """
    seconds = ANSWER_S if seconds is None else seconds
    try:
        async with asyncio.timeout(seconds):
            return await call
    except TimeoutError:
        raise _too_late(f"no {what} within {seconds:,.0f} s") from None


class Patience:
    """The time for all questions to one service: what was waited for one in vain, the next ones have not.

    Each has a few seconds all the same, so that one question which is never answered hides no other answer.
    """

    def __init__(self) -> None:
        self._silent_s = 0.0

    async def in_time(self, call: Coroutine[Any, Any, T], what: str) -> T:
        """Return what a call returns.

        Raises:
            ProviderError: It did not end in time, or failed.
        """
        began = monotonic()
        try:
            return await in_time(call, what, max(min(SHORTEST_S, ANSWER_S), ANSWER_S - self._silent_s))
        except ProviderError as error:
            if error.kind == "timeout":
                self._silent_s += monotonic() - began
            raise


def upload_s(size: int) -> float:
    """Return the seconds for the upload of so many bytes."""
    return ANSWER_S + size / LEAST_BYTES_S


async def downloaded_in_time(call: Coroutine[Any, Any, T], to: Path) -> T:
    """Return what a call returns that writes a file, as long as the file grows.

    Raises:
        ProviderError: The file did not grow as fast as on a slow line, or the call failed.
    """
    task, had = asyncio.ensure_future(call), 0
    try:
        while not (await asyncio.wait({task}, timeout=ANSWER_S))[0]:
            has = await asyncio.to_thread(_size, to)
            if has - had < LEAST_BYTES_S * ANSWER_S:
                raise _too_late(f"{has - had:,} bytes of a download in {ANSWER_S:,.0f} s")
            had = has
        return task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _too_late(reason: str) -> ProviderError:
    return ProviderError("timeout", reason, final=False)
