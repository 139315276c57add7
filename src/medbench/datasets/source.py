"""A case as its source gives it, cleaned but not yet drawn: what every reader of a source returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.case import Modality, Question
    from medbench.schema.reference import KnownFinding


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One image of a source."""

    name: str
    """Its name in the source, which may give the answer away."""
    content: Path | bytes
    """The file, which may be missing; or the bytes of an image that was drawn."""
    modality: Modality | None = None
    sequence: str | None = None
    contrast: str | None = None
    plane: str | None = None
    caption: str = ""
    """The source's words about this image."""
    radiology: bool = True
    """False for a photograph, pathology or drawing."""

    @property
    def exists(self) -> bool:
        """Return True if there is something to read."""
        return isinstance(self.content, bytes) or self.content.is_file()


@dataclass(frozen=True, slots=True)
class SourceCase:
    """One case: what may be shown, and what answers it."""

    source_id: str
    region: str
    images: tuple[SourceImage, ...]
    text: str
    """The radiologist's findings, verbatim; empty where the source has none."""
    age: str | None = None
    sex: Literal["female", "male"] | None = None
    history: str | None = None
    split: str | None = None
    topic: str | None = None
    title: str | None = None
    diagnosis: str | None = None
    differential: str | None = None
    discussion: str | None = None
    acr_codes: tuple[str, ...] = ()
    known_findings: tuple[KnownFinding, ...] | None = None
    question: Question | None = None
    """A question whose answer is the text; None where the text describes findings."""

    @property
    def modality(self) -> str:
        """Return 'CT' where all images are CT, 'CT+MR' where they differ, 'unknown' where none says."""
        return "+".join(sorted({image.modality for image in self.images if image.modality})) or "unknown"

    @property
    def plane(self) -> str:
        """Return 'axial' where all images are, 'axial+coronal' where they differ, or 'unknown'."""
        return "+".join(sorted({image.plane for image in self.images if image.plane})) or "unknown"

    @property
    def complete(self) -> bool:
        """Return True if every image of the case exists."""
        return all(image.exists for image in self.images)
