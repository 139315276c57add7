"""What `doctor` asks and finds: drawn images with questions, and checks in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from medbench.schema.response import Request

State = Literal["ok", "note", "wait", "no"]
"""'ok', something to know, something that waiting may mend, something that must be mended."""
Question = Literal["side", "presence", "without", "many"]
"""Which side the spot is on; whether it is there; the same without an image; with many images at once."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One call with a question whose answer is known."""

    name: str
    """Name of the call."""
    question: Question
    """What is asked."""
    order: str | None
    """Whether text or images come first; None where the model has no such setting."""
    truth: str
    """The right answer: 'left', 'right', 'yes', 'no'; '' where there is none."""
    request: Request
    """The call."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back for a probe."""

    probe: Probe
    text: str | None
    """The answer; None where there is none."""
    failure: str = ""
    """Kind of the failure, where there is no answer."""


@dataclass(frozen=True, slots=True)
class Expense:
    """What the calls of one line of `doctor` cost, before any is made."""

    calls: int
    """Calls."""
    usd: float
    """Dollars at most of those calls whose price is known and is no endpoint's."""
    unknown: tuple[str, ...]
    """Models whose calls have no known bound."""
    hourly: tuple[tuple[str, float], ...]
    """Models on endpoints, with the dollars of an hour."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    """In a word or two."""
    state: State
    """How it stands."""
    words: str
    """What was found."""
    todo: str = ""
    """What to do about it; '' for nothing."""


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What was found about one model."""

    name: str
    """As it was typed."""
    checks: tuple[Check, ...]
    """In the order in which they were made."""
    usd: float | None
    """Dollars that the calls cost; None where that is unknown."""
    change: str = ""
    """What to add to a line of `run`, such as '--set order=image-first'; '' for nothing."""

    @property
    def state(self) -> State:
        """The worst of its checks: 'ok' and 'note' can run, 'wait' may do so later."""
        found = {check.state for check in self.checks}
        worst: tuple[State, ...] = ("no", "wait", "note")
        return next((state for state in worst if state in found), "ok")

    @property
    def can_run(self) -> bool:
        """Whether it answers, and is shown to see as far as it claims to."""
        return self.state in {"ok", "note"}
