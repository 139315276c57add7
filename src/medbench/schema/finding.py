"""The findings of a text as data: the lines of `medbench export --findings`."""

from __future__ import annotations

from typing import ClassVar, Literal

from medbench.schema.base import FileRecord, OutsideText, Record


class FoundFinding(Record):
    """One atomic observation in a text."""

    concept: str
    """Name of the finding in medbench's vocabulary."""
    presence: Literal["present", "absent", "uncertain", "past"]
    """'present', 'absent', 'uncertain', or 'past' for what is resolved, healed, removed or history."""
    tier: Literal["urgent", "actionable", "minor", "benign"]
    """Importance of such a finding to a patient in general."""
    finding_model: str | None = None
    """Id in the Open Imaging Finding Model; None where it has none."""
    radlex: str | None = None
    """RadLex id of the finding; None where the table has none."""
    side: Literal["left", "right", "both"] | None = None
    """Side of the patient; None where the text does not say."""
    places: tuple[str, ...] = ()
    """Sites, as paths from the whole to the part, such as 'chest/lung/upper'."""
    places_radlex: tuple[str, ...] = ()
    """RadLex ids of the sites that have one."""
    size_mm: float | None = None
    """Largest extent in millimetres; None where the text gives none."""
    severity: Literal["mild", "moderate", "severe"] | None = None
    """Severity or size in words; None where the text does not say."""
    count: Literal["one", "two", "many"] | None = None
    """Number of lesions; None where the text does not say."""
    change: Literal["new", "worse", "better", "same"] | None = None
    """Change since an earlier examination; None where the text does not say."""
    sequence: Literal["t1", "t2"] | None = None
    """MR sequence of a signal; None for other findings."""
    words: OutsideText
    """The words of the text that name it."""
    span: tuple[int, int]
    """Start and end of its sentence in the text, in characters."""


class FoundPair(Record):
    """The outcome of one finding of the reference or of the output."""

    outcome: Literal["correct", "partial", "missed", "invented", "unverifiable", "contradicted"]
    """'correct' and 'partial' are in both texts; 'contradicted' is denied in one of them, or in the output
    itself; 'invented' is only in the output and denied by the reference, urgent, or impossible in its region;
    'unverifiable' is only in the output too."""
    credit: float
    """Credit, from 0 to 1."""
    errors: tuple[str, ...] = ()
    """Differences, as 'side'; 'side_omitted': the output leaves it out; 'conflict': the output says both."""
    reference: FoundFinding | None = None
    """The reference's finding; None where only the output has it."""
    output: FoundFinding | None = None
    """The output's finding; None where it was missed."""


class FindingsLine(FileRecord):
    """The findings of one output paired with those of its reference."""

    what: ClassVar[str] = "line of findings"

    case_id: str
    """Id of the case."""
    replicate: int = 0
    """Number of the replicate, from 0."""
    system: str
    """Name of the system that gave the output."""
    parser: str
    """Parser of the output; spans count the characters of the text that it found."""
    signature: str
    """Signature of how findings were found and paired."""
    pairs: tuple[FoundPair, ...]
    """Every finding of either text, those of the reference first."""


class Mark(Record):
    """One finding of either text, in words, and its place in both."""

    outcome: Literal["correct", "partial", "missed", "invented", "unverifiable", "contradicted"]
    """Its outcome, as of a pair."""
    words: str
    """The finding in words."""
    reference: tuple[int, int] | None = None
    """Start and end of the words that name it in the reference, in characters; None where they do not."""
    output: tuple[int, int] | None = None
    """The same in the text that was scored."""


class SeenFindings(Record):
    """The findings of an output against those of its reference, in words for the screen."""

    grade: Literal["good", "partial", "poor"] | None
    """Grade by the rater 'rules'; None where there is nothing to grade."""
    key: str | None
    """The key finding; None where the reference has no finding."""
    key_hit: bool | None
    """True if the output has the key finding; None where there is none."""
    lines: tuple[tuple[str, str], ...]
    """Outcome and words of each finding that isn't simply right."""
    marks: tuple[Mark, ...] = ()
    """Every finding of either text, but for denials that the other text passes over."""
