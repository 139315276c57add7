"""Signs in a DICOM file that somebody has to look before it is shown to a model.

These are guards, not de-identification: no flag proves that no name is burned into the pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from medbench.sentences import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECONDARY: Final = "1.2.840.10008.5.1.4.1.1.7"
"""Secondary Capture Image Storage, and the root of its multi-frame kinds."""
_OFTEN_ANNOTATED: Final = {"US": "ultrasound", "XA": "angiography", "RF": "fluoroscopy", "OT": "another kind"}
_PERSONAL: Final = (
    "PatientName",
    "PatientBirthDate",
    "PatientAddress",
    "PatientTelephoneNumbers",
    "OtherPatientIDs",
    "OtherPatientNames",
    "ReferringPhysicianName",
    "PerformingPhysicianName",
    "OperatorsName",
    "InstitutionName",
    "InstitutionAddress",
    "AccessionNumber",
)
"""Attributes of the basic profile (DICOM PS3.15, table E.1-1) that name persons and places."""


def remarks(header: Any) -> Iterator[str]:
    """Yield why a file should be looked at first, in words without its values."""
    if str(header.get("BurnedInAnnotation", "")).upper() == "YES":
        yield "says that text is burned into its pixels"
    if str(header.get("SOPClassUID", "")).startswith(_SECONDARY):
        yield "is a secondary capture, such as a screenshot"
    modality = str(header.get("Modality", "")).upper()
    if modality in _OFTEN_ANNOTATED:
        yield f"is {_OFTEN_ANNOTATED[modality]} ({modality}), whose pictures often hold names"
    personal = [name for name in _PERSONAL if str(header.get(name) or "").strip()]
    if personal:
        yield f"holds personal attributes ({listed(personal, 3)})"
