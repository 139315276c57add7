"""One system on one benchmark: the head of a run folder, its outputs and its sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from medbench.schema.base import FileRecord, OutsideName, OutsideText, Record, digest
from medbench.schema.endpoint import EndpointUse
from medbench.schema.response import MODEL, Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_REPLICATES = 10_000
"""Repeats of one case: enough for any study, few enough to count them case by case."""


class BenchmarkLink(Record):
    """The benchmark that a run belongs to."""

    name: OutsideName
    """Its name."""
    path: str
    """Where it was: relative to the run folder, absolute, or 'embedded:NAME'."""
    digest: str
    """Its digest; the cases' and references', by which runs are compared."""
    manifest: str | None = Field(default=None, exclude_if=lambda manifest: manifest is None)
    """Sha256 of its benchmark.json, left out by older versions."""


class ModelUse(Record):
    """A model as a system uses it."""

    name: OutsideName
    """Name of the model file."""
    provider: OutsideName
    """The way to reach it."""
    id: OutsideName
    """Exact id at the provider."""


class PromptUse(Record):
    """A prompt as a system uses it."""

    name: OutsideName
    """Name of the prompt file."""
    digest: str
    """Sha256 of its content."""


class Stage(Record):
    """A model that a pipeline asks in one role, and with what."""

    role: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    """The role, by which the pipeline asks it."""
    model: ModelUse
    """The model."""
    prompt: PromptUse | None = None
    """The prompt; None where none is used or it is unknown."""
    images: str | None = None
    """Choice of a case's images, as of a system."""
    settings: dict[str, Any] = {}
    """Settings of the model."""


class System(Record):
    """A pipeline with its models, prompts and settings: the thing that is compared.

    On the disk the parts of an only model stand beside the pipeline; `stages` is written where there are
    several roles. In code `stages` has both.
    """

    name: OutsideName
    """Name of the system; what differs from the model's defaults is in it."""
    family: OutsideName
    """Series of the model, such as 'medgemma' or 'gemini'; 'baseline' without a model, else 'other'."""
    pipeline: OutsideName
    """Name of the pipeline; 'imported' where the outputs were made elsewhere."""
    model: ModelUse | None = None
    """The only model; None for a baseline, and where there are several roles."""
    prompt: PromptUse | None = None
    """The prompt; None where none is used or it is unknown."""
    images: str | None = None
    """Choice of a case's images: 'first', 'all', 'spread:N', 'each', 'none'; None where unknown."""
    settings: dict[str, Any] = {}
    """Settings of the only model; of the pipeline where there is none, or several roles."""
    several: tuple[Stage, ...] = Field(default=(), alias="stages", exclude_if=lambda stages: not stages)
    """The models by role; left out where there is an only one or none."""
    probe: str | None = Field(default=None, exclude_if=lambda probe: probe is None)
    """Name of the probe shown in place of each case, such as 'mirror'; left out for the case itself."""

    @classmethod
    def of_stages(
        cls, stages: tuple[Stage, ...], *, name: str, family: str, pipeline: str, settings: dict[str, Any]
    ) -> Self:
        """Make a system from its stages and the settings of its pipeline."""
        if len(stages) != 1 or stages[0].role != MODEL or settings:
            return cls(name=name, family=family, pipeline=pipeline, settings=settings, several=stages)
        (only,) = stages
        parts = {part: getattr(only, part) for part in ("model", "prompt", "images", "settings")}
        return cls(name=name, family=family, pipeline=pipeline, **parts)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The models that are asked, by role: one with the role 'model', several, or none for a baseline."""
        if self.model is None:
            return self.several
        return (
            Stage(
                role=MODEL, model=self.model, prompt=self.prompt, images=self.images, settings=self.settings
            ),
        )

    def with_models(self, models: Mapping[str, ModelUse]) -> Self:
        """Return the same system with other models, by role."""
        if self.model is not None:
            return self.model_copy(update={"model": models[MODEL]})
        stages = (stage.model_copy(update={"model": models[stage.role]}) for stage in self.several)
        return self.model_copy(update={"several": tuple(stages)})

    @property
    def digest(self) -> str:
        """Sha256 over everything but the name."""
        return digest(self.model_dump(by_alias=True, exclude={"name"}))

    @property
    def probed(self) -> str:
        """Digest of the system without its probe."""
        return self.model_copy(update={"probe": None}).digest

    @property
    def is_floor(self) -> bool:
        """True if other systems are read against this one: it asks no model."""
        return self.pipeline.startswith("baseline-")

    @property
    def is_competitor(self) -> bool:
        """True if it is graded and compared unasked: neither a floor nor a probe."""
        return not self.is_floor and self.probe is None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.model is not None and self.several:
            msg = "needs either 'model' or 'stages'"
            raise ValueError(msg)
        if len({stage.role for stage in self.several}) < len(self.several):
            msg = "two stages have the same role"
            raise ValueError(msg)
        return self


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
    """The benchmark."""
    system: System
    """The system."""
    system_digest: str
    """Digest of the system."""
    imported_from: tuple[SourceFile, ...] = ()
    """Files that the answers were read from, where they were made elsewhere."""


READ_BY: Final = "read_by"
"""Note of an output that follows from what the finding metric reads: the method by which it read."""


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
    """The failure; None where there is a text."""
    responses: tuple[str, ...] = ()
    """The responses it was made from."""
    reused_from: str | None = None
    """Run that it was taken from, where it was not made here."""
    notes: dict[str, Any] = Field(default_factory=dict, exclude_if=lambda notes: not notes)
    """Remarks of the pipeline on its making, such as the examples that were shown; mostly left out."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.text is None) == (self.failure is None):
            msg = "needs either a text or a failure"
            raise ValueError(msg)
        return self


EventKind = Literal[
    "started", "ended", "stopped", "imported", "breaker", "limit", "budget", "relinked", "endpoint"
]
"""Kind of an event."""


class Event(FileRecord):
    """Something that happened to a run: a session begun or ended, a limit changed, a provider given up."""

    what: ClassVar[str] = "event"

    at: str
    """When: UTC, ISO 8601."""
    kind: EventKind
    """Kind of the event."""
    pid: int
    """Process that wrote this."""
    limit: int | None = None
    """Cases that this session was to complete; None for all."""
    replicates: int = 1
    """Replicates that it was to complete."""
    command: str = ""
    """The line that was typed."""
    said: OutsideText = ""
    """The event in words; empty where the kind says it all."""
    benchmark: str | None = Field(default=None, exclude_if=lambda path: path is None)
    """Where the benchmark lies now, as in run.json; left out but for the kind 'relinked'."""
    endpoint: EndpointUse | None = Field(default=None, exclude_if=lambda use: use is None)
    """An endpoint that medbench put up for it, and for how long; the last such event of a name counts. Left
    out but for the kind 'endpoint'."""
