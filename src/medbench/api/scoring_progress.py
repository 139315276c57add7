"""Show on stderr how scoring goes on: how many outputs, how many a second, and the time that is left."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from medbench.report.blocks import Paragraph
from medbench.report.terminal import console_for, draw

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from medbench.steps.rescore.rescore import Texts
    from medbench.store.runs import RunFolder

QUIET_S = 5.0
"""Seconds in which nothing is said: most runs are scored by then."""
_DONE: dict[Texts, str] = {"references": "references read", "outputs": "scored"}
_EVERY_S = {True: 1.0, False: 30.0}
"""Seconds between two lines, on a terminal, where each takes the place of the one before, and elsewhere."""


class ScoringLines:
    """The progress of scoring, as a line that changes on a terminal and as lines elsewhere."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console, self._clock = console, clock
        self._now: tuple[RunFolder, Texts] | None = None
        self._begun = self._said = 0.0
        self._from = 0

    def __call__(self, run: RunFolder, done: int, wanted: int, what: Texts) -> None:
        """Take note of how many outputs of a run are scored, or references read before them."""
        now = self._clock()
        if (run, what) != self._now:
            self._now, self._begun, self._said, self._from = (run, what), now, 0.0, done
        seconds = now - self._begun
        ended = done >= wanted
        terminal = self._console.is_terminal
        due = self._said + _EVERY_S[terminal] if self._said else self._begun + QUIET_S
        if ended:
            self._clear()
        elif now >= due and done > self._from:
            said = f"{done:,}/{wanted:,} {_DONE[what]}"
            self._say(run.name, said, wanted - done, (done - self._from) / seconds)
            self._said = now

    def notice(self, text: str) -> None:
        """Take something that a person should know."""
        self._clear()
        draw(self._console, [Paragraph(text)])

    def _say(self, name: str, done: str, left: int, rate: float) -> None:
        words = f"  {name:<26} {done}   {rate:,.0f} a second   {_minutes(left / rate)} left"
        self._clear()
        if self._console.is_terminal:
            self._console.print(words, end="", soft_wrap=True)
        else:
            draw(self._console, [Paragraph(words)])

    def _clear(self) -> None:
        if self._said and self._console.is_terminal:
            self._console.file.write("\r\x1b[2K")


def _minutes(seconds: float) -> str:
    """Return '0:07', '12:30' or '3:05:00'."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def scoring_watch(*, progress: bool) -> ScoringLines | None:
    """Return who watches scoring and shows on stderr how it goes on; None for nobody."""
    return ScoringLines(console_for(sys.stderr)) if progress else None
