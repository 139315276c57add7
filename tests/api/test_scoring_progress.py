"""What is said while outputs are scored: nothing at first, then rate and time left."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from medbench.api.scoring_progress import ScoringLines

RUN: Any = SimpleNamespace(name="a")


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _watched(*, terminal: bool) -> tuple[ScoringLines, io.StringIO, _Clock]:
    file, clock = io.StringIO(), _Clock()
    console = Console(file=file, force_terminal=terminal, width=200, highlight=False)
    return ScoringLines(console, clock), file, clock


def test_short_work_says_nothing() -> None:
    """Four seconds are not worth a line."""
    lines, file, clock = _watched(terminal=False)
    for done in (1, 2_000, 4_000):
        lines(RUN, done, 4_000, "outputs")
        clock.now += 2
    assert not file.getvalue()


def test_long_work_says_how_fast_and_how_long() -> None:
    """A thousand a second: 190,000 are left after ten seconds, then a line each half minute."""
    lines, file, clock = _watched(terminal=False)
    for second in range(71):
        lines(RUN, 1 + 1_000 * second, 200_001, "outputs")
        clock.now += 1
    said = [" ".join(line.split()) for line in file.getvalue().splitlines()]
    assert said == [
        "a 5,001/200,001 scored 1,000 a second 3:15 left",
        "a 35,001/200,001 scored 1,000 a second 2:45 left",
        "a 65,001/200,001 scored 1,000 a second 2:15 left",
    ]


def test_a_second_run_begins_anew_and_hours_are_said() -> None:
    """Its rate is its own."""
    lines, file, clock = _watched(terminal=False)
    lines(RUN, 10, 10, "outputs")
    other: Any = SimpleNamespace(name="b")
    lines(other, 1, 1_000_001, "outputs")
    clock.now += 10
    lines(other, 1_001, 1_000_001, "outputs")
    assert " ".join(file.getvalue().split()) == "b 1,001/1,000,001 scored 100 a second 2:46:30 left"


def test_references_have_a_rate_of_their_own() -> None:
    """Those of a large benchmark are read before its outputs, and faster."""
    lines, file, clock = _watched(terminal=False)
    for done in (1, 20_001, 100_001):
        lines(RUN, done, 100_001, "references")
        clock.now += 10
    for done in (1, 2_001):
        lines(RUN, done, 100_001, "outputs")
        clock.now += 10
    assert [" ".join(line.split()) for line in file.getvalue().splitlines()] == [
        "a 20,001/100,001 references read 2,000 a second 0:40 left",
        "a 2,001/100,001 scored 200 a second 8:10 left",
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_notice_stands_on_a_line_of_its_own(*, terminal: bool) -> None:
    """On a terminal in the place of the line that changes, which comes again below it."""
    lines, file, clock = _watched(terminal=terminal)
    for done in (1, 2_001):
        lines(RUN, done, 4_001, "outputs")
        clock.now += 10
    lines.notice("Waiting for a worker.")
    seen = file.getvalue().replace("\r\x1b[2K", "\n").splitlines()
    assert seen[-1] == "Waiting for a worker."
    assert "2,001/4,001 scored" in file.getvalue()


def test_on_a_terminal_a_line_takes_the_place_of_the_one_before() -> None:
    """And is gone when the run is scored."""
    lines, file, clock = _watched(terminal=True)
    for done in (1, 6_001, 8_001, 10_000):
        lines(RUN, done, 10_000, "outputs")
        clock.now += 6
    text = file.getvalue()
    assert text.count("\r\x1b[2K") == 2
    assert text.endswith("\r\x1b[2K")
    assert "\n" not in text
