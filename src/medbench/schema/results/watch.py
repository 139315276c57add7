"""The answer of a watch: has a model changed under its name?"""

from __future__ import annotations

from typing import Literal

from medbench.schema.base import Record
from medbench.schema.score import Interval

WatchOutcome = Literal["changed", "same", "first", "undecided"]
"""Another model or other answers; neither was seen; there is one day only; too few answers to tell."""


class WatchedDay(Record):
    """Answers of a system on one day, beside those of the day it is compared with."""

    day: str
    """The day in UTC: 2026-11-29."""
    path: str
    """Folder of the run."""
    answers: int
    """Answers with a text."""
    failures: dict[str, int] = {}
    """Failures that stand, by kind."""
    models: tuple[str, ...] = ()
    """Models that answered, as the service names them; none where it does not say."""
    outcome: WatchOutcome
    """The result of this day."""
    reasons: tuple[str, ...] = ()
    """Observations behind the result, in sentences."""
    cases: int = 0
    """Cases with both answers on both days."""
    same_texts: int = 0
    """Cases of these where the first answers of both days are the same letter by letter."""
    within: float | None = None
    """Mean similarity of the two answers of a day to each other, 0 to 1."""
    across: float | None = None
    """Mean similarity of answers of different days, 0 to 1."""
    interval: Interval | None = None
    """Interval of `across` minus `within`."""
    p: float | None = None
    """One-sided p-value of the permutation test that the days do not differ."""
    usd: float | None = None
    """Dollars of the day; None is unknown."""


class Watch(Record):
    """One system asked the same cases on several days."""

    system: str
    """Its name."""
    benchmark: str
    """Name of the benchmark."""
    against: str
    """The day that the others are compared with."""
    days: tuple[WatchedDay, ...]
    """The days in their order."""
    left_out: tuple[str, ...] = ()
    """Days of this name with other settings, prompt or model file, which cannot be compared."""

    @property
    def outcome(self) -> WatchOutcome:
        """The result of the last day."""
        return self.days[-1].outcome
