"""Reads a time that was typed: '2h', '90m', '1h30m'."""

from __future__ import annotations

import re
from typing import Final

from medbench.errors import UsageError

_SHAPE: Final = re.compile(r"(?:(\d{1,3}(?:\.\d{1,2})?)h)?(?:(\d{1,4})m(?:in)?)?")


def seconds_of(text: str) -> float:
    """Return a time in seconds.

    Raises:
        UsageError: It is none, or not more than nothing.
    """
    found = _SHAPE.fullmatch(text.strip().lower())
    hours, minutes = found.groups() if found else (None, None)
    seconds = 3600 * float(hours or 0) + 60 * float(minutes or 0)
    if seconds <= 0:
        raise UsageError(f"'{text}' is not a time.", "--for 2h   (or 90m, 1h30m)")
    return seconds
