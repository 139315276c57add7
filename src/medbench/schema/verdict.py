"""The verdict of a rater on one output, and of a judge on a text whose grade is known."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from medbench.schema.base import FileRecord, OutsideName, OutsideText, Record, digest
from medbench.schema.response import Attempt, Cost, Failure, Usage

Grade = Literal["good", "partial", "poor"]
GRADES: tuple[Grade, ...] = ("poor", "partial", "good")
"""From the lowest to the highest."""

Outcome = Literal["matched", "incomplete", "wrong_size", "wrong_side", "wrong_site", "negated", "missed"]
"""The outcome of one finding of the reference in the judged text."""

Order = Literal["reference-first", "output-first"]
"""The text of the two that the judge reads first."""


class Match(Record):
    """A finding of the reference and its outcome in the text, or an invented finding of the text."""

    reference: OutsideText | None = None
    """The finding of the reference; None for one that only the judged text has."""
    key: bool = False
    """True for the reference's key finding."""
    present: bool = True
    """True if the reference says that it is there; False for what it says is absent or normal."""
    outcome: Outcome | Literal["invented", "invented_serious"]
    """Its outcome."""
    output: OutsideText = ""
    """The words of the judged text, as the judge quotes them."""


class JudgedText(Record):
    """The text that was graded."""

    sha256: str
    """Digest of its UTF-8."""
    parser: str
    """Parser that took it from the output."""


class Listed(Record):
    """One finding of a reference, as it is given to every judge."""

    text: OutsideText
    """The finding, in the reference's words."""
    present: bool
    """True if it is there; False for what is absent or normal."""
    key: bool
    """True for the key finding."""


class Listing(FileRecord):
    """The findings of one reference, listed once for a rubric and given to every call of every judge."""

    what: ClassVar[str] = "listing"

    case_id: str
    """The case."""
    reference_sha256: str
    """Digest of the reference's text."""
    rubric_digest: str
    """Sha256 of the rubric."""
    findings: tuple[Listed, ...]
    """The list; exactly one is the key finding."""
    lister: str
    """Model that made it."""
    responses: tuple[str, ...]
    """The responses that it was made from, in `listings/responses.jsonl`."""
    reused_from: str | None = Field(default=None, exclude_if=lambda name: name is None)
    """Run that asked and paid, as BENCHMARK/SYSTEM, where it was not this one; else left out."""

    @property
    def digest(self) -> str:
        """Sha256 of the list."""
        return digest([finding.model_dump() for finding in self.findings])


class Verdict(FileRecord):
    """A grade or a failure to grade; a missing verdict never counts as poor.

    The first success of a case, replicate, rater and judge replicate stands, unless a later one corrects it.
    """

    what: ClassVar[str] = "verdict"

    case_id: str
    """The case."""
    replicate: int = 0
    """The repeat."""
    rater: OutsideName
    """Name of the rater: 'MODEL/RUBRIC' for a judge, 'reviewer:NAME' for a person."""
    rater_digest: str | None = None
    """Sha256 over all that makes the rater: model id, settings, rubric and context; None where unknown."""
    rater_kind: Literal["judge", "panel", "reviewer"]
    """A model, the majority of several, or a person."""
    judge_replicate: int = 0
    """Repeat of the judging."""
    grade: Grade | None = None
    """Good, partial or poor; None where it failed."""
    key_finding: bool | None = None
    """True if the key finding was identified; None where it failed or is unknown."""
    rationale: OutsideText | None = None
    """The reason, in the rater's words."""
    matches: tuple[Match, ...] = ()
    """The findings one by one, where the rubric asks for them: the grade follows from these."""
    failure: Failure | None = None
    """The reason why there is no grade."""
    by_fallback: bool = False
    """True if the fallback stood in for the judge."""
    corrects: bool = Field(default=False, exclude_if=lambda corrects: not corrects)
    """True where a person corrects a grade: what they gave to this output before counts no more."""
    same_family: bool = False
    """True if the judge is of the family of the system that it grades."""
    members: dict[str, Grade] = {}
    """Each judge's grade, of a panel."""
    spread: int | None = Field(default=None, ge=0, le=2)
    """Steps between the lowest and the highest grade, of a panel."""
    judged_text: JudgedText | None = None
    """The text that was graded; None where unknown."""
    order: Order | None = None
    """The text that the judge read first; None where unknown."""
    rubric_digest: str | None = None
    """Sha256 of the rubric; None where unknown or none."""
    listing_digest: str | None = None
    """Sha256 of the list of the reference's findings that was given; None where the rubric needs none."""
    asked: OutsideName | None = None
    """Model that was asked."""
    settings: dict[str, Any] | None = None
    """Settings that it was asked with; None where unknown."""
    answered: OutsideName | None = None
    """Model that answered, as the provider names it; None is unknown."""
    raw: OutsideText | None = None
    """The judge's last answer, as it came."""
    responses: tuple[str, ...] = ()
    """The responses it was made from."""
    reused_from: str | None = Field(default=None, exclude_if=lambda name: name is None)
    """Run that asked and paid, as BENCHMARK/SYSTEM, where it was not this one; else left out."""
    usage: Usage = Usage()
    """Tokens of these responses together."""
    cost: Cost | None = None
    """Their cost together; None is unknown."""
    attempts: tuple[Attempt, ...] = ()
    """All tries of these calls."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.grade is None) == (self.failure is None):
            msg = "needs either a grade or a failure"
            raise ValueError(msg)
        return self


Probe = Literal[
    "itself",
    "reworded",
    "reordered",
    "other_case",
    "empty",
    "normal",
    "side",
    "negation",
    "size",
    "invention",
    "padding",
    "markdown",
    "injection",
    "blocks_swapped",
    "asked_again",
]
"""A kind of canary; `docs/judging.md` describes each of them."""


class Canary(FileRecord):
    """A judge's verdict on a text whose right grade is known, or bounded, beforehand."""

    what: ClassVar[str] = "canary"

    case_id: str
    """The case whose reference it was judged against."""
    rater: OutsideName
    """The judge, as in its verdicts."""
    rater_digest: str | None = None
    """Sha256 over all that makes the rater."""
    probe: Probe
    """The kind of canary."""
    detail: str = ""
    """A name for one of several variants, such as the disguise of an injection."""
    base: Grade | None = None
    """Grade of the same text without the change, by the same judge; None where none is needed."""
    allowed: tuple[Grade, ...]
    """Grades that are right."""
    grade: Grade | None = None
    """The judge's grade; None where it failed."""
    key_finding: bool | None = None
    """True if the judge said that the key finding was identified."""
    rationale: OutsideText | None = None
    """The reason, in the judge's words."""
    failure: Failure | None = None
    """The reason why there is no grade."""
    order: Order
    """The text that the judge read first."""
    text_sha256: str
    """Digest of the text that was judged."""
    responses: tuple[str, ...] = ()
    """The responses it was made from; their cost stands there."""
    reused_from: str | None = Field(default=None, exclude_if=lambda name: name is None)
    """Run that asked and paid, as BENCHMARK/SYSTEM, where it was not this one; else left out."""

    @property
    def right(self) -> bool | None:
        """True if the judge was right; None where it gave no grade."""
        return None if self.grade is None else self.grade in self.allowed

    @property
    def is_settled(self) -> bool:
        """True if it is not asked about again: there is a grade or a final failure."""
        return self.failure is None or self.failure.final
