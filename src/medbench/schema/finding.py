"""The findings of one text as data, for use outside medbench."""

from __future__ import annotations

from typing import ClassVar, Literal

from medbench.schema.base import FileRecord, OutsideText, Record


class FoundFinding(Record):
    """One atomic observation in a text."""

    concept: str
    """What it is, in the vocabulary's word."""
    presence: Literal["present", "absent", "uncertain", "past"]
    """Whether it is there; 'past' is resolved, healed, removed or history."""
    tier: Literal["urgent", "actionable", "minor", "benign"]
    """How much such a finding matters to a patient in general."""
    finding_model: str | None = None
    """Id of the Open Imaging Finding Model of this concept."""
    radlex: str | None = None
    """RadLex id of the concept."""
    side: Literal["left", "right", "both"] | None = None
    """The side."""
    places: tuple[str, ...] = ()
    """Where, as paths from the whole to the part, such as 'chest/lung/upper'."""
    places_radlex: tuple[str, ...] = ()
    """RadLex ids of the places that have one."""
    size_mm: float | None = None
    """The largest extent given, in mm."""
    severity: Literal["mild", "moderate", "severe"] | None = None
    """How severe or large, in words."""
    count: Literal["one", "two", "many"] | None = None
    """How many."""
    change: Literal["new", "worse", "better", "same"] | None = None
    """How it changed since an earlier image."""
    sequence: Literal["t1", "t2"] | None = None
    """Kind of MR sequence of a signal."""
    words: OutsideText
    """The words that name it, as the vocabulary reads them."""
    span: tuple[int, int]
    """First character of its sentence in the text, and the one behind the last."""


class FoundPair(Record):
    """What became of one finding of the reference or of the output."""

    outcome: Literal["correct", "partial", "missed", "invented", "contradicted"]
    """Correct and partial are in both texts; contradicted is there in one and denied in the other."""
    credit: float
    """From 0 to 1."""
    errors: tuple[str, ...] = ()
    """What differs, by name."""
    reference: FoundFinding | None = None
    """The reference's finding; null where it was invented."""
    output: FoundFinding | None = None
    """The output's finding; null where it was missed."""


class FindingsLine(FileRecord):
    """The findings of one output paired with those of its reference."""

    what: ClassVar[str] = "line of findings"

    case_id: str
    """The case."""
    replicate: int = 0
    """The repeat."""
    system: str
    """The system that gave the output."""
    parser: str
    """Parser that found the text; spans count its characters."""
    signature: str
    """How the findings were found and paired."""
    pairs: tuple[FoundPair, ...]
    """Every finding of either text, those of the reference first."""


class SeenFindings(Record):
    """What an output says of its reference's findings, in words."""

    grade: Literal["good", "partial", "poor"] | None
    """The grade of the rater 'rules'."""
    key: str | None
    """The key finding; None where the reference finds nothing."""
    key_hit: bool | None
    """Whether the output has it."""
    lines: tuple[tuple[str, str], ...]
    """Outcome and words of what is partly right, missed, invented or contradicted."""
