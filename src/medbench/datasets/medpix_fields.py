"""Cleans MedPix's spellings and field quirks; the tables are in medpix_fields.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from medbench.toml_input import packaged

if TYPE_CHECKING:
    from medbench.schema.case import Modality


class Kind(NamedTuple):
    """Modality, sequence and contrast of an image."""

    modality: Modality | None = None
    sequence: str | None = None
    contrast: str | None = None


_TABLES: dict[str, Any] = packaged("medbench.datasets", "medpix_fields.toml")
SPELLINGS = {spelling: Kind(**fields) for spelling, fields in _TABLES["spellings"].items()}
"""The 29 spellings of 'Modality' and what each means."""
CORRECTED: dict[str, dict[str, Any]] = _TABLES["corrected"]
"""Images whose fields are wrong, with the right values."""
SCANS = frozenset(_TABLES["scans"])
"""Images that are CT or MR although their plane says photograph, pathology or drawing."""
REGIONS: dict[str, str] = _TABLES["regions"]
"""'Location Category' and the region that is shown, in the order of the tables."""
SAME_PATIENT = tuple(frozenset(group) for group in _TABLES["same_patient"])
"""Cases that are one patient."""

_EMPTY = frozenset({"", "none", "null", "n/a"})


def present(value: object) -> str | None:
    """Return a text verbatim, or None where it is missing or a marker for 'nothing'."""
    if not isinstance(value, str) or value.strip().lower() in _EMPTY:
        return None
    return value


def kind_of(image: str, spelling: str, scanner: str) -> Kind:
    """Return modality, sequence and contrast of an image.

    Args:
        image: Its name, for those that were corrected.
        spelling: MedPix's 'Modality'; an unknown one counts as missing.
        scanner: MedPix's 'Type', 'CT' or 'MR'; counts where the spelling names no modality.
    """
    corrected = CORRECTED.get(image, {})
    if "modality" in corrected:
        return Kind(corrected["modality"])
    kind = SPELLINGS.get(spelling) or SPELLINGS.get(spelling.strip()) or Kind()
    modality: Modality | None = "CT" if scanner == "CT" else "MR" if scanner == "MR" else None
    return Kind(kind.modality or modality, corrected.get("sequence", kind.sequence), kind.contrast)


def plane_of(image: str, spelling: str | None, modality: str | None) -> str | None:
    """Return the orientation of an image; frontal and lateral slices of MR are coronal and sagittal."""
    plane: str | None = CORRECTED.get(image, {}).get("plane") or _TABLES["planes"].get(
        (spelling or "").strip()
    )
    if modality == "MR":
        return {"frontal": "coronal", "lateral": "sagittal"}.get(plane or "", plane)
    return plane


def is_radiology(image: str, plane: str | None) -> bool:
    """Return True for a scan, False for a photograph, pathology or drawing."""
    return plane not in _TABLES["no_radiology"] or image in SCANS


def age_of(value: object) -> str | None:
    """Return the age in years; '0' stands for infants and for 'not said' alike, and so for unknown."""
    text = (present(value) or "0").strip()
    return None if text == "0" else text


def sex_of(value: object) -> Literal["female", "male"] | None:
    """Return the sex; None where it is 'N/A'."""
    text = (present(value) or "").strip().lower()
    return "female" if text == "female" else "male" if text == "male" else None
