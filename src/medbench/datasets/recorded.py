"""Answers that were made elsewhere, as their readers return them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from medbench.schema.response import Cost, Failure, Usage

if TYPE_CHECKING:
    from medbench.schema.verdict import Grade


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """One answer of one system to one case."""

    case: str
    """Case id or source id."""
    text: str | None
    failure: Failure | None = None
    replicate: int = 0
    prompt: str | None = None
    finish_reason: str | None = None
    answered: str | None = None
    latency_s: float | None = None
    usage: Usage = field(default_factory=Usage)
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class RecordedVerdict:
    """What one rater said of one answer."""

    case: str
    rater: str
    grade: Grade | None
    key_finding: bool | None
    rationale: str | None
    failure: Failure | None
    rater_kind: Literal["judge", "reviewer"] = "judge"


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """All that is known of one system."""

    name: str
    """Name for the system."""
    family: str
    model_id: str | None
    """Exact id of the model, where it is known."""
    answers: tuple[RecordedAnswer, ...]
    verdicts: tuple[RecordedVerdict, ...] = ()
    notes: tuple[str, ...] = ()
    """What was read otherwise than it was written, in words."""
