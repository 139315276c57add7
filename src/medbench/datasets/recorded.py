"""Answers and verdicts that were made elsewhere, as their readers return them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medbench.schema.response import Cost, Failure, Usage

if TYPE_CHECKING:
    from medbench.schema.verdict import Verdict


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
class RecordedRun:
    """All that is known of one system."""

    name: str
    family: str
    model_id: str | None
    """Exact id of its model; None where unknown."""
    answers: tuple[RecordedAnswer, ...]
    """One answer per case and replicate."""
    verdicts: tuple[Verdict, ...] = ()
    """Verdicts on the answers, with source ids as case ids."""
    notes: tuple[str, ...] = ()
    """Sentences on what was read otherwise than it was written."""
