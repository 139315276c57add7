"""A service that does not answer: a question to it ends, and work on a file ends once it does not go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

from medbench.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path
    from typing import Any

T = TypeVar("T")
ANSWER_S: Final = 120.0
"""Seconds for a question that is a matter of seconds."""
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
