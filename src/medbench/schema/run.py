"""One system on one benchmark: the head of a run folder, its outputs and its sessions."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from medbench.schema.base import FileRecord, OutsideText, Record, digest
from medbench.schema.response import Failure

MOST_REPLICATES = 10_000
"""Repeats of one case: enough for any study, few enough to count them case by case."""


class BenchmarkLink(Record):
    """The benchmark that a run belongs to."""

    name: str
    """Its name."""
    path: str
    """Where it was: relative to the run folder, absolute, or 'embedded:NAME'."""
    digest: str
    """Its digest; the cases' and references', by which runs are compared."""


class ModelUse(Record):
    """A model as a system uses it."""

    name: str
    """Name of the model file."""
    provider: str
    """The way to reach it."""
    id: str
    """Exact id at the provider."""


class PromptUse(Record):
    """A prompt as a system uses it."""

    name: str
    """Name of the prompt file."""
    digest: str
    """Sha256 of its content."""


class System(Record):
    """What is compared: pipeline, model, prompt and settings."""

    name: str
    """Name of the system; what differs from the model's defaults is in it."""
    family: str
    """Series of the model, such as 'medgemma' or 'gemini'; 'baseline' without a model, else 'other'."""
    pipeline: str
    """How a case becomes an output; 'imported' where that happened elsewhere."""
    model: ModelUse | None = None
    """The model; None for a baseline."""
    prompt: PromptUse | None = None
    """The prompt; None where none is used or it is unknown."""
    images: str | None = None
    """Which images of a case are sent: 'first', 'all', 'spread:N', 'each', 'none'; None where unknown."""
    settings: dict[str, Any] = {}
    """Settings of model and pipeline."""

    @property
    def digest(self) -> str:
        """Sha256 over everything but the name."""
        return digest(self.model_dump(exclude={"name"}))

    @property
    def is_floor(self) -> bool:
        """Whether other systems are read against this one: it asks no model."""
        return self.pipeline.startswith("baseline-")


class SourceFile(Record):
    """A file that an imported run was read from."""

    file: str
    """Its name."""
    sha256: str
    """Digest of its bytes."""


class Run(FileRecord):
    """The head of a run folder, written once."""

    what: ClassVar[str] = "run"

    run_id: str
    """Unique name of the run."""
    created: str
    """When it was begun: UTC, ISO 8601."""
    medbench: str
    """Version that began it."""
    python: str
    """Version of Python."""
    command: OutsideText
    """The line that was typed."""
    benchmark: BenchmarkLink
    """What it runs on."""
    system: System
    """What runs."""
    system_digest: str
    """Digest of the system."""
    imported_from: tuple[SourceFile, ...] = ()
    """Files that the answers were read from, where they were made elsewhere."""


class Output(FileRecord):
    """A pipeline's result for one case and replicate: a text or a failure."""

    what: ClassVar[str] = "output"

    case_id: str
    """The case."""
    case_digest: str
    """Digest of the case as it was shown."""
    replicate: int = Field(default=0, ge=0, lt=MOST_REPLICATES)
    """The repeat."""
    text: OutsideText | None = None
    """The text; None where it failed."""
    failure: Failure | None = None
    """Why there is none."""
    responses: tuple[str, ...] = ()
    """The responses it was made from."""
    reused_from: str | None = None
    """Run that it was taken from, where it was not made here."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.text is None) == (self.failure is None):
            msg = "needs either a text or a failure"
            raise ValueError(msg)
        return self


EventKind = Literal["started", "ended", "stopped", "imported", "breaker", "limit", "budget"]
"""What can happen to a run."""


class Event(FileRecord):
    """Something that happened to a run: a session begun or ended, a limit changed, a provider given up."""

    what: ClassVar[str] = "event"

    at: str
    """When: UTC, ISO 8601."""
    kind: EventKind
    """What happened."""
    pid: int
    """Process that wrote this."""
    limit: int | None = None
    """Cases that this session was to complete; None for all."""
    replicates: int = 1
    """Replicates that it was to complete."""
    command: str = ""
    """The line that was typed."""
    said: OutsideText = ""
    """What it was, in words; empty where the kind says it all."""
