"""The plain lines of a run and of judging, where no terminal shows bars."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import pytest

from medbench.api.progress import EVERY_S, JudgingLines, RunLines
from medbench.report.terminal import console_for
from medbench.schema.account import Sum
from medbench.steps.run.hooks import Pace

PACE = Pace(4, Sum(calls=1, usd=0.5))


class _Done:
    texts, final_failures = 0, Counter[str]()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()[:2]) for line in capsys.readouterr().err.splitlines()]


def test_a_run_says_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    """Failures count as done; the last line is that of the end; a baseline, done at once, says that alone."""
    watcher = RunLines(console_for(sys.stderr), lambda: 0.0)
    done: Any = _Done()
    for name in ("m", "baseline-normal"):
        watcher.begin(name, "", done, 40)
    for n in range(40):
        watcher.output("m", "timeout" if n < 4 else None, PACE)
        watcher.output("baseline-normal", None, None)
    assert _lines(capsys) == [f"m {n}/40" for n in range(0, 36, 4)]
    watcher.end("m")
    watcher.end("baseline-normal")
    assert _lines(capsys) == ["m 36/40", "baseline-normal 40/40"]


def test_a_slow_run_says_something_each_minute(capsys: pytest.CaptureFixture[str]) -> None:
    """By the clock that it is given, though less than a tenth is done."""
    now = 0.0
    watcher = RunLines(console_for(sys.stderr), lambda: now)
    done: Any = _Done()
    watcher.begin("m", "", done, 1000)
    for _ in range(9):
        now += EVERY_S / 3
        watcher.output("m", None, PACE)
    assert _lines(capsys) == ["m 3/1000", "m 6/1000", "m 9/1000"]


def test_judging_says_each_tenth_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    """Going on where it stopped: of what is left."""
    watcher = JudgingLines(console_for(sys.stderr), lambda: 0.0)
    watcher.begin("pro, 5 references", 15, 20)
    for _ in range(5):
        watcher.step("pro", None, again=False)
    assert _lines(capsys) == ["pro 16/20", "pro 18/20"]
