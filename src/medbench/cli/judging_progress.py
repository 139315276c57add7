"""How judging goes on, on stderr: one plain line now and then."""

from __future__ import annotations

import time

from medbench.cli import console

EVERY_S = 10.0
"""Seconds between two lines of one part."""


class JudgeLines:
    """Plain lines, for logs and terminals alike."""

    def __init__(self) -> None:
        self._said = 0.0
        self._done = self._wanted = self._again = 0
        self._failed: dict[str, int] = {}

    def notice(self, text: str) -> None:
        console.say(text)

    def begin(self, name: str, done: int, wanted: int) -> None:
        self._done, self._wanted, self._again, self._failed = done, wanted, 0, {}
        self._said = time.monotonic()
        del name

    def step(self, name: str, failure: str | None, *, again: bool) -> None:
        self._done += failure is None
        self._again += again
        if failure is not None:
            self._failed[failure] = self._failed.get(failure, 0) + 1
        if time.monotonic() - self._said > EVERY_S:
            self._said = time.monotonic()
            self.end(name)

    def end(self, name: str) -> None:
        from medbench.report.numbers import counts

        failed = f"   no grade: {counts(self._failed)}" if self._failed else ""
        again = f"   {self._again} re-asked" if self._again else ""
        console.say(f"  {name:<19} {self._done}/{self._wanted}{again}{failed}")
