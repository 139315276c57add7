"""Draws the pelvis: CT without contrast, axial at the bladder and at the iliac wings, and coronal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medbench.datasets.phantom.canvas import Canvas, Mask
    from medbench.datasets.phantom.scene import Scene
    from medbench.schema.reference import KnownFinding

# Greys of the tissues; then middle and radii of the bladder, and the middle of the left hip, by view.
_FAT, _MUSCLE, _BONE, _MARROW, _URINE = 46.0, 118.0, 232.0, 186.0, 78.0
_BLADDER = {"bladder": (0.0, -26.0, 46.0, 35.0), "coronal": (0.0, 62.0, 46.0, 32.0)}
_HIP = {"bladder": (92.0, -6.0), "coronal": (90.0, 60.0)}
_STONE = 262.0


def draw(canvas: Canvas, scene: Scene) -> None:
    """Draw one slice of the pelvis."""
    body = {"bladder": _bladder_level, "iliac": _iliac_level, "coronal": _coronal}[scene.view](canvas, scene)
    canvas.texture(body, 5, 5)
    for finding in scene.shown:
        _FINDINGS[finding.kind](canvas, scene, finding)


def _bone(canvas: Canvas, x: float, y: float, rx: float, ry: float) -> None:
    """Draw a bone with its bright cortex."""
    canvas.paint(canvas.ellipse(x, y, rx, ry), _BONE)
    canvas.paint(canvas.ellipse(x, y, max(rx - 3.5, 1), max(ry - 3.5, 1), soft=2), _MARROW)


def _skin(canvas: Canvas, scene: Scene) -> Mask:
    deep, wide = scene.patient.vary("depth", 0.05), scene.patient.vary("width", 0.03)
    body = canvas.ellipse(0, 4, 160 * wide, 106 * deep)
    canvas.paint(body, _FAT)
    return body


def _bladder(canvas: Canvas, scene: Scene) -> None:
    x, y, rx, ry = _BLADDER[scene.view]
    grow = scene.patient.vary("bladder", 0.09)
    canvas.paint(canvas.ellipse(x, y, rx * grow + 3.5, ry * grow + 3.5), _MUSCLE + 6)
    canvas.paint(canvas.ellipse(x, y, rx * grow, ry * grow), _URINE)


def _bladder_level(canvas: Canvas, scene: Scene) -> Mask:
    body = _skin(canvas, scene)
    for sign in (-1, 1):
        # Muscles, femoral vessels, acetabulum, greater trochanter, and the head of the femur in its joint.
        canvas.paint(canvas.ellipse(sign * 72, 62, 58, 32, angle=sign * -22, soft=4), _MUSCLE)
        canvas.paint(canvas.ellipse(sign * 98, -50, 30, 22, soft=4), _MUSCLE)
        canvas.paint(canvas.ellipse(sign * 130, -12, 18, 34, soft=4), _MUSCLE)
        canvas.paint(canvas.ellipse(sign * 58, 2, 9, 38, angle=-sign * 8, soft=3), _MUSCLE)
        canvas.paint(canvas.ellipse(sign * 66, -62, 7, 7), _MUSCLE + 24)
        canvas.paint(canvas.ellipse(sign * 80, -64, 6, 6), _MUSCLE + 20)
        canvas.paint(canvas.line((sign * 66, -26), (sign * 70, 26), 13, 2), _BONE)
        canvas.paint(canvas.line((sign * 70, 22), (sign * 92, 30), 12, 2), _BONE - 14)
        canvas.paint(canvas.line((sign * 100, 0), (sign * 130, 12), 16, 3), _BONE - 24)
        _bone(canvas, sign * 132, 10, 13, 15)
        canvas.paint(canvas.ellipse(sign * 92, -6, 26, 26), _MUSCLE)
        _bone(canvas, sign * 92, -6, 23, 23)
    # Coccyx, rectum with gas, seminal vesicles.
    _bone(canvas, 0, 76, 14, 9)
    canvas.paint(canvas.ellipse(0, 48, 21, 16), _MUSCLE + 4)
    canvas.paint(canvas.ellipse(0, 45, 11, 7), 14)
    canvas.paint(canvas.ellipse(0, 24, 26, 7, soft=3), _MUSCLE)
    _bladder(canvas, scene)
    return body


def _iliac_level(canvas: Canvas, scene: Scene) -> Mask:
    body = _skin(canvas, scene)
    canvas.paint(canvas.ellipse(0, -4, 134, 82), _MUSCLE)
    canvas.paint(canvas.ellipse(0, -14, 116, 66, soft=4), _FAT + 8)
    for sign in (-1, 1):
        # Muscles, iliac wing with its marrow, psoas muscle, iliac vessel, ureter.
        canvas.paint(canvas.ellipse(sign * 82, 60, 48, 24, angle=-sign * 34, soft=4), _MUSCLE)
        canvas.paint(canvas.ellipse(sign * 86, -4, 22, 36, angle=-sign * 20, soft=4), _MUSCLE)
        canvas.paint(canvas.line((sign * 50, 50), (sign * 112, -26), 13, 2), _BONE)
        canvas.paint(canvas.line((sign * 54, 46), (sign * 108, -20), 6, 2), _MARROW)
        canvas.paint(canvas.ellipse(sign * 46, 4, 14, 16), _MUSCLE + 6)
        canvas.paint(canvas.ellipse(sign * 26, 12, 7, 7), _MUSCLE + 24)
        canvas.paint(canvas.ellipse(sign * 32, -8, 2.6, 2.6), _MUSCLE)
    # Sacrum with its canal, and loops of bowel.
    _bone(canvas, 0, 52, 44, 26)
    canvas.paint(canvas.ellipse(0, 62, 8, 6), 100)
    dice = scene.patient.dice("bowel")
    for x, y in ((-66, -44), (-34, -52), (0, -48), (34, -54), (66, -42), (-16, -26), (18, -24)):
        radius, shade = dice.between(11, 16), dice.between(88, 118)
        canvas.paint(canvas.ellipse(x, y, radius * 1.2, radius), shade + 24)
        gas_or_fluid = 18 if dice.chance(0.35) else shade
        canvas.paint(canvas.ellipse(x, y, radius * 0.8, radius * 0.55, soft=3), gas_or_fluid)
    return body


def _coronal(canvas: Canvas, scene: Scene) -> Mask:
    wide = scene.patient.vary("width", 0.03)
    top, bottom = 138 * wide, 156 * wide
    body = canvas.polygon([(-top, -190), (top, -190), (bottom, 190), (-bottom, 190)], soft=4)
    canvas.paint(body, _FAT)
    canvas.paint(canvas.ellipse(0, -40, 122, 150, soft=4), _MUSCLE)
    canvas.paint(canvas.ellipse(0, -30, 96, 130, soft=4), _FAT + 8)
    for sign in (-1, 1):
        # Thigh muscles, psoas; ilium, acetabulum, pubis; neck, shaft and marrow of the femur; hip joint.
        canvas.paint(canvas.ellipse(sign * 108, 120, 42, 90, soft=5), _MUSCLE)
        canvas.paint(canvas.ellipse(sign * 34, 138, 30, 40, soft=5), _MUSCLE)
        canvas.paint(canvas.line((sign * 24, -150), (sign * 58, 0), 26, 4), _MUSCLE + 4)
        canvas.paint(canvas.line((sign * 112, -92), (sign * 74, 22), 15, 2), _BONE)
        canvas.paint(canvas.line((sign * 110, -86), (sign * 76, 16), 8, 2), _MARROW)
        canvas.paint(canvas.line((sign * 76, 20), (sign * 66, 66), 13, 3), _BONE - 8)
        canvas.paint(canvas.line((sign * 74, 26), (sign * 112, 40), 11, 3), _BONE - 8)
        canvas.paint(canvas.line((sign * 64, 88), (sign * 12, 116), 13, 3), _BONE - 14)
        canvas.paint(canvas.line((sign * 94, 66), (sign * 126, 96), 22, 3), _BONE - 22)
        canvas.paint(canvas.line((sign * 126, 92), (sign * 122, 190), 26, 3), _BONE - 10)
        canvas.paint(canvas.line((sign * 126, 100), (sign * 122, 190), 13, 4), _MARROW - 30)
        canvas.paint(canvas.ellipse(sign * 90, 60, 26, 26), _MUSCLE)
        _bone(canvas, sign * 90, 60, 23, 23)
    # Lumbar vertebrae and sacrum.
    for y in (-170, -136, -102):
        canvas.paint(canvas.polygon([(-23, y), (23, y), (23, y + 26), (-23, y + 26)], soft=4), _BONE - 26)
    canvas.paint(canvas.polygon([(-46, -70), (46, -70), (16, -14), (-16, -14)], soft=6), _BONE - 26)
    _bladder(canvas, scene)
    return body


def _stones(canvas: Canvas, scene: Scene, finding: KnownFinding) -> None:
    x, y, _, ry = _BLADDER[scene.view]
    offset = 0.0 if finding.count == 1 else 17.0
    for number, size in enumerate(scene.sizes(finding)):
        radius = canvas.real(size) / 2
        # Stones lie on the floor of the bladder, which is behind in a patient on the back.
        floor = y + ry * 0.88 - radius if scene.view == "bladder" else y + 6
        across = x + offset * (1 - 2 * number) + scene.jitter(finding, "x", 3)
        canvas.paint(canvas.ellipse(across, floor, radius, radius * 0.9), _STONE)


def _bladder_mass(canvas: Canvas, scene: Scene, finding: KnownFinding) -> None:
    x, y, rx, _ = _BLADDER[scene.view]
    radius = canvas.real(finding.size_mm) / 2
    at = x + scene.sign(finding) * (rx - radius * 0.75)
    canvas.paint(canvas.ellipse(at, y + scene.jitter(finding, "y", 5), radius * 0.9, radius), _MUSCLE + 30)


def _diverticulum(canvas: Canvas, scene: Scene, finding: KnownFinding) -> None:
    _, y, _, ry = _BLADDER[scene.view]
    radius = canvas.real(finding.size_mm) / 2
    sign = scene.sign(finding)
    at = (sign * (36 + radius * 0.45), y + ry * 0.62 + radius * (0.6 if scene.view == "bladder" else 0.2))
    canvas.paint(canvas.ellipse(*at, radius + 3, radius + 3), _MUSCLE + 6)
    canvas.paint(canvas.ellipse(*at, radius, radius), _URINE)
    canvas.paint(canvas.line((sign * 28, y + ry * 0.5), at, 7), _URINE)


def _ureter(canvas: Canvas, scene: Scene, finding: KnownFinding) -> None:
    sign = scene.sign(finding)
    radius = canvas.real(finding.size_mm) / 2
    if scene.view == "iliac":
        at = (sign * 32.0, -8.0)
        canvas.paint(canvas.ellipse(*at, radius + 4.5, radius + 4.5), _MUSCLE + 6)
    else:
        at = (sign * 46.0, 8.0 + scene.jitter(finding, "y", 6))
        tube = [(sign * 40.0, -150.0), (sign * 62.0, -60.0), at]
        canvas.paint(canvas.path(tube, 14), _MUSCLE + 16)
        canvas.paint(canvas.path(tube, 9), _URINE - 10)
    canvas.paint(canvas.ellipse(*at, radius, radius), _STONE)


def _bone_lesion(canvas: Canvas, scene: Scene, finding: KnownFinding) -> None:
    x, y = _HIP[scene.view]
    radius = canvas.real(finding.size_mm) / 2
    at = (scene.sign(finding) * (x + scene.jitter(finding, "x", 3)), y + scene.jitter(finding, "y", 3))
    canvas.paint(canvas.ellipse(*at, radius, radius), 96)
    canvas.paint(canvas.ellipse(*at, radius - 2.5, radius - 2.5, soft=2), 112)


def _hip_effusion(canvas: Canvas, scene: Scene, finding: KnownFinding) -> None:
    x, y = _HIP[scene.view]
    sign = scene.sign(finding)
    # Fluid collects at the upper side of a patient on the back, and laterally in the coronal plane.
    ring = canvas.ellipse(sign * x, y, 35, 35) * (1.0 - canvas.ellipse(sign * x, y, 24, 24))
    above = 1.0 - canvas.below(y - 6.0, 4)
    if scene.view == "coronal":
        above = canvas.beyond(x, 4) if sign > 0 else 1.0 - canvas.beyond(-x, 4)
    canvas.paint(ring * above, _URINE + 4)


def _fluid(canvas: Canvas, scene: Scene, finding: KnownFinding) -> None:
    _, y, _, ry = _BLADDER[scene.view]
    level = y + ry + 17 + scene.jitter(finding, "y", 2)
    pouch = canvas.ellipse(0, level, 48, 17) * (1.0 - canvas.ellipse(0, y, 50, ry + 4))
    canvas.paint(pouch * (1.0 - canvas.ellipse(0, 52, 21, 16)), _URINE + 4)


def _node(canvas: Canvas, scene: Scene, finding: KnownFinding) -> None:
    at = (scene.sign(finding) * (26 + scene.jitter(finding, "x", 3)), -8 + scene.jitter(finding, "y", 3))
    radius = canvas.real(finding.size_mm) / 2
    canvas.paint(canvas.ellipse(*at, radius * 0.8 + 2, radius + 2), _FAT)
    canvas.paint(canvas.ellipse(*at, radius * 0.8, radius), _MUSCLE + 20)


def _iliac_aneurysm(canvas: Canvas, scene: Scene, finding: KnownFinding) -> None:
    at = (scene.sign(finding) * 28, 6 + scene.jitter(finding, "y", 3))
    radius = canvas.real(finding.size_mm) / 2
    # A calcified wall around blood, which is as bright as muscle without contrast.
    canvas.paint(canvas.ellipse(*at, radius, radius), _BONE - 20)
    canvas.paint(canvas.ellipse(*at, radius - 2.5, radius - 2.5), _MUSCLE + 24)


def _neck_fracture(canvas: Canvas, scene: Scene, finding: KnownFinding) -> None:
    sign, slip = scene.sign(finding), scene.jitter(finding, "x", 3)
    canvas.paint(canvas.line((sign * (101 + slip), 94), (sign * (120 + slip), 70), 8), _MUSCLE - 30)


_FINDINGS = {
    "bladder stone": _stones,
    "bladder mass": _bladder_mass,
    "bladder diverticulum": _diverticulum,
    "ureteral stone": _ureter,
    "bone lesion": _bone_lesion,
    "hip effusion": _hip_effusion,
    "pelvic fluid": _fluid,
    "lymphadenopathy": _node,
    "iliac artery aneurysm": _iliac_aneurysm,
    "femoral neck fracture": _neck_fracture,
}
