"""Cuts a text into its lines, each with those that it goes on in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_GOES_ON: Final = re.compile(r"[ \t]{0,80}[a-z(,]")
_DIVIDED: Final = re.compile(
    r"[^\n.]{1,80}?(?:[:=|\t;]|->| (?:--?|[\u2013\u2014]) | {3,}|\.{3,}"
    r"|, ?(?:no|yes|absent|present|neg|pos|true|false|[01])\b)"
)


def pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield each line of a part of a text, with those of lower case that it goes on in; blank ones empty."""
    at = start
    while at < end:
        stop = line_end(text, at, end)
        if not text[at:stop].strip():
            yield at, at
        else:
            begin, divided = at, None
            while stop < end and _GOES_ON.match(text, stop + 1, min(stop + 84, end)):
                if divided is None:
                    divided = bool(_DIVIDED.match(text, begin, min(begin + 120, stop)))
                below = line_end(text, stop + 1, end)
                if text[below - 1] == ":" or (
                    divided and _DIVIDED.match(text, stop + 1, min(stop + 120, below))
                ):
                    break
                stop = below
            yield begin, stop
        at = stop + 1


def line_end(text: str, at: int, end: int) -> int:
    """Return where the line ends that a character is in, at the end of the part at the latest."""
    found = text.find("\n", at, end)
    return end if found < 0 else found
