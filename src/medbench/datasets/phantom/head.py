"""Draws the head: axial CT at the ventricles, at the vertex and through the posterior fossa."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from medbench.datasets.phantom.canvas import cosine_sine

if TYPE_CHECKING:
    from medbench.datasets.phantom.canvas import Canvas, Mask
    from medbench.datasets.phantom.scene import Scene
    from medbench.schema.reference import KnownFinding

# Greys of the tissues.
_BRAIN, _CSF, _BONE, _BLOOD = 108.0, 48.0, 235.0, 185.0
# Half width and half length of the brain in each slice, and middles of what lies in it, in millimetres.
_OUTLINES = {"ventricles": (68.0, 85.0), "vertex": (61.0, 77.0), "fossa": (64.0, 80.0)}
_LOBES = {"frontal lobe": (31.0, -42.0), "parietal lobe": (37.0, 36.0)}
_FOSSA = {"cerebellar hemorrhage": (27.0, 47.0), "arachnoid cyst": (46.0, -8.0)}
_METASTASES = ((36.0, -38.0), (-42.0, 26.0), (-36.0, -30.0), (40.0, 34.0), (-20.0, 60.0))


def draw(canvas: Canvas, scene: Scene) -> None:
    """Draw one slice of the head."""
    rx, ry = _outline(scene)
    # Scalp, skull, the fluid around the brain, the brain.
    canvas.paint(canvas.ellipse(0, 0, rx + 11, ry + 11), 88)
    canvas.paint(canvas.ellipse(0, 0, rx + 6, ry + 6), _BONE)
    brain = canvas.ellipse(0, 0, rx, ry)
    canvas.paint(brain, _CSF + 14)
    cortex = canvas.ellipse(0, 0, rx - 2.5, ry - 2.5)
    canvas.paint(cortex, _BRAIN)
    _sulci(canvas, scene, brain, rx, ry)
    {"ventricles": _ventricles, "vertex": _vertex, "fossa": _fossa}[scene.view](canvas, scene, rx, ry)
    canvas.texture(cortex, 6, 7)
    for finding in scene.shown:
        _finding(canvas, scene, finding, brain)


def _outline(scene: Scene) -> tuple[float, float]:
    """Return half the width and half the length of the brain."""
    width, length = _OUTLINES[scene.view]
    return width * scene.patient.vary("head width", 0.05), length * scene.patient.vary("head length", 0.04)


def _sulci(canvas: Canvas, scene: Scene, brain: Mask, rx: float, ry: float) -> None:
    for number in range(26):
        cos, sin = cosine_sine(360 / 26 * number + scene.patient.shift(f"sulcus {number}", 5))
        depth = 0.8 * scene.patient.vary(f"sulcus depth {number}", 0.08)
        stroke = canvas.line((rx * cos, ry * sin), (rx * cos * depth, ry * sin * depth), 2.2, 2.5)
        canvas.paint(stroke * brain * 0.7, _CSF + 10)


def _falx(canvas: Canvas, start: float, end: float) -> None:
    canvas.paint(canvas.line((0, start), (0, end), 1.6) * 0.8, 150)


def _ventricles(canvas: Canvas, scene: Scene, rx: float, ry: float) -> None:
    wide = 2.1 if scene.find("hydrocephalus") else scene.patient.vary("ventricles", 0.15)
    for sign in (-1, 1):
        # White matter, basal ganglia, thalamus; two horns of the ventricle with their choroid plexus.
        canvas.paint(canvas.ellipse(sign * 0.42 * rx, 0, 0.36 * rx, 0.62 * ry, soft=14) * 0.5, _BRAIN - 18)
        canvas.paint(canvas.ellipse(sign * 22, -4, 8, 15, angle=sign * 12, soft=4), _BRAIN + 10)
        canvas.paint(canvas.ellipse(sign * 13, 12, 8, 11, soft=4), _BRAIN + 10)
        horn = canvas.ellipse(sign * (6 + 3.5 * wide), -25, 4.6 * wide, 13 + 3 * wide, angle=-sign * 18)
        canvas.paint(horn, _CSF)
        trigone = canvas.ellipse(sign * (19 + 3 * wide), 33, 4.4 * wide, 13 + 3.5 * wide, angle=-sign * 22)
        canvas.paint(trigone, _CSF)
        canvas.paint(canvas.ellipse(sign * 21, 28, 2.2, 2.8), 205)
    # The third ventricle.
    canvas.paint(canvas.ellipse(0, 6, 1.8 * wide, 11), _CSF)
    _falx(canvas, -ry, -0.55 * ry)
    _falx(canvas, 0.6 * ry, ry)


def _vertex(canvas: Canvas, scene: Scene, rx: float, ry: float) -> None:
    for sign in (-1, 1):
        canvas.paint(canvas.ellipse(sign * 0.42 * rx, 0, 0.28 * rx, 0.66 * ry, soft=12) * 0.8, _BRAIN - 22)
        if scene.find("hydrocephalus"):
            canvas.paint(canvas.ellipse(sign * 14, -2, 9.5, 36, angle=-sign * 5), _CSF)
    _falx(canvas, -ry, ry)


def _fossa(canvas: Canvas, scene: Scene, rx: float, ry: float) -> None:
    for sign in (-1, 1):
        # Petrous bone, sphenoid wing, mastoid air, cerebellum.
        canvas.paint(canvas.line((sign * 12, 14), (sign * (rx - 4), 30), 9, 2), _BONE)
        canvas.paint(canvas.line((sign * 13, -26), (sign * (rx - 6), -36), 6, 2), _BONE)
        canvas.paint(canvas.ellipse(sign * (rx - 16), 30, 7, 5), 12)
        canvas.paint(canvas.ellipse(sign * 24, 46, 20, 22, soft=6), _BRAIN + 4)
    # Suprasellar cistern, pons, fourth ventricle, frontal sinus.
    canvas.paint(canvas.ellipse(0, -4, 15, 9), _CSF + 4)
    canvas.paint(canvas.ellipse(0, 16, 13, 11, soft=3), _BRAIN + 6)
    canvas.paint(canvas.ellipse(0, 33, 6 * scene.patient.vary("fourth", 0.15), 5), _CSF)
    canvas.paint(canvas.ellipse(0, -ry + 4, 13, 7), 14)
    _falx(canvas, 0.62 * ry, ry)


def _finding(canvas: Canvas, scene: Scene, finding: KnownFinding, brain: Mask) -> None:
    if finding.kind == "subdural hematoma":
        _crescent(canvas, scene, finding, brain)
    elif finding.kind == "infarct":
        _infarct(canvas, scene, finding, brain)
    elif finding.kind == "metastases":
        for (x, y), size in zip(_METASTASES, scene.sizes(finding), strict=False):
            place = (x + scene.jitter(finding, f"x {x}", 3), y + scene.jitter(finding, f"y {y}", 3))
            radius = canvas.real(size) / 2
            canvas.paint(canvas.ellipse(*place, radius + 6, radius + 5, soft=4) * brain, 76)
            canvas.paint(canvas.ellipse(*place, radius, radius), 168)
    elif finding.kind == "epidural hematoma":
        # A lens on the inside of the skull, as deep as the finding is thick.
        rx, _ = _outline(scene)
        lens = canvas.ellipse(scene.sign(finding) * rx, -4, canvas.real(finding.size_mm), 36)
        canvas.paint(lens * brain, _BLOOD)
    elif finding.kind in _FOSSA:
        x, y = _FOSSA[finding.kind]
        at = (scene.sign(finding) * (x + scene.jitter(finding, "x", 3)), y + scene.jitter(finding, "y", 3))
        radius = canvas.real(finding.size_mm) / 2
        if finding.kind == "arachnoid cyst":
            canvas.paint(canvas.ellipse(*at, radius * 0.7, radius), _CSF - 4)
        else:
            canvas.paint(canvas.ellipse(*at, radius + 4, radius + 4, soft=4) * brain, 80)
            canvas.paint(canvas.ellipse(*at, radius * 0.9, radius), _BLOOD)
    elif finding.kind in {"hemorrhage", "mass"}:
        _lump(canvas, scene, finding, brain)


def _lump(canvas: Canvas, scene: Scene, finding: KnownFinding, brain: Mask) -> None:
    x, y = _LOBES[finding.site or ""]
    x = scene.sign(finding) * (x + scene.jitter(finding, "x", 3))
    y += scene.jitter(finding, "y", 4)
    # The slice at the vertex passes it off its middle.
    radius = canvas.real(finding.size_mm) / 2 * (0.7 if scene.view == "vertex" else 1.0)
    narrow = radius * 0.86
    angle = scene.sign(finding) * scene.jitter(finding, "angle", 40)
    if finding.kind == "mass":
        canvas.paint(canvas.ellipse(x, y, radius + 13, narrow + 11, angle=angle, soft=5) * brain, 72)
        canvas.paint(canvas.ellipse(x, y, radius, narrow, angle=angle), 152)
        canvas.paint(canvas.ellipse(x, y, radius * 0.45, narrow * 0.4, angle=angle, soft=3), 112)
    else:
        canvas.paint(canvas.ellipse(x, y, radius + 5, narrow + 5, angle=angle, soft=4) * brain, 80)
        canvas.paint(canvas.ellipse(x, y, radius, narrow, angle=angle), _BLOOD)


def _crescent(canvas: Canvas, scene: Scene, finding: KnownFinding, brain: Mask) -> None:
    rx, ry = _outline(scene)
    thick = canvas.real(finding.size_mm)
    rest = canvas.ellipse(-scene.sign(finding) * thick, 0, rx, ry)
    half = canvas.beyond(0) if scene.sign(finding) > 0 else 1.0 - canvas.beyond(0)
    canvas.paint(np.minimum(brain, 1.0 - rest) * half, _BLOOD)


def _infarct(canvas: Canvas, scene: Scene, finding: KnownFinding, brain: Mask) -> None:
    sign, open_ = scene.sign(finding), scene.jitter(finding, "open", 4)
    if (finding.site or "").startswith("middle"):
        corners = [(18.0, -8.0), (95.0, -52.0 - open_), (95.0, 48.0 + open_), (18.0, 14.0)]
    else:
        corners = [(6.0, 44.0), (30.0, 44.0 - open_), (62.0, 62.0), (40.0, 100.0), (6.0, 100.0)]
    points = [(sign * x, y) for x, y in corners]
    canvas.paint(canvas.polygon(points if sign > 0 else points[::-1], soft=9) * brain * 0.9, 66)
