"""The line that was typed, and what it should have been."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from medbench.errors import MedbenchError

if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTS = frozenset({"-m", "--model", "--judge"})
"""Options that take several names, with commas."""


def typed_line() -> str:
    """Return the command as it was typed, for the record and for 'the same line again'."""
    return _line(sys.argv[1:]).encode(errors="replace").decode()  # arguments may hold bytes that are no text


def retyped(error: MedbenchError) -> str:
    """Return what to try: the typed line with the wrong name put right where that is known, else the hint."""
    typed = sys.argv[1:]
    if error.exit_code == 2 and (line := with_commas(typed)):
        return line
    if error.instead is None:
        return error.hint
    words = [_put_right(word, *error.instead) for word in typed]
    _, bracket, rest = error.hint.partition("   (")
    return _line(words) + bracket + rest if words != typed else error.hint


def with_commas(words: Sequence[str]) -> str | None:
    """Return the line with models that stand apart behind an option joined by commas; None without any."""
    from medbench.config import load_settings
    from medbench.registry import model_names

    if not _LISTS.intersection(words):
        return None
    try:
        names = model_names(load_settings().models)
    except MedbenchError:
        return None
    joined: list[str] = []
    follows = False
    for word in words:
        if follows and word in names:
            joined[-1] += f",{word}"
        else:
            joined.append(word)
            follows = len(joined) > 1 and joined[-2] in _LISTS
    return _line(joined) if len(joined) < len(words) else None


def _put_right(word: str, wrong: str, right: str) -> str:
    name, equals, value = word.partition("=")
    parts = [right if part == wrong else part for part in name.split(",")]
    return ",".join(parts) + equals + (right if value == wrong else value)


def _line(words: Sequence[str]) -> str:
    return shlex.join(["medbench", *words])
