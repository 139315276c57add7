"""Show on stderr how a run or judging goes on: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from medbench.api.waiting import SaidWaits, in_full, in_short, is_quiet
from medbench.report.blocks import Paragraph
from medbench.report.numbers import cost, counts
from medbench.report.terminal import console_for, draw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console
    from rich.progress import Progress, TaskID

    from medbench.client.waits import Waiting
    from medbench.steps.judge.judging_plan import JudgingHooks
    from medbench.steps.run.hooks import Pace, RunHooks
    from medbench.store.outputs import OutputIndex

EVERY_S = 60.0
"""Seconds after which a plain line is due, though less than a tenth was done."""
_WIDTH_OF_BARS = 100
"""Columns of a terminal from which on there is room for bars beside the words."""


class _PlainLines:
    """Lines for logs: one at each tenth of the work, and one a minute in between."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._last: dict[str, tuple[int, float]] = {}

    def notice(self, text: str) -> None:
        draw(self._console, [Paragraph(text)])

    def _begin(self, name: str, done: int, wanted: int) -> None:
        self._last[name] = _tenths(done, wanted), self._clock()

    def _is_due(self, name: str, done: int, wanted: int) -> bool:
        tenths, at = self._last[name]
        now = self._clock()
        # The line of the end comes by itself.
        if done >= wanted or (_tenths(done, wanted) == tenths and now - at < EVERY_S):
            return False
        self._last[name] = _tenths(done, wanted), now
        return True


def _tenths(done: int, wanted: int) -> int:
    return 10 * done // wanted if wanted else 0


class RunLines(_PlainLines):
    """The progress of a run as lines."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(console, clock)
        self._done: dict[str, int] = {}
        self._wanted: dict[str, int] = {}
        self._failed: dict[str, int] = {}
        self._about: dict[str, str] = {}
        self._waits = SaidWaits(clock)

    def begin(self, name: str, about: str, done: OutputIndex, wanted: int) -> None:
        self._done[name], self._wanted[name] = done.texts, wanted
        self._failed[name] = done.final_failures.total()
        self._about[name] = about
        self._begin(name, self._done[name] + self._failed[name], wanted)

    def output(self, name: str, failure: str | None, pace: Pace | None) -> None:
        self._done[name] += failure is None
        self._failed[name] += failure is not None
        self._about[name] = _words(pace) or self._about[name]
        # Where no model is asked, all is done at once.
        finished = self._done[name] + self._failed[name]
        if pace is not None and self._is_due(name, finished, self._wanted[name]):
            self.end(name)

    def waiting(self, name: str, waiting: Waiting) -> None:
        if self._waits.is_due(name, waiting):
            self._line(name, in_full(waiting))

    def end(self, name: str) -> None:
        self._line(name, self._about[name])

    def _line(self, name: str, about: str) -> None:
        failed = f"   {self._failed[name]} failed" if self._failed[name] else ""
        about = f"   {about}" if about else ""
        self.notice(f"  {name:<26} {self._done[name]}/{self._wanted[name]}{failed}{about}")


class JudgingLines(_PlainLines):
    """The progress of judging as lines, on a terminal too."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(console, clock)
        self._name = ""
        self._waits = SaidWaits(clock)

    def begin(self, name: str, done: int, wanted: int) -> None:
        self._name = name
        self._done, self._wanted, self._again = done, wanted, 0
        self._failed: Counter[str] = Counter()
        self._begin("", done, wanted)

    def step(self, name: str, failure: str | None, *, again: bool) -> None:
        self._done += failure is None
        self._again += again
        if failure is not None:
            self._failed[failure] += 1
        if self._is_due("", self._done + self._failed.total(), self._wanted):
            self.end(name)

    def waiting(self, waiting: Waiting) -> None:
        if not self._waits.is_due(self._name, waiting):
            return
        if self._name:
            self._line(self._name, f"   {in_full(waiting)}")
        else:  # what came of batches is collected before the first verdict
            self.notice(f"  {in_full(waiting)}")

    def end(self, name: str) -> None:
        self._line(name)

    def _line(self, name: str, about: str = "") -> None:
        failed = f"   no grade: {counts(self._failed)}" if self._failed else ""
        again = f"   {self._again} re-asked" if self._again else ""
        self.notice(f"  {name:<19} {self._done}/{self._wanted}{again}{failed}{about}")


