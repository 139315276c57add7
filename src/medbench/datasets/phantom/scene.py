"""One patient with findings, as the drawers of the regions see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.datasets.phantom.canvas import Canvas
from medbench.datasets.phantom.kinds import kind_of

if TYPE_CHECKING:
    from medbench.datasets.phantom.patient import Patient
    from medbench.schema.case import Modality
    from medbench.schema.reference import KnownFinding


@dataclass(frozen=True, slots=True)
class Picture:
    """One drawn image and what a file header would say about it."""

    png: bytes
    modality: Modality
    plane: str
    sequence: str | None = None
    contrast: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """A patient, the findings to draw, and where chance puts them.

    The place of a finding depends on patient and kind only: on the other side it is its mirror image.
    """

    region: str
    patient: Patient
    findings: tuple[KnownFinding, ...]
    marked: bool = True
    """Whether letters mark the patient's sides."""

    def canvas(self, spacing: float, view: str) -> Canvas:
        """An empty picture with the patient's pose in this view."""
        return Canvas(spacing, self.patient.pose(view), self.patient.number(view))

    def png(self, canvas: Canvas, view: str, *, noise: float, marks: str = "") -> bytes:
        """The finished picture, with both side markers unless others are given."""
        gain = self.patient.dice(f"gain {view}").between(0.93, 1.07)
        return canvas.finish((marks or "RL") if self.marked else "", noise=noise, gain=gain)

    def shown(self, view: str) -> list[KnownFinding]:
        """The findings that this view shows."""
        return [finding for finding in self.findings if view in views_of(self.region, finding)]

    def find(self, kind: str) -> KnownFinding | None:
        """The finding of a kind, if the patient has it."""
        return next((finding for finding in self.findings if finding.kind == kind), None)

    def has(self, kind: str) -> bool:
        """Whether the patient has a finding of this kind."""
        return self.find(kind) is not None

    def sign(self, finding: KnownFinding) -> int:
        """Where the side lies for the viewer: the patient's left is on the right of the picture."""
        return {"left": 1, "right": -1}.get(finding.side or "", 0)

    def jitter(self, finding: KnownFinding, name: str, most: float) -> float:
        """A displacement of this finding of at most so many millimetres."""
        return self.patient.shift(f"{finding.kind} {name}", most)

    def sizes(self, finding: KnownFinding) -> list[float]:
        """A size for each of several: the first is the stated, largest one."""
        size = float(finding.size_mm or 0)
        smaller = [0.8 + self.jitter(finding, f"size {number}", 0.1) for number in range(1, finding.count)]
        return [size, *(size * share for share in smaller)]


def views_of(region: str, finding: KnownFinding) -> tuple[str, ...]:
    """Names of the views that show a finding."""
    return kind_of(region, finding.kind).sites[finding.site or ""]
