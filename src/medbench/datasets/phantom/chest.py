"""Draws the chest: a frontal and a lateral radiograph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from medbench.datasets.phantom.canvas import Canvas, Mask
    from medbench.datasets.phantom.scene import Scene
    from medbench.schema.reference import KnownFinding

_LUNG = 42.0
_HEIGHTS = {"upper lobe": -52.0, "lower lobe": 12.0}
_SPOTS = ((0.0, 0.0), (8.0, -38.0), (-30.0, -22.0))


def draw(canvas: Canvas, scene: Scene) -> None:
    """Draw one radiograph of the chest."""
    {"frontal": _frontal, "lateral": _lateral}[scene.view](canvas, scene)


def _frontal(canvas: Canvas, scene: Scene) -> None:
    # Trunk, shoulders, neck, and the abdomen below the diaphragm.
    canvas.paint(canvas.ellipse(0, 30, 150, 215, soft=8), 128)
    canvas.paint(canvas.ellipse(0, -60, 168, 62, soft=14), 120)
    canvas.paint(canvas.ellipse(0, -165, 46, 70, soft=8), 125)
    canvas.paint(canvas.ellipse(0, 30, 138, 215, soft=20) * canvas.below(84, 30), 152)
    lungs = {sign: _lung(canvas, scene, sign) for sign in (-1, 1)}
    for lung in lungs.values():
        canvas.paint(lung, _LUNG)
    both = np.maximum(lungs[-1], lungs[1])
    _vessels(canvas, scene, both)
    for finding in scene.shown:
        if finding.kind == "pneumothorax":
            _pneumothorax(canvas, scene, finding, lungs[scene.sign(finding)])
        elif finding.kind == "pneumoperitoneum":
            sign = scene.sign(finding)
            dome = (sign * 62, (140 if sign < 0 else 148) + scene.patient.shift("breath", 6))
            air = canvas.ellipse(*dome, 66, 66) * (1.0 - canvas.ellipse(dome[0], dome[1] + 11, 68, 66))
            canvas.paint(air * (1.0 - canvas.below(dome[1] - 42, 6)), 20)
    _ribs(canvas, both)
    # Mediastinum, aortic arch, trachea.
    canvas.paint(canvas.ellipse(0, -70, 21, 80, soft=6), 165)
    canvas.paint(canvas.ellipse(22, -48, 16, 17, soft=5), 172)
    canvas.paint(canvas.line((0, -175), (0, -62), 12, 4) * 0.6, 95)
    size = 1.5 if scene.find("cardiomegaly") else scene.patient.vary("heart", 0.06)
    at = (17 + 8 * (size - 1), 46 - 14 * (size - 1))
    canvas.paint(canvas.ellipse(*at, 52 * size, 43 * size, angle=28, soft=9), 166)
    # Spine and clavicles.
    canvas.paint(canvas.line((0, -40), (0, 150), 30, 8) * 0.6, 205)
    for sign in (-1, 1):
        canvas.add(canvas.line((sign * 14, -98), (sign * 105, -122), 11, 4), 42)
    canvas.texture(canvas.ellipse(0, 30, 150, 215), 9, 5)
    for finding in scene.shown:
        if finding.kind == "hiatal hernia":
            _hernia(canvas, 4 + scene.jitter(finding, "x", 6), 66)
        elif finding.kind not in {"pneumothorax", "cardiomegaly", "pneumoperitoneum"}:
            _frontal_finding(canvas, scene, finding, lungs[scene.sign(finding)])


def _lung(canvas: Canvas, scene: Scene, sign: int) -> Mask:
    # The liver pushes the right half of the diaphragm up.
    base = 72 if sign < 0 else 80
    top = scene.patient.vary(f"lung {sign}", 0.04)
    outline = canvas.ellipse(sign * 62, 10, 55 * top, 128, soft=4)
    dome = canvas.ellipse(sign * 62, base + 68 + scene.patient.shift("breath", 6), 72, 66, soft=4)
    return outline * (1.0 - dome) * (1.0 - canvas.below(base + 30.0))


def _vessels(canvas: Canvas, scene: Scene, lungs: Mask) -> None:
    tree = np.zeros_like(lungs)
    for sign in (-1, 1):
        hilum = (sign * 27.0, -12.0)
        tree = np.maximum(tree, canvas.ellipse(*hilum, 13, 20, soft=10))
        for number, (x, y) in enumerate(((60, -82), (92, -48), (98, -8), (92, 36), (70, 62), (48, 48))):
            end = (sign * (x + scene.patient.shift(f"vessel {number}", 8)), float(y))
            middle = ((hilum[0] + end[0]) / 2, (hilum[1] + end[1]) / 2 + 5)
            tree = np.maximum(tree, canvas.line(hilum, middle, 6, 4) * 0.8)
            tree = np.maximum(tree, canvas.line(middle, end, 3, 4) * 0.5)
    canvas.add(tree * lungs, 55)


def _ribs(canvas: Canvas, lungs: Mask) -> None:
    for number in range(9):
        y = -88 + number * 21
        for sign in (-1, 1):
            arch = canvas.ellipse(sign * 40, y + 34, 82, 42)
            rib = arch * (1.0 - canvas.ellipse(sign * 40, y + 38, 82, 40))
            canvas.add(rib * (0.35 + 0.65 * lungs), 20)


def _pneumothorax(canvas: Canvas, scene: Scene, finding: KnownFinding, lung: Mask) -> None:
    sign = scene.sign(finding)
    shift = 8 + scene.jitter(finding, "depth", 3)
    rest = canvas.ellipse(sign * (52 - shift / 2), 26 + shift, 50 - shift, 108, soft=2)
    # Air without vessels around the collapsed lung, and the visceral pleura between the two.
    canvas.paint(lung * (1.0 - rest), 10)
    canvas.add(lung * rest, 18)
    rim = canvas.ellipse(sign * (52 - shift / 2), 26 + shift, 52.5 - shift, 110.5) * (1.0 - rest)
    canvas.paint(rim * lung, 120)


def _frontal_finding(canvas: Canvas, scene: Scene, finding: KnownFinding, lung: Mask) -> None:
    sign = scene.sign(finding)
    if finding.kind == "effusion":
        top = 4 + scene.jitter(finding, "level", 12)
        # The meniscus: fluid climbs along the wall of the chest.
        hollow = canvas.ellipse(sign * 44, top - 22, 60, 66, soft=6)
        outline = canvas.ellipse(sign * 62, 10, 56, 128, soft=4) * (1.0 - canvas.below(106, 10))
        outer = canvas.beyond(20, 14) if sign > 0 else 1.0 - canvas.beyond(-20, 14)
        canvas.paint(canvas.below(top - 22, 8) * (1.0 - hollow) * outline * outer, 156)
        return
    x = sign * (70 + scene.jitter(finding, "x", 6))
    y = _HEIGHTS[finding.site or ""] + scene.jitter(finding, "y", 6)
    if finding.kind == "consolidation":
        patch = canvas.ellipse(x, y + 8, 34, 27, soft=20)
        patch = np.maximum(patch, canvas.ellipse(x + sign * 8, y - 12, 24, 22, soft=18))
        canvas.paint(patch * np.maximum(lung, 0.15) * 0.85, 168)
        canvas.texture(patch * lung, 5, 26)
        return
    shade = 160 if finding.kind == "nodule" else 178
    for (dx, dy), size in zip(_SPOTS, scene.sizes(finding), strict=False):
        radius = canvas.real(size) / 2
        canvas.paint(canvas.ellipse(x + sign * dx, y + dy, radius, radius * 0.94), shade)
    if finding.kind == "cavity":
        canvas.paint(canvas.ellipse(x, y, radius - 7, radius - 8), 26)


def _hernia(canvas: Canvas, x: float, y: float) -> None:
    """Draw a stomach in the chest: a round shadow with air above a level of fluid."""
    canvas.paint(canvas.ellipse(x, y, 37, 33), 188)
    canvas.paint(canvas.ellipse(x, y, 31, 27) * (1.0 - canvas.below(y + 2)), 84)


def _lateral(canvas: Canvas, scene: Scene) -> None:
    # Trunk, neck, lung above the dome of the diaphragm, heart, hilum, trachea.
    canvas.paint(canvas.ellipse(0, 25, 124, 210, soft=8), 122)
    canvas.paint(canvas.ellipse(10, -165, 40, 60, soft=8), 118)
    lung = canvas.ellipse(4, 0, 98, 122, angle=-6, soft=6)
    dome = canvas.ellipse(-22, 152 + scene.patient.shift("breath", 6), 132, 82, angle=12, soft=5)
    lung = lung * (1.0 - dome)
    canvas.paint(lung, 56)
    size = 1.38 if scene.find("cardiomegaly") else scene.patient.vary("heart", 0.06)
    canvas.paint(canvas.ellipse(-38, 42 - 10 * (size - 1), 46 * size, 36 * size, angle=38, soft=10), 142)
    canvas.add(canvas.ellipse(0, -32, 24, 36, soft=16), 42)
    canvas.paint(canvas.line((8, -170), (4, -50), 12, 4) * 0.6, 60)
    # Vertebrae with their spinous processes, then ribs.
    for number in range(12):
        y = -125 + number * 25
        bend = 82 - (number - 6) * (number - 6) * 0.8
        canvas.add(canvas.ellipse(bend, y, 14, 9.5, soft=3), 66)
        canvas.add(canvas.line((bend + 20, y), (bend + 40, y + 14), 7, 4), 34)
    for number in range(8):
        y = -88 + number * 22
        canvas.add(canvas.line((72, y - 12), (-92, y + 34), 5, 4) * (0.3 + 0.7 * lung), 12)
    canvas.texture(canvas.ellipse(0, 25, 124, 210), 9, 5)
    for finding in scene.shown:
        _lateral_finding(canvas, scene, finding, lung)


def _lateral_finding(canvas: Canvas, scene: Scene, finding: KnownFinding, lung: Mask) -> None:
    if finding.kind == "effusion":
        hollow = canvas.ellipse(-10, 6, 98, 72, angle=8, soft=6)
        canvas.paint(canvas.below(18, 8) * (1.0 - hollow) * lung * canvas.beyond(-40, 30), 150)
        return
    # Upper lobes lie in front, lower lobes behind.
    x = (-8 if finding.site == "upper lobe" else 42) + scene.jitter(finding, "depth", 5)
    y = _HEIGHTS.get(finding.site or "", 0.0) + scene.jitter(finding, "y", 6)
    if finding.kind == "consolidation":
        canvas.paint(canvas.ellipse(x, y + 2, 36, 30, soft=22) * lung * 0.8, 168)
    elif finding.kind == "hiatal hernia":
        _hernia(canvas, 30 + scene.jitter(finding, "depth", 5), 58)
    elif finding.kind in {"nodule", "mass", "cavity"}:
        for (dx, dy), size in zip(_SPOTS, scene.sizes(finding), strict=False):
            radius = canvas.real(size) / 2
            canvas.paint(canvas.ellipse(x + dx, y + dy, radius, radius * 0.94), 176)
        if finding.kind == "cavity":
            canvas.paint(canvas.ellipse(x, y, radius - 7, radius - 8), 34)
