"""The two channels: stdout is the result, stderr is the talk."""

from __future__ import annotations

import sys
from functools import cache
from typing import IO, TYPE_CHECKING

from medbench.sentences import WIDTH, within

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


def _console(file: IO[str]) -> Console:
    from rich.console import Console

    found = Console(file=file)
    return _of_width(min(found.width, WIDTH) if found.is_terminal else WIDTH, file)


def _of_width(width: int, file: IO[str]) -> Console:
    from rich.console import Console

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
    """Print a part of the result: a text with its long lines broken, or a table.

    A table that does not fit is printed in its full width: a terminal that breaks its lines is a nuisance,
    a number that lost its last digits is wrong.
    """
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    from medbench.report.table import printable

    console = out()
    if not isinstance(part, Table):
        text = part if isinstance(part, Text) else Text(str(part))
        console.print(Text(within(printable(text.plain)), text.style), soft_wrap=True)
        return
    # The measure leaves out the room between columns.
    needed = Measurement.get(console, console.options.update(max_width=10 * WIDTH), part).minimum
    needed += 2 * len(part.columns)
    wide = console if needed <= console.width else _of_width(needed, console.file)
    wide.print(part, crop=False)


def say(text: str = "") -> None:
    """Say something to the person; long lines are broken, but a command to type can be copied whole."""
    from medbench.report.table import printable

    talk().print(within(printable(text)), soft_wrap=True)
