"""Draws the abdomen: CT with intravenous contrast, axial at the liver and at the kidneys, and coronal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from medbench.datasets.phantom.canvas import Canvas, Mask
    from medbench.datasets.phantom.scene import Scene
    from medbench.schema.reference import KnownFinding

# Greys of the tissues.
_FAT, _MUSCLE, _LIVER, _SPLEEN, _KIDNEY, _VESSEL, _BONE = 52.0, 112.0, 142.0, 150.0, 168.0, 205.0, 230.0
_WATER = 72.0
_SPLEEN_LENGTH = 105.0
_KIDNEY_LESIONS = {"renal cyst": (_WATER - 18, _WATER - 18), "renal mass": (128.0, 92.0)}
_CYSTS = {
    "liver": ((-92.0, 4.0), (-62.0, -34.0), (-58.0, 22.0)),
    "coronal": ((-88.0, -52.0), (-60.0, -82.0), (-54.0, -32.0)),
}


def draw(canvas: Canvas, scene: Scene) -> None:
    """Draw one slice of the abdomen."""
    inside = {"liver": _liver_level, "kidneys": _kidney_level, "coronal": _coronal}[scene.view](canvas, scene)
    canvas.texture(inside, 5, 5)
    for finding in scene.shown:
        _finding(canvas, scene, finding)


def _trunk(canvas: Canvas, scene: Scene) -> Mask:
    """Draw skin, fat, wall and back of an axial slice, and return the cavity."""
    deep = scene.patient.vary("depth", 0.06)
    wide = scene.patient.vary("width", 0.04)
    canvas.paint(canvas.ellipse(0, 0, 156 * wide, 112 * deep), _FAT)
    canvas.paint(canvas.ellipse(0, 0, 144 * wide, 100 * deep), _MUSCLE)
    cavity = canvas.ellipse(0, -6, 133 * wide, 86 * deep)
    canvas.paint(cavity, _FAT + 8)
    # Ribs, back muscles, and the vertebra with its processes around the spinal canal.
    for number, (x, y) in enumerate(((137, -18), (134, 22), (112, 56), (84, 78))):
        for sign in (-1, 1):
            rib = canvas.ellipse(sign * x * wide, y * deep + scene.patient.shift(f"rib {number}", 4), 5, 9)
            canvas.paint(rib, _BONE - 15)
    for sign in (-1, 1):
        canvas.paint(canvas.ellipse(sign * 32, 84 * deep, 26, 15), _MUSCLE)
    canvas.paint(canvas.ellipse(0, 62, 24, 19), _BONE)
    canvas.paint(canvas.ellipse(0, 62, 20, 15, soft=4), _BONE - 38)
    canvas.paint(canvas.line((0, 82), (0, 100), 7, 2), _BONE)
    canvas.paint(canvas.line((-34, 80), (34, 80), 7, 2), _BONE - 10)
    canvas.paint(canvas.ellipse(0, 80, 9, 8), 100)
    return cavity


def _liver_level(canvas: Canvas, scene: Scene) -> Mask:
    cavity = _trunk(canvas, scene)
    grow = scene.patient.vary("liver", 0.06)
    # Stomach with its bubble of air, liver with its vessels, spleen, aorta, inferior vena cava.
    stomach = canvas.ellipse(52, -36, 42, 30, angle=-20) * cavity
    canvas.paint(stomach, 98)
    canvas.paint(stomach * (1.0 - canvas.below(-40)), 8)
    shapes = ((-74, -6, 66 * grow, 78 * grow, 0.0), (-14, -46, 62 * grow, 32, 6.0))
    fluid = scene.find("free fluid")
    if fluid:
        for x, y, rx, ry, angle in shapes:
            canvas.paint(canvas.ellipse(x, y, rx + 16, ry + 16, angle=angle) * cavity, _WATER + 26)
    liver = np.maximum(*(canvas.ellipse(x, y, rx, ry, angle=angle) for x, y, rx, ry, angle in shapes))
    # Fluid lifts the liver off the wall of the belly.
    liver = liver * (canvas.ellipse(0, -6, 120, 76) if fluid else canvas.ellipse(0, -6, 130, 84))
    canvas.paint(liver, _LIVER)
    for number, (x, y) in enumerate(((-40, -30), (-70, -52), (-98, -24), (-88, 34), (-44, 6))):
        start = (-34.0, 8.0) if number > 2 else (-52.0, -14.0)
        canvas.paint(canvas.line(start, (float(x), float(y)), 5, 3) * liver * 0.7, _LIVER + 26)
    share = _spleen_length(canvas, scene) / _SPLEEN_LENGTH
    where = canvas.ellipse(92 - 6 * (share - 1), 22 - 10 * (share - 1), 24 * share, 46 * share, angle=18)
    if fluid:
        canvas.paint(canvas.ellipse(92, 22, 24 * share + 14, 46 * share + 13, angle=18) * cavity, _WATER + 26)
    canvas.paint(where * canvas.ellipse(0, -6, 128, 82), _SPLEEN)
    canvas.paint(canvas.ellipse(9, 34, 11, 11), _VESSEL)
    canvas.paint(canvas.ellipse(-20, 30, 13, 10), _VESSEL - 35)
    return cavity


def _kidney_level(canvas: Canvas, scene: Scene) -> Mask:
    cavity = _trunk(canvas, scene)
    if scene.find("free fluid"):
        for sign in (-1, 1):
            canvas.paint(canvas.ellipse(sign * 118, 10, 26, 62, angle=sign * 8) * cavity, _WATER + 26)
    # The lower tips of liver and (only if it is enlarged) spleen, then loops of bowel.
    tip = canvas.ellipse(-92, -14, 34 * scene.patient.vary("liver", 0.06), 52, angle=6) * cavity
    canvas.paint(tip, _LIVER)
    share = _spleen_length(canvas, scene) / _SPLEEN_LENGTH
    if scene.find("splenomegaly"):
        canvas.paint(canvas.ellipse(100, -4, 18 * share, 30 * share, angle=10) * cavity, _SPLEEN)
    dice = scene.patient.dice("bowel")
    for x, y in ((-36, -52), (-8, -62), (26, -56), (58, -48), (-20, -30), (40, -22), (12, -36), (66, -18)):
        radius = dice.between(11, 17)
        shade = dice.between(96, 128)
        loop = canvas.ellipse(x + dice.between(-4, 4), y, radius * 1.15, radius)
        canvas.paint(loop * cavity, shade + 22)
        gas_or_fluid = 20 if dice.chance(0.3) else shade
        canvas.paint(canvas.ellipse(x, y, radius * 0.8, radius * 0.6, soft=3), gas_or_fluid)
    # Psoas muscles and kidneys, aorta, inferior vena cava.
    for sign in (-1, 1):
        canvas.paint(canvas.ellipse(sign * 34, 56, 15, 18), _MUSCLE + 6)
        _kidney(canvas, scene, (sign * 68.0, 40.0), (25.0, 31.0), sign)
    size = canvas.real(scene.size_of("aneurysm")) / 2
    if size:
        canvas.paint(canvas.ellipse(6, 42 - size, size, size), 128)
        canvas.paint(canvas.ellipse(8, 44 - size, size * 0.62, size * 0.6), _VESSEL)
    else:
        canvas.paint(canvas.ellipse(9, 32, 11, 11), _VESSEL)
    canvas.paint(canvas.ellipse(-19, 33, 12, 9), _VESSEL - 35)
    return cavity


def _kidney(
    canvas: Canvas, scene: Scene, at: tuple[float, float], radii: tuple[float, float], sign: int
) -> None:
    (x, y), (rx, ry) = at, radii
    grow = scene.patient.vary(f"kidney {sign}", 0.07)
    canvas.paint(canvas.ellipse(x, y, rx * grow, ry * grow, angle=-sign * 14), _KIDNEY)
    canvas.paint(canvas.ellipse(x - sign * 8, y, 9, ry * 0.42, soft=4), _FAT + 14)
    swollen = scene.find("hydronephrosis")
    if swollen and scene.sign(swollen) == sign:
        # The pelvis and three calyces.
        canvas.paint(canvas.ellipse(x - sign * 12, y, 17, ry * 0.42), _WATER)
        for place in (-1, 0, 1):
            across, down = x + sign * (7 - 3 * abs(place)), y + place * ry * 0.5
            canvas.paint(canvas.ellipse(across, down, 8.5, 7.5), _WATER)


def _spleen_length(canvas: Canvas, scene: Scene) -> float:
    enlarged = scene.size_of("splenomegaly")
    return canvas.real(enlarged) if enlarged else _SPLEEN_LENGTH * scene.patient.vary("spleen", 0.06)


def _coronal(canvas: Canvas, scene: Scene) -> Mask:
    wide = scene.patient.vary("width", 0.04)
    trunk = canvas.polygon([(-150 * wide, -190), (150 * wide, -190), (150, 190), (-150, 190)], soft=4)
    canvas.paint(trunk, _FAT)
    cavity = canvas.ellipse(0, 0, 132 * wide, 190)
    canvas.paint(canvas.ellipse(0, 0, 141 * wide, 215), _MUSCLE)
    canvas.paint(cavity, _FAT + 8)
    for sign in (-1, 1):
        # Lung base, ribs, psoas muscle, iliac wing.
        lung = canvas.ellipse(sign * 66, -170, 60, 52) * cavity
        canvas.paint(lung, 8)
        for number in range(6):
            canvas.paint(canvas.ellipse(sign * (122 + 3 * number), -112 + 24 * number, 5, 7), _BONE - 15)
        canvas.paint(canvas.line((sign * 20, -20), (sign * 62, 120), 30, 4), _MUSCLE + 4)
        canvas.paint(canvas.line((sign * 100, 112), (sign * 60, 170), 17, 3), _BONE - 15)
    _coronal_organs(canvas, scene, cavity)
    # Vertebrae and discs, with the aorta before them.
    for number in range(10):
        y = -170 + 33 * number
        canvas.paint(canvas.polygon([(-19, y), (19, y), (19, y + 25), (-19, y + 25)], soft=4), _BONE - 18)
        canvas.paint(canvas.ellipse(0, y + 29, 18, 4), 112)
    canvas.paint(canvas.line((4, -170), (4, 78), 20, 2), _VESSEL)
    size = canvas.real(scene.size_of("aneurysm")) / 2
    if size:
        canvas.paint(canvas.ellipse(6, 52, size, size * 0.98), 128)
        canvas.paint(canvas.ellipse(5, 52, size * 0.55, size * 0.9), _VESSEL)
    return cavity


def _coronal_organs(canvas: Canvas, scene: Scene, cavity: Mask) -> None:
    if scene.find("free fluid"):
        for sign in (-1, 1):
            canvas.paint(canvas.ellipse(sign * 112, 30, 24, 115) * cavity, _WATER + 26)
        canvas.paint(canvas.ellipse(-60, -60, 84, 78) * cavity, _WATER + 26)
    grow = scene.patient.vary("liver", 0.06)
    right = canvas.ellipse(-76, -62, 50 * grow, 72, angle=10)
    canvas.paint(np.maximum(right, canvas.ellipse(-30, -86, 60, 34, angle=-8)) * cavity, _LIVER)
    # Stomach with its bubble of air.
    canvas.paint(canvas.ellipse(52, -82, 32, 36, angle=-20) * cavity, 98)
    canvas.paint(canvas.ellipse(50, -98, 22, 15) * cavity, 8)
    length = _spleen_length(canvas, scene)
    spleen = canvas.ellipse(98, -112 + length / 2, 22 + (length - _SPLEEN_LENGTH) * 0.16, length / 2)
    canvas.paint(spleen, _SPLEEN)
    for sign in (-1, 1):
        _kidney(canvas, scene, (sign * 60.0, 34.0 if sign > 0 else 42.0), (23.0, 45.0), sign)


def _finding(canvas: Canvas, scene: Scene, finding: KnownFinding) -> None:
    if finding.kind == "liver cyst":
        for (x, y), size in zip(_CYSTS[scene.view], scene.sizes(finding), strict=False):
            radius = canvas.real(size) / 2
            across = x + scene.jitter(finding, f"x {x}", 3) / 2
            canvas.paint(canvas.ellipse(across, y, radius, radius), _WATER - 18)
    elif finding.kind == "liver mass":
        x, y = (-82, -8) if scene.view == "liver" else (-80, -56)
        x, y = x + scene.jitter(finding, "x", 5), y + scene.jitter(finding, "y", 5)
        radius = canvas.real(finding.size_mm) / 2
        # An enhancing rim around a necrotic middle.
        canvas.paint(canvas.ellipse(x, y, radius, radius * 0.9), _LIVER + 36)
        canvas.paint(canvas.ellipse(x, y, radius - 4, radius * 0.9 - 4, soft=3), 100)
        canvas.paint(canvas.ellipse(x + 3, y, radius * 0.35, radius * 0.3, soft=6), 80)
    elif finding.kind in _KIDNEY_LESIONS:
        shade, core = _KIDNEY_LESIONS[finding.kind]
        sign = scene.sign(finding)
        x, y = (84.0, 46.0) if scene.view == "kidneys" else (72.0, 66.0 if sign > 0 else 74.0)
        radius = canvas.real(finding.size_mm) / 2
        at = (sign * (x + scene.jitter(finding, "x", 3)), y + scene.jitter(finding, "y", 4))
        canvas.paint(canvas.ellipse(*at, radius, radius), shade)
        canvas.paint(canvas.ellipse(*at, radius * 0.5, radius * 0.4, soft=5), core)
    elif finding.kind == "adrenal mass":
        radius = canvas.real(finding.size_mm) / 2
        at = (scene.sign(finding) * (42 + scene.jitter(finding, "x", 3)), -24 + scene.jitter(finding, "y", 3))
        canvas.paint(canvas.ellipse(*at, radius + 3, radius + 3), _FAT)
        canvas.paint(canvas.ellipse(*at, radius, radius), 122)
    elif finding.kind == "kidney stone":
        sign = scene.sign(finding)
        y = 40.0 if scene.view == "kidneys" else (34.0 if sign > 0 else 42.0)
        x = sign * (60.0 if scene.view == "kidneys" else 52.0)
        radius = canvas.real(finding.size_mm) / 2
        canvas.paint(canvas.ellipse(x, y + scene.jitter(finding, "y", 4), radius, radius), 262)
