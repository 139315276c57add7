"""MedPix's spellings and field quirks, each cleaned here and nowhere else; listed in docs/building.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from medbench.schema.case import Modality


class Kind(NamedTuple):
    """What one spelling of MedPix's 'Modality' says."""

    modality: Modality | None
    """None: as the image's 'Type' says."""
    sequence: str | None = None
    contrast: str | None = None


SPELLINGS: dict[str, Kind] = {
    "CT": Kind("CT"),
    "CT - noncontrast": Kind("CT", None, "none"),
    "CT w/contrast (IV)": Kind("CT", None, "IV"),
    "CT - GI Contrast": Kind("CT", None, "GI"),
    "CT - GI & IV Contrast": Kind("CT", None, "GI+IV"),
    "CT - Montage": Kind("CT", "montage"),
    "CT - Montage of Images": Kind("CT", "montage"),
    "CTA - CT Angiography": Kind("CT", "CTA", "IV"),
    "Virtual Colonoscopy": Kind("CT", "colonography"),
    "MR": Kind("MR"),
    "MRI": Kind("MR"),
    "MR - T1W - noncontrast": Kind("MR", "T1", "none"),
    "MR - T1W w/Gadolinium": Kind("MR", "T1", "Gd"),
    "MR - T1W w/Gd (fat suppressed)": Kind("MR", "T1 fat-suppressed", "Gd"),
    "MR - T2 weighted": Kind("MR", "T2"),
    "MR T2* gradient,GRE,MPGR,SWAN,SWI": Kind("MR", "T2*"),
    "MR - FLAIR": Kind("MR", "FLAIR"),
    "MR - STIR": Kind("MR", "STIR"),
    "MR - PDW Proton Density": Kind("MR", "PD"),
    "MR - DWI Diffusion Weighted": Kind("MR", "DWI"),
    "MR - ADC Map (App Diff Coeff)": Kind("MR", "ADC"),
    "MR - FIESTA": Kind("MR", "FIESTA"),
    "MR - Other Pulse Seq.": Kind("MR", "other"),
    "MR - Montage": Kind("MR", "montage"),
    "MR - Montage of Images": Kind("MR", "montage"),
    " MR - Montage of Images": Kind("MR", "montage"),
    "MRA - MR Angiography/Venography": Kind("MR", "MRA"),
    "MRS - Spectroscopy": Kind("MR", "MRS"),
    # All three 'Drawings' are scans; the type of the image says of which kind.
    "Drawing": Kind(None),
}
"""The 29 spellings of 'Modality', as they stand in the file (one begins with a space)."""

PLANES: dict[str, str | None] = {
    "Axial": "axial",
    "Transverse": "axial",
    "Coronal": "coronal",
    "Frontal": "frontal",
    "AP": "frontal",
    "PA": "frontal",
    "Sagittal": "sagittal",
    "Lateral": "lateral",
    "3D Reconstruction": "3D",
    "Multiple or Montage": "several",
    "Other View (see caption)": "other",
    "NOS - Not specified": None,
    "Photograph": None,
    "Gross Pathology": None,
    "Drawing": None,
}

NO_RADIOLOGY = frozenset({"Photograph", "Gross Pathology", "Drawing"})
"""Values of 'Plane' that speak of no radiology image; see `SCANS`."""

SCANS = frozenset(
    {
        "MPX1274_synpic35536",
        "MPX1274_synpic35537",
        "MPX1274_synpic35546",
        "MPX1284_synpic35420",
        "MPX1464_synpic35497",
        "MPX1911_synpic23324",
        "MPX1911_synpic23326",
        "MPX1911_synpic23327",
        "MPX1911_synpic23328",
        "MPX2000_synpic35440",
        "MPX2030_synpic49047",
        "MPX2056_synpic35393",
        "MPX2533_synpic35402",
    }
)
"""Images whose plane is no plane of a scan, and which are CT or MR all the same: seen by eye."""

