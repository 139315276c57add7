"""The answer to a case, which no prompt, pipeline or provider can import."""

from __future__ import annotations

from typing import ClassVar, Literal

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
"""Remarks on a reference from when the benchmark was built; docs/building.md explains each."""


Side = Literal["left", "right", "midline"]


class KnownFinding(Record):
    """A finding that was drawn into a phantom and so is known exactly."""

    kind: str
    """Kind of the finding, such as 'mass' or 'effusion'."""
    side: Side | None = None
    """Side of the patient; None where the kind has no side."""
    site: str | None = None
    """Site in words; None where it is not given."""
    size_mm: int | None = None
    """Largest diameter in millimetres, or what docs/phantom.md says; None where the kind has no size."""
    count: int = 1
    """Number of lesions."""
    images: tuple[int, ...] = ()
    """Numbers of the images that show it, counted from 1."""


class Reference(FileRecord):
    """The answer to one case, and where the case comes from."""

    what: ClassVar[str] = "reference"

    case_id: str
    """Id of the case."""
    source_id: str
    """Name of the case in its source, such as 'MPX1481'."""
    split: str | None = None
    """Split of the source, such as 'test'; None where it has none."""
    topic: str | None = None
    """Subject of the case; statistics take cases of one topic together. None where unknown."""
    title: str | None = None
    """Title in the source; None where there is none."""
    diagnosis: str | None = None
    """Final diagnosis; None where there is none."""
    differential: str | None = None
    """Differential diagnosis; None where there is none."""
    discussion: str | None = None
    """The source's discussion of the case; None where there is none."""
    acr_codes: tuple[str, ...] = ()
    """ACR codes of case and images, which name region and disease."""
    text: str
    """The radiologist's findings, verbatim."""
    captions: tuple[str, ...] = ()
    """Captions of the case's images, in their order."""
    source_images: tuple[str, ...] = ()
    """File names of the images in the source, in their order."""
    known_findings: tuple[KnownFinding, ...] | None = None
    """Findings that were drawn; None for real cases."""
    flags: tuple[Flag, ...] = ()
    """Remarks on this reference."""
