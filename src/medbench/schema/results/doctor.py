"""The probes of `doctor` and its results: questions about drawn images, and checks in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from medbench.schema.account import Sum

if TYPE_CHECKING:
    from medbench.schema.response import Request

State = Literal["ok", "note", "wait", "no"]
"""'ok'; 'note' for something to know; 'wait' for what may pass with time; 'no' for what must be corrected."""
Question = Literal["side", "presence", "without", "many"]
"""The side of the spot; its presence; the same without an image; with many images at once."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A call with a question whose answer is known."""

    name: str
    """Name of the call."""
    question: str
    """One of `Question`, or of `steps.doctor.pixels.QUESTIONS`."""
    order: str | None
    """'text-first' or 'image-first'; None where the model has no such setting."""
    truth: str
    """The right answer: 'left', 'right', 'yes' or 'no', or 'top left' …; '' where there is none."""
    request: Request
    decoy: str = ""
    """The answer that a fault of the pixels leads to; '' where it leads to none."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a probe."""

    probe: Probe
    text: str | None
    """Text of the answer; None for a failure."""
    failure: str = ""
    """Kind of the failure; '' where there is an answer."""


@dataclass(frozen=True, slots=True)
class Expense:
    """The cost of the calls of one line of `doctor`, before any is made."""

    calls: int
    usd: float
    """Most dollars that the calls can cost, without endpoints and calls of unknown price."""
    unknown: tuple[str, ...]
    """Models whose calls have no known upper bound."""
    hourly: tuple[tuple[str, float], ...]
    """Models on endpoints, with their dollars per hour."""


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check."""

    name: str
    """Name in a word or two."""
    state: State
    words: str
    todo: str = ""
    """The next thing to do; '' for nothing."""


@dataclass(frozen=True, slots=True)
class ModelReport:
    """The checks of one model."""

    name: str
    """Name of the model, as typed."""
    checks: tuple[Check, ...]
    spent: Sum = field(default_factory=Sum)
    """The money of its calls."""
    change: str = ""
    """Options to add to a line of `run`, such as '--set order=image-first'; '' for none."""

    @property
    def state(self) -> State:
        """Return the worst state of its checks: 'ok' and 'note' can run, 'wait' may later."""
        states = {check.state for check in self.checks}
        worst: tuple[State, ...] = ("no", "wait", "note")
        return next((state for state in worst if state in states), "ok")

    @property
    def can_run(self) -> bool:
        """Return True if it answers, and sees images as far as it claims to."""
        return self.state in {"ok", "note"}
