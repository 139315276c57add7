"""A case as its source gives it, cleaned but not yet drawn: what every reader of a source returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.case import Modality
    from medbench.schema.reference import KnownFinding


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One picture: a file of the source, or bytes that were drawn."""

    name: str
    """Its name in the source; it may give the answer away."""
    path: Path | None = None
    """The file; it may be missing."""
    data: bytes | None = None
    """The bytes of a PNG, where there is no file."""
    modality: Modality | None = None
    sequence: str | None = None
    contrast: str | None = None
    plane: str | None = None
    caption: str = ""
    """What the source says about this picture."""
    radiology: bool = True
    """Whether it is a radiology image at all (no photograph, pathology or drawing)."""


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
