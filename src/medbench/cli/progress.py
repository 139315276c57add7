"""How a run goes on, on stderr: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from medbench.cli import console
from medbench.report.numbers import dollars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from medbench.steps.run.session import Pace
    from medbench.store.outputs import OutputIndex

EVERY_S = 10.0
"""Seconds between two plain lines of one system."""


class Lines:
    """Plain lines, for logs."""

    def __init__(self) -> None:
        self._done: dict[str, int] = {}
        self._wanted: dict[str, int] = {}
        self._failed: dict[str, int] = {}
        self._about: dict[str, str] = {}
        self._said = 0.0

    def notice(self, text: str) -> None:
        console.say(text)

    def begin(self, name: str, about: str, done: OutputIndex, wanted: int) -> None:
        self._done[name], self._wanted[name] = done.texts, wanted
        self._failed[name] = done.final_failures.total()
        self._about[name] = about
        self._said = time.monotonic()

    def output(self, name: str, failure: str | None, pace: Pace | None) -> None:
        self._done[name] += failure is None
        self._failed[name] += failure is not None
        self._about[name] = _words(pace) or self._about[name]
        if time.monotonic() - self._said > EVERY_S:
            self._said = time.monotonic()
            self.end(name)

    def end(self, name: str) -> None:
        failed = f"   {self._failed[name]} failed" if self._failed[name] else ""
        about = f"   {self._about[name]}" if self._about[name] else ""
        console.say(f"  {name:<23} {self._done[name]}/{self._wanted[name]}{failed}{about}")


class Bars:
    """A bar a system."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._failed: dict[str, int] = {}

    def notice(self, text: str) -> None:
        self._progress.console.print(text)

    def begin(self, name: str, about: str, done: OutputIndex, wanted: int) -> None:
        self._failed[name] = done.final_failures.total()
        about = f"{self._failed[name]} failed" if self._failed[name] else about
        self._tasks[name] = self._progress.add_task(
            f"  {name}", total=wanted, completed=done.texts, failed=about
        )

    def output(self, name: str, failure: str | None, pace: Pace | None) -> None:
        if failure is None:
            self._progress.advance(self._tasks[name])
        else:
            self._failed[name] += 1
        if failure is not None or pace is not None:
            parts = (f"{self._failed[name]} failed", _words(pace))
            self._progress.update(self._tasks[name], failed="   ".join(part for part in parts if part))

    def end(self, name: str) -> None:
        self._progress.stop_task(self._tasks[name])


def _words(pace: Pace | None) -> str:
    """'16 at a time   $0.67'; the dollars only where something was paid or may have been."""
    if pace is None:
        return ""
    return f"{pace.at_a_time} at a time" + ("" if pace.usd == 0 else f"   {dollars(pace.usd)}")


@contextmanager
def watcher() -> Iterator[Lines | Bars]:
    """The watcher that fits stderr."""
    if not console.talk().is_terminal:
        yield Lines()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    columns = (
        TextColumn("{task.description}", table_column=Column(no_wrap=True, min_width=26)),
        BarColumn(16),
        MofNCompleteColumn(table_column=Column(no_wrap=True, min_width=11, justify="right")),
        TextColumn("{task.fields[failed]}", table_column=Column(no_wrap=True, overflow="ellipsis")),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    with Progress(*columns, console=console.talk(), transient=False) as progress:
        yield Bars(progress)
