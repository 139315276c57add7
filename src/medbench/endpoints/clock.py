"""Time and waiting."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of day, and a way to wait."""

    now: Callable[[], datetime] = _now
    """The time: UTC."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Waits for so many seconds; may raise where waiting was stopped."""


def system_clock() -> Clock:
    """Return the clock of this machine. Tests put another one here."""
    return Clock()
