"""The two channels: stdout has the result, stderr the talk."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import cache
from threading import Timer
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from medbench.report.blocks import Block

_LONG = 36
"""Commands of so many characters are not aligned with others."""
_SILENT_S: Final = 1.0
"""Seconds of work after which a terminal is told what is done."""

_STOP_SAID: list[bool] = []
"""Not empty once this process has said what Ctrl-C leaves."""


@cache
def out() -> Console:
    """Return the console of results."""
    from medbench.report.terminal import console_for

    return console_for(sys.stdout)


@cache
def talk() -> Console:
    """Return the console of everything else: progress, notices, what to type next."""
    from medbench.report.terminal import console_for

    return console_for(sys.stderr)


def show(*blocks: Block) -> None:
    """Print parts of the result."""
    from medbench.report.terminal import draw

    draw(out(), blocks)


def say(words: str | Block = "") -> None:
    """Say something to the person; long lines are broken, but a command to type can be copied whole."""
    from medbench.report.blocks import Paragraph
    from medbench.report.terminal import draw

    draw(talk(), [Paragraph(words) if isinstance(words, str) else words])


@contextmanager
def working(words: str) -> Iterator[None]:
    """Say on a terminal what is done, where it takes more than a second, until it is; nothing elsewhere.

    Nothing may be printed meanwhile.
    """
    if not talk().is_terminal:
        yield
        return
    status = talk().status(words, refresh_per_second=4)
    after = Timer(_SILENT_S, status.start)
    after.daemon = True
    after.start()
    try:
        yield
    finally:
        after.cancel()
        after.join()  # it may be drawing just now
        status.stop()


def stopped_silently() -> None:
    """Say what Ctrl-C leaves, where the command itself did not come to it."""
    if not _STOP_SAID:
        stopped("what was written is whole", "does the rest")


def stopped(what_is_kept: str, again: str = "goes on") -> int:
    """Say what Ctrl-C leaves, and that the same line again does the rest; return the exit code."""
    _STOP_SAID.append(True)
    say(f"Stopped by Ctrl-C: {what_is_kept}.\nNext: the same line again {again}")
    return 130


def say_next(*lines: tuple[str, str]) -> None:
    """Say what to type next: commands as they are typed, each with what it does."""
    width = max((len(line) for line, _ in lines if len(line) < _LONG), default=0)
    for number, (line, about) in enumerate(lines):
        say(("Next: " if number == 0 else "      ") + f"{line:<{width}}   {about}".rstrip())
