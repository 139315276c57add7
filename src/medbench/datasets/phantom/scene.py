"""A patient with findings, as the drawers of the regions see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medbench.datasets.phantom.patient import Patient
    from medbench.schema.reference import KnownFinding


@dataclass(frozen=True, slots=True)
class Scene:
    """One image to be drawn.

    The place of a finding depends on patient and kind only: on the other side it is its mirror image.
    """

    patient: Patient
    """Whom the image shows."""
    view: str
    """Name of the view."""
    findings: tuple[KnownFinding, ...]
    """All findings of the patient."""
    shown: tuple[KnownFinding, ...]
    """The findings that this view shows."""

    def find(self, kind: str) -> KnownFinding | None:
        """Return the patient's finding of a kind, if there is one."""
        return next((finding for finding in self.findings if finding.kind == kind), None)

    def size_of(self, kind: str) -> int:
        """Return the size in millimetres of the patient's finding of a kind; 0 if there is none."""
        finding = self.find(kind)
        return (finding.size_mm or 0) if finding else 0

    def sign(self, finding: KnownFinding) -> int:
        """Return 1 or -1 for the viewer's right or left: the patient's left is on the right of the image."""
        return {"left": 1, "right": -1}.get(finding.side or "", 0)

    def jitter(self, finding: KnownFinding, name: str, most: float) -> float:
        """Return a displacement of this finding of at most so many millimetres."""
        return self.patient.shift(f"{finding.kind} {name}", most)

    def sizes(self, finding: KnownFinding) -> list[float]:
        """Return the size of each lesion in millimetres; the first is the stated, largest one."""
        size = float(finding.size_mm or 0)
        smaller = [0.8 + self.jitter(finding, f"size {number}", 0.1) for number in range(1, finding.count)]
        return [size, *(size * share for share in smaller)]
