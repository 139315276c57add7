"""What a rater says about one output."""

from __future__ import annotations

from typing import ClassVar, Literal

from medbench.schema.base import FileRecord, OutsideText
from medbench.schema.response import Failure

Grade = Literal["good", "partial", "poor"]


class Verdict(FileRecord):
    """A grade or a failure to grade; a missing verdict never counts as poor."""

    what: ClassVar[str] = "verdict"

    case_id: str
    """The case."""
    replicate: int = 0
    """The repeat."""
    rater: OutsideText
    """Who says it."""
    rater_kind: Literal["judge", "reviewer"]
    """Model or rule, or a person."""
    judge_replicate: int = 0
    """Repeat of the judging."""
    grade: Grade | None = None
    """Good, partial or poor; None where it failed."""
    key_finding: bool | None = None
    """Whether the key finding was identified; None where it failed or is unknown."""
    rationale: OutsideText | None = None
    """Why, in the rater's words."""
    failure: Failure | None = None
    """Why there is no grade."""