SEEN: dict[str, dict[str, str]] = {
    # Typed MR, but CT by their bone.
    "MPX1274_synpic35537": {"modality": "CT"},
    "MPX1284_synpic35420": {"modality": "CT"},
    "MPX1464_synpic35497": {"modality": "CT"},
    # Scouts: projections that a CT scanner makes before the slices.
    "MPX1654_synpic26198": {"sequence": "scout"},
    "MPX1953_synpic22194": {"sequence": "scout"},
    "MPX1960_synpic23964": {"sequence": "scout"},
    "MPX1984_synpic34420": {"sequence": "scout", "plane": "frontal"},
    "MPX2031_synpic38140": {"sequence": "scout", "plane": "frontal"},
    "MPX2067_synpic11184": {"sequence": "scout"},
    "MPX2119_synpic56367": {"sequence": "scout"},
    "MPX2314_synpic20231": {"sequence": "scout", "plane": "frontal"},
    # 'Spectroscopy' that is an elbow in STIR, as its caption says; a 'frontal' slice that is axial.
    "MPX1714_synpic20232": {"sequence": "STIR"},
    "MPX1714_synpic20233": {"sequence": "STIR"},
    "MPX1402_synpic16952": {"plane": "axial"},
}
"""Single images whose fields are wrong, corrected by looking at them."""

REGIONS: dict[str, str] = {
    "Head": "Head",
    "Thorax": "Thorax",
    "Abdomen": "Abdomen",
    "Spine and Muscles": "Spine/MSK",
    "Reproductive and Urinary System": "Urinary",
}
"""'Location Category' and the region that is shown, in the order of the tables."""

SAME_PATIENT: tuple[frozenset[str], ...] = (
    frozenset({"MPX1135", "MPX1683"}),
    frozenset({"MPX1460", "MPX2385"}),
    # One history and date, but the pictures look like two people: treated as one, to be safe.
    frozenset({"MPX1594", "MPX1756"}),
)
"""Cases that are one patient, found by eye."""

_EMPTY = frozenset({"", "none", "null", "n/a"})


def present(value: object) -> str | None:
    """A text verbatim, or None where it is missing or one of the markers for 'nothing'."""
    if not isinstance(value, str) or value.strip().lower() in _EMPTY:
        return None
    return value


def kind_of(image: str, spelling: str, kind: str) -> Kind:
    """Modality, sequence and contrast of an image.

    Args:
        image: Its name, for those that were corrected by eye.
        spelling: MedPix's 'Modality'; an unknown one counts as not said.
        kind: MedPix's 'Type', 'CT' or 'MR'.
    """
    found = SPELLINGS.get(spelling) or SPELLINGS.get(spelling.strip()) or Kind(None)
    seen = SEEN.get(image, {})
    typed: Modality | None = "CT" if kind == "CT" else "MR" if kind == "MR" else None
    modality = found.modality or typed
    if seen.get("modality") == "CT":
        return Kind("CT")
    return Kind(modality, seen.get("sequence", found.sequence), found.contrast)


def plane_of(image: str, spelling: str | None, modality: str | None) -> str | None:
    """Orientation of an image; frontal and lateral slices of MR are coronal and sagittal."""
    plane = SEEN.get(image, {}).get("plane") or PLANES.get((spelling or "").strip())
    if modality == "MR":
        return {"frontal": "coronal", "lateral": "sagittal"}.get(plane or "", plane)
    return plane


def is_radiology(image: str, plane: str | None) -> bool:
    """Whether the image is a scan, and no photograph, pathology or drawing."""
    return plane not in NO_RADIOLOGY or image in SCANS


def age_of(value: object) -> str | None:
    """Age in years; '0' stands for infants and for 'not said' alike, and so for unknown."""
    text = present(value)
    return None if text is None or text.strip() == "0" else text.strip()


def sex_of(value: object) -> Literal["female", "male"] | None:
    """Sex; None where it is 'N/A'."""
    text = (present(value) or "").strip().lower()
    return "female" if text == "female" else "male" if text == "male" else None
