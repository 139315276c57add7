"""An experiment as a person writes it, and what of it was declared before the first answer."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from medbench.schema.base import FileRecord, Record, digest
from medbench.schema.spec import SystemSpec

Primary = Literal[
    "good",
    "key_finding",
    "finding.f1",
    "above_chance.finding.f1",
    "rouge_l.f1",
    "rouge_l.recall",
    "answer.right",
    "above_chance.answer.right",
]
"""Metric that an experiment is decided by."""


class Versus(Record):
    """The systems that the others are compared with, and how often."""

    against: str | dict[str, Any] | None = None
    """Name of a system, or what of a system is changed to get the one it is compared with, such as
    { prompt = "comprehensive" }; None for the first system."""
    look: int | None = Field(default=None, ge=1)
    """This is the k-th planned look as cases come in, as of `compare --look`; None where one look is all."""


class Judging(Record):
    """How outputs are judged; the fields are the options of `judge`."""

    judge: tuple[str, ...] = ()
    """Models that grade; several are a panel. Without any, those of medbench.toml."""
    rubric: str | None = None
    """Name or TOML file of the rubric; None for the usual one."""
    context: Literal["none", "captions"] = "none"
    """Facts about the images that the judge is given."""
    fallback: str | None = None
    """Model that stands in where a judge gives no readable answer."""
    replicates: int = Field(default=1, ge=1, le=100)
    """How often each text is judged."""


class Experiment(Record):
    """The content of an experiment file."""

    question: str = Field(min_length=1)
    """The question that the experiment is to answer."""
    benchmark: str | dict[str, Any]
    """Name or folder of the benchmark, or what to build: { build = "medpix", out = "FOLDER", … }."""
    primary: Primary = "good"
    """Metric that decides; everything else is exploratory."""
    margin: float | None = Field(default=None, gt=0)
    """Points within which two systems are equivalent; None for that of the metric."""
    max_cost: float = Field(ge=0)
    """Dollars that models and judge may cost together, over all sessions."""
    limit: int | None = Field(default=None, ge=1)
    """Only so many cases, taken round-robin over the strata."""
    replicates: int = Field(default=1, ge=1)
    """How often each case is asked."""
    grid: dict[str, list[Any]] = {}
    """Part of a system to its values: every combination is a system."""
    systems: dict[str, SystemSpec] = {}
    """Further systems by name."""
    probes: tuple[str, ...] = ()
    """Probes of each system that asks a model, which are compared with nothing: see `run --probe`."""
    compare: Versus | None = None
    """System to compare the others with, and the number of this look; None for the first system, once."""
    judge: Judging | None = None
    """How outputs are judged; None where they are not."""

    @property
    def look(self) -> int | None:
        """Number of this planned look; None where one look is all."""
        return self.compare.look if self.compare else None


class Declaration(Record):
    """The rules by which an experiment is decided, as they stood at one time."""

    question: str
    """The question."""
    primary: str
    """Metric that decides."""
    margin: float | None
    """Points within which two systems are equivalent; None for that of the metric."""
    benchmark: str
    """Digest of the benchmark."""
    limit: int | None
    """Cases; None for all."""
    replicates: int
    """Times that each case is asked."""
    systems: dict[str, str]
    """Name of each system to its digest."""
    pairs: tuple[tuple[str, str], ...]
    """The comparisons: a system and the one it is compared with."""
    judge: Judging | None
    """How outputs are judged."""
    look: int | None = Field(default=None, exclude_if=lambda look: look is None)
    """Number of the planned look; left out where one look is all."""

    @property
    def digest(self) -> str:
        """Sha256 over all of it."""
        return digest(self.model_dump(mode="json"))


class Declared(Record):
    """A declaration and when it was made."""

    at: str
    """Time, UTC."""
    answers: int
    """Answers of its systems that there were by then."""
    digest: str
    """Sha256 of the declaration."""
    declaration: Declaration
    """The declaration that the digest is of."""


class Seal(FileRecord):
    """experiment.json: every declaration of an experiment, the first one first."""

    what: ClassVar[str] = "experiment"

    name: str
    """Name of the experiment."""
    declared: tuple[Declared, ...]
    """The declarations; one that says what the last one said is not added."""
