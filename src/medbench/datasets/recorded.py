"""Answers and verdicts that were made elsewhere, as their readers return them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medbench.schema.response import Cost, Failure, Usage

if TYPE_CHECKING:
    from medbench.schema.verdict import Grade


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """One answer of one system to one case."""

    case: str
    """Case id or source id."""
    text: str | None
    """The answer; None for a failure."""
    failure: Failure | None = None
    """The failure; None where there is an answer."""
    replicate: int = 0
    """Number of the replicate, from 0."""
    prompt: str | None = None
    """The prompt; None where unknown, as for all that follows."""
    finish_reason: str | None = None
    answered: str | None = None
    """Id of the model that answered."""
    latency_s: float | None = None
    usage: Usage = field(default_factory=Usage)
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class RecordedVerdict:
    """The verdict of one judge on one answer."""

    case: str
    """Source id."""
    rater: str
    """Name of the judge."""
    grade: Grade | None = None
    """The grade; None for a failure."""
    key_finding: bool | None = None
    """True if the answer has the key finding; None where the judge did not say."""
    rationale: str | None = None
    """The judge's reasons."""
    failure: Failure | None = None
    """The failure; None where there is a grade."""


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """All that is known of one system."""

    name: str
    """Name of the system."""
    family: str
    """Family of its model."""
    model_id: str | None
    """Exact id of its model; None where unknown."""
    answers: tuple[RecordedAnswer, ...]
    verdicts: tuple[RecordedVerdict, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences on what was read otherwise than it was written."""