class RunBars:
    """The progress of a run as one line per system that is drawn anew, with a bar where there is room."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._failed: dict[str, int] = {}
        self._reasons: dict[str, str] = {}
        self._about: dict[str, str] = {}
        """Name to what stands behind its bar, but for what is waited for."""

    def notice(self, text: str) -> None:
        self._progress.console.print(text)

    def begin(self, name: str, about: str, done: OutputIndex, wanted: int) -> None:
        self._failed[name] = done.final_failures.total()
        about = f"{self._failed[name]} failed" if self._failed[name] else about
        self._progress.start()  # not before: of nothing it would leave an empty line
        self._tasks[name] = self._progress.add_task(
            f"  {name}", total=wanted, completed=done.texts, failed=about
        )
        self._about[name] = about

    def output(self, name: str, failure: str | None, pace: Pace | None) -> None:
        if failure is None:
            self._progress.advance(self._tasks[name])
        else:
            self._failed[name] += 1
        if failure is not None or pace is not None:
            parts = (f"{self._failed[name]} failed", _words(pace))
            self._about[name] = "   ".join(part for part in parts if part)
            self._progress.update(self._tasks[name], failed=self._about[name])

    def waiting(self, name: str, waiting: Waiting) -> None:
        if not is_quiet(waiting):
            self._progress.update(self._tasks[name], failed=self._about[name])
            return
        self._progress.update(self._tasks[name], failed=in_short(waiting))
        if waiting.reason not in {"", self._reasons.get(name)}:
            self._reasons[name] = waiting.reason
            self.notice(f"{name}: {in_full(waiting)}")  # the words of a service are longer than the line

    def end(self, name: str) -> None:
        self._progress.update(self._tasks[name], failed=self._about[name])
        self._progress.stop_task(self._tasks[name])


class Silent:
    """Shows nothing of a run."""

    def notice(self, text: str) -> None:
        pass

    def begin(self, name: str, about: str, done: OutputIndex, wanted: int) -> None:
        pass

    def output(self, name: str, failure: str | None, pace: Pace | None) -> None:
        pass

    def waiting(self, name: str, waiting: Waiting) -> None:
        pass

    def end(self, name: str) -> None:
        pass


def _words(pace: Pace | None) -> str:
    """Return such as '16 at a time   $0.67', the dollars only where something was or may have been paid."""
    if pace is None:
        return ""
    spent, parts = pace.spent, [f"{pace.at_a_time} at a time"] * bool(pace.at_a_time)
    if spent.usd or spent.unknown:
        parts.append(cost(spent.known, spent.unknown))
    return "   ".join(parts)


@contextmanager
def run_watcher(console: Console) -> Iterator[RunLines | RunBars]:
    """Yield the watcher of a run that fits a console."""
    if not console.is_terminal:
        yield RunLines(console)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    bar = [BarColumn(16)] if console.width >= _WIDTH_OF_BARS else []
    progress = Progress(
        TextColumn("{task.description}", table_column=Column(no_wrap=True, min_width=26, max_width=44)),
        *bar,
        MofNCompleteColumn(table_column=Column(no_wrap=True, justify="right")),
        # What does not fit is cut here alone: numbers and times are whole.
        TextColumn("{task.fields[failed]}", table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        console=console,
        expand=True,
    )
    try:
        yield RunBars(progress)
    finally:
        progress.stop()


@contextmanager
def run_hooks(*, progress: bool) -> Iterator[RunHooks]:
    """Yield the hooks of a run that shows on stderr how it goes on, or nothing."""
    from medbench.steps.run.hooks import RunHooks

    if not progress:
        yield RunHooks(Silent())
        return
    console = console_for(sys.stderr)
    if sys.stderr is not sys.__stderr__:  # a notebook calls its cells terminals, and cannot move a cursor
        yield RunHooks(RunLines(console))
        return
    with run_watcher(console) as watcher:
        yield RunHooks(watcher)


def judging_hooks(*, progress: bool) -> JudgingHooks:
    """Return the hooks of judging that shows on stderr how it goes on, or nothing."""
    from medbench.steps.judge.judging_plan import JudgingHooks

    return JudgingHooks(JudgingLines(console_for(sys.stderr))) if progress else JudgingHooks()
