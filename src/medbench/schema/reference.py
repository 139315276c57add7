"""What no prompt, pipeline or provider can reach: the radiologist's text and all that gives it away."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from medbench.schema.base import FileRecord, Record

Flag = Literal[
    "too_short",
    "other_modality",
    "points_elsewhere",
    "contains_diagnosis",
    "duplicate_text",
    "history_names_diagnosis",
    "no_radiology_image",
]
"""What was noted about a reference when the benchmark was built; `docs/building.md` says what each means."""


Side = Literal["left", "right", "midline"]


class KnownFinding(Record):
    """A finding that was drawn into a phantom, and so is known exactly."""

    kind: str
    """What it is, such as 'mass' or 'effusion'."""
    side: Side | None = None
    """Side of the patient; None where it has none."""
    site: str | None = None
    """Where it lies, in words."""
    size_mm: int | None = None
    """Size in millimetres: the largest diameter, or what is measured of that kind (docs/phantom.md)."""
    count: int = 1
    """How many of them."""
    images: tuple[int, ...] = ()
    """Numbers of the images that show it, from 1."""


class Reference(FileRecord):
    """The answer to one case and where it comes from."""

    what: ClassVar[str] = "reference"

    case_id: str
    """The case that this answers."""
    source_id: str
    """Name of the case in its source, such as 'MPX1481'."""
    split: str | None = None
    """The source's own split."""
    topic: str | None = None
    """Subject of the case; cases of one topic are not independent."""
    title: str | None = None
    """Title in the source."""
    diagnosis: str | None = None
    """Final diagnosis."""
    differential: str | None = None
    """Differential diagnosis."""
    discussion: str | None = None
    """The source's discussion of the case."""
    acr_codes: tuple[str, ...] = ()
    """ACR codes of case and images; they name region and disease."""
    text: str
    """The radiologist's findings, verbatim."""
    captions: tuple[str, ...] = ()
    """Captions of the images, in the order of the case's images."""
    source_images: tuple[str, ...] = ()
    """File names of the images in the source, in the same order."""
    known_findings: tuple[KnownFinding, ...] | None = None
    """Findings that are known exactly because they were drawn; None for real cases."""
    flags: tuple[Flag, ...] = Field(default=())
    """What was noted about this reference."""
