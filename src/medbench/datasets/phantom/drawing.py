"""Draws one view of one patient as a PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.datasets.phantom import abdomen, chest, head, pelvis, spine
from medbench.datasets.phantom.canvas import Canvas
from medbench.datasets.phantom.regions import REGIONS
from medbench.datasets.phantom.scene import Scene

if TYPE_CHECKING:
    from medbench.datasets.phantom.patient import Patient
    from medbench.datasets.phantom.regions import Region, View
    from medbench.schema.reference import KnownFinding

_GRAIN = {1: (4, 8), 2: (2, 16)}
"""Noise and step of the greys by edition: less of both makes files half as large."""
_DRAWERS = dict(zip(REGIONS, (head, chest, abdomen, spine, pelvis), strict=True))


def draw_view(
    region: Region, view: View, patient: Patient, findings: tuple[KnownFinding, ...], *, marked: bool = True
) -> bytes:
    """Draw one image of a patient and return it as PNG."""
    canvas = Canvas(view.pixel_mm, patient.pose(view.name), patient.number(view.name))
    shown = tuple(finding for finding in findings if view.name in region.kind(finding.kind).views)
    _DRAWERS[region.name].draw(canvas, Scene(patient, view.name, findings, shown))
    gain = patient.dice(f"gain {view.name}").between(0.93, 1.07)
    return canvas.finish(view.marks if marked else "", gain, *_GRAIN[patient.edition])
