"""The two channels: stdout is the result, stderr is the talk."""

from __future__ import annotations

import sys
from functools import cache
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDTH = 100


def _console(file: IO[str]) -> Console:
    from rich.console import Console

    found = Console(file=file, highlight=False, markup=False, emoji=False)
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


def show(part: RenderableType) -> None:
    """Print a part of the result.

    A table that does not fit is printed in its full width: a terminal that breaks its lines is a nuisance,
    a number that lost its last digits is wrong.
    """
    from rich.measure import Measurement
    from rich.table import Table

    console = out()
    if not isinstance(part, Table):
        console.print(part, soft_wrap=True)  # texts come with their own line breaks
        return
    # The measure leaves out the room between columns.
    needed = Measurement.get(console, console.options.update(max_width=10 * WIDTH), part).minimum
    console.print(part, width=max(console.width, needed + 2 * len(part.columns)), crop=False)


def say(text: str = "") -> None:
    """Say something to the person, line by line as it stands, so that commands can be copied whole."""
    from medbench.report.table import printable

    talk().print(printable(text), soft_wrap=True)
