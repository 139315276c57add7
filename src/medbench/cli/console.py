"""The two channels: stdout is the result, stderr is the talk."""

from __future__ import annotations

import sys
from functools import cache
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100


def _console(file: IO[str]) -> Console:
    from rich.console import Console

    found = Console(file=file, highlight=False, markup=False, emoji=False, soft_wrap=False)
    width = min(found.width, WIDTH) if found.is_terminal else WIDTH
    return Console(file=file, highlight=False, markup=False, emoji=False, width=width)


@cache
def out() -> Console:
    """Where results go."""
    return _console(sys.stdout)


@cache
def talk() -> Console:
    """Where everything else goes: progress, notices, what to type next."""
    return _console(sys.stderr)
