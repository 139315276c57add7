"""Tells a watcher, while calls are made, what they wait for."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from medbench.client.waits import Waiting, Waits

EVERY_S = 1.0
"""Seconds between two looks at what is waited for."""


@asynccontextmanager
async def telling(waits: Waits, tell: Callable[[Waiting], None]) -> AsyncIterator[None]:
    """Tell each second what is waited for, until the block ends."""

    async def tell_on() -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            tell(waits.now())

    task = asyncio.create_task(tell_on())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
