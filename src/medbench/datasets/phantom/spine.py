"""Draws the lower spine: sagittal T2 and T1, and axial T2 through a disc."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from medbench.datasets.phantom.canvas import cosine_sine

if TYPE_CHECKING:
    from medbench.datasets.phantom.canvas import Canvas
    from medbench.datasets.phantom.scene import Scene
    from medbench.schema.reference import KnownFinding

_NAMES = ("T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1", "S2")
_HEIGHTS = (21.0, 22.0, 23.0, 24.0, 25.0, 25.0, 25.0, 25.0, 20.0)
_TILTS = (9.0, 8.0, 7.0, 5.0, 1.0, -6.0, -15.0, -34.0, -46.0)
_DEPTH, _GAP, _CANAL = 33.0, 9.0, 17.0
_METASTASES = ("L2", "L4", "T12", "L1", "L5")


class _Tones(NamedTuple):
    """Greys of the tissues in one sequence."""

    bone: float
    disc: float
    rim: float
    fluid: float
    cord: float
    fat: float
    muscle: float
    tumor: float


_T2 = _Tones(bone=108, disc=168, rim=44, fluid=228, cord=112, fat=172, muscle=58, tumor=188)
_T1 = _Tones(bone=146, disc=92, rim=52, fluid=40, cord=104, fat=218, muscle=78, tumor=62)


class _Body(NamedTuple):
    """A vertebral body: its middle, its tilt and its height."""

    name: str
    x: float
    y: float
    tilt: float
    height: float

    def point(self, along: float, down: float) -> tuple[float, float]:
        """Return the point so far from the middle of the body, along its depth and down its height."""
        cos, sin = cosine_sine(self.tilt)
        return self.x + along * cos - down * sin, self.y + along * sin + down * cos

    def corners(self, loss: float = 0.0) -> list[tuple[float, float]]:
        """Return the corners clockwise, with so much height lost at the front and a quarter of it behind."""
        half, top = _DEPTH / 2, self.height / 2
        upper = [self.point(-half, -top + loss), self.point(half, -top + loss * 0.25)]
        return [*upper, self.point(half, top), self.point(-half, top)]


def draw(canvas: Canvas, scene: Scene) -> None:
    """Draw one image of the spine."""
    if scene.view == "axial T2":
        _axial(canvas, scene)
    else:
        _sagittal(canvas, scene, _T2 if scene.view == "sagittal T2" else _T1)


def _bodies(canvas: Canvas, scene: Scene) -> list[_Body]:
    """Return the column from T11 down, with its lordosis; a slip moves all vertebrae above it forwards."""
    bodies = []
    x, y, before = -4.0 + scene.patient.shift("column", 3), -118.0, 0.0
    curve = scene.patient.vary("curve", 0.35)
    slip = scene.find("spondylolisthesis")
    base = (slip.site or "")[3:5] if slip else ""
    for name, height, tilt in zip(_NAMES, _HEIGHTS, _TILTS, strict=True):
        cos, sin = cosine_sine(tilt * curve)
        step = (before + height) / 2 + (_GAP if before else 0)
        x, y = x - step * sin, y + step * cos
        if slip and name == base:
            x, y = x + canvas.real(slip.size_mm) * cos, y + canvas.real(slip.size_mm) * sin
        bodies.append(_Body(name, x, y, tilt * curve, height))
        before = height
    return bodies


def _sagittal(canvas: Canvas, scene: Scene, tones: _Tones) -> None:
    # Trunk, fat before the spine, fat under the skin of the back.
    canvas.paint(canvas.polygon([(-118, -150), (96, -150), (112, 150), (-112, 150)], soft=6), tones.muscle)
    front = canvas.polygon([(-118, -150), (-72, -150), (-60, 150), (-118, 150)], soft=18)
    canvas.paint(front, tones.fat * 0.5)
    canvas.paint(canvas.polygon([(70, -150), (104, -150), (118, 150), (82, 150)], soft=8), tones.fat)
    canvas.texture(canvas.beyond(-118) * (1.0 - canvas.beyond(110)), 8, 12)
    bodies = _bodies(canvas, scene)
    _canal(canvas, scene, bodies, tones)
    for upper, lower in itertools.pairwise(bodies):
        _disc(canvas, scene, upper, lower, tones)
    broken = scene.find("compression fracture")
    for body in bodies:
        wedge = broken is not None and (broken.site or "").startswith(body.name)
        _vertebra(canvas, body, tones, wedge=wedge)
    for finding in scene.findings:
        _sagittal_finding(canvas, scene, finding, bodies, tones)


def _canal(canvas: Canvas, scene: Scene, bodies: list[_Body], tones: _Tones) -> None:
    behind = _DEPTH / 2 + _CANAL / 2 + 2
    middle = [bodies[0].point(behind, -30), *(body.point(behind, 0) for body in bodies)]
    for body in bodies[:-2]:
        spinous = canvas.line(body.point(behind + 20, 4), body.point(behind + 40, 12), 13, 4)
        canvas.paint(spinous, tones.bone)
    # Epidural fat, dura, fluid, the roots below L1, and the cord above.
    canvas.paint(canvas.path(middle, _CANAL + 9, 3), tones.fat * 0.85)
    canvas.paint(canvas.path(middle[:-1], _CANAL + 3), tones.rim)
    canvas.paint(canvas.path(middle[:-1], _CANAL), tones.fluid)
    roots = [(x + 3, y) for x, y in middle[3:8]]
    canvas.paint(canvas.path(roots, 4, 3) * 0.45, tones.cord)
    cord = middle[:4]
    canvas.paint(canvas.path(cord, 8.5, 2), tones.cord)
    syrinx = scene.find("syrinx")
    if syrinx:
        # From just above the tip of the cord upwards along it, to the point that gives the stated length.
        x, bottom = cord[-1][0], cord[-1][1] - 7
        top = cord[-1][1] - 4 - canvas.real(syrinx.size_mm) + 6
        points = [(x, bottom), *(p for p in reversed(cord) if top < p[1] < bottom)]
        last = next(i for i in range(len(cord) - 1, 0, -1) if cord[i - 1][1] <= top)
        (x0, y0), (x1, y1) = cord[last - 1], cord[last]
        points.append((x0 + (x1 - x0) * (top - y0) / (y1 - y0), top))
        canvas.paint(canvas.path(cord, 11, 2), tones.cord)
        canvas.paint(canvas.path(points, 6), tones.fluid)


def _disc(canvas: Canvas, scene: Scene, upper: _Body, lower: _Body, tones: _Tones) -> None:
    start, end = upper.point(0, upper.height / 2), lower.point(0, -lower.height / 2)
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    tilt = (upper.tilt + lower.tilt) / 2
    thick = _GAP / 2 + 1
    canvas.paint(canvas.ellipse(x, y, _DEPTH / 2 + 1.5, thick, angle=tilt), tones.rim)
    herniation = scene.find("disc herniation")
    level = f"{upper.name}-{lower.name}"
    dry = herniation is not None and (herniation.site or "").startswith(level)
    shade = tones.rim + 30 if dry else tones.disc * scene.patient.vary(f"disc {level}", 0.12)
    canvas.paint(canvas.ellipse(x, y, _DEPTH / 2 - 4, thick - 1.2, angle=tilt, soft=3), shade)
    if dry and herniation is not None:
        cos, sin = cosine_sine(tilt)
        # It starts at the back of the disc and reaches its stated size into the canal.
        reach = canvas.real(herniation.size_mm)
        back = _DEPTH / 2 + reach / 2
        bulge = canvas.ellipse(x + back * cos, y + back * sin, reach / 2 + 1, 6.5, angle=tilt)
        canvas.paint(bulge, tones.rim + 34)


def _vertebra(canvas: Canvas, body: _Body, tones: _Tones, *, wedge: bool) -> None:
    corners = body.corners(loss=body.height * 0.52 if wedge else 0.0)
    if wedge:
        # The place that the broken body has left.
        canvas.paint(canvas.polygon(body.corners(), soft=2), tones.muscle + 10)
    canvas.paint(canvas.polygon(corners, soft=2), tones.rim)
    x, y = sum(corner[0] for corner in corners) / 4, sum(corner[1] for corner in corners) / 4
    marrow = [(x + (corner[0] - x) * 0.92, y + (corner[1] - y) * 0.92) for corner in corners]
    core = canvas.polygon(marrow, soft=2)
    canvas.paint(core, tones.tumor if wedge else tones.bone)
    canvas.texture(core, 4, 9)


def _sagittal_finding(
    canvas: Canvas, scene: Scene, finding: KnownFinding, bodies: list[_Body], tones: _Tones
) -> None:
    by_name = {body.name: body for body in bodies}
    if finding.kind == "metastases":
        for name, size in zip(_METASTASES, scene.sizes(finding), strict=False):
            radius = canvas.real(size) / 2
            at = by_name[name].point(scene.jitter(finding, name, 5), scene.jitter(finding, f"y {name}", 2))
            canvas.paint(canvas.ellipse(*at, radius, radius), tones.tumor)
    elif finding.kind == "intradural mass":
        body = by_name[(finding.site or "")[:2]]
        at = body.point(_DEPTH / 2 + _CANAL / 2 + 2, scene.jitter(finding, "y", 4))
        radius = canvas.real(finding.size_mm) / 2
        canvas.paint(canvas.ellipse(*at, min(radius, 7), radius, angle=body.tilt), tones.cord + 22)
    elif finding.kind == "hemangioma":
        body = by_name[(finding.site or "")[:2]]
        radius = canvas.real(finding.size_mm) / 2
        at = body.point(scene.jitter(finding, "x", 3), 0)
        canvas.paint(canvas.ellipse(*at, radius, radius), tones.fat + 30)
    elif finding.kind == "perineural cyst":
        body = by_name["S2"]
        radius = canvas.real(finding.size_mm) / 2
        at = body.point(_DEPTH / 2 + 6 + scene.jitter(finding, "x", 2), 0)
        canvas.paint(canvas.ellipse(*at, radius * 0.7, radius, angle=body.tilt), tones.fluid)
    elif finding.kind == "discitis":
        upper, lower = by_name[(finding.site or "")[:2]], by_name[(finding.site or "")[3:5]]
        (x0, y0), (x1, y1) = upper.point(0, upper.height / 2), lower.point(0, -lower.height / 2)
        at, tilt = ((x0 + x1) / 2, (y0 + y1) / 2), (upper.tilt + lower.tilt) / 2
        # Edema of both end plates around a disc full of fluid.
        canvas.paint(canvas.ellipse(*at, _DEPTH / 2 - 1, 17, angle=tilt, soft=7) * 0.9, tones.tumor)
        canvas.paint(canvas.ellipse(*at, _DEPTH / 2 - 2, _GAP / 2, angle=tilt), tones.fluid)


def _axial(canvas: Canvas, scene: Scene) -> None:
    tones = _T2
    canvas.paint(canvas.ellipse(0, 8, 96, 84), tones.fat)
    muscle = canvas.ellipse(0, 6, 84, 68, soft=4)
    canvas.paint(muscle, tones.fat * 0.75)
    for sign in (-1, 1):
        # Psoas and back muscles, facet joints, laminae.
        canvas.paint(canvas.ellipse(sign * 50, -16, 21, 25, soft=3), tones.muscle)
        canvas.paint(canvas.ellipse(sign * 32, 50, 27, 23, angle=sign * 10, soft=4), tones.muscle)
        canvas.paint(canvas.ellipse(sign * 23, 22, 9, 12, angle=-sign * 24, soft=2), tones.rim + 8)
        canvas.paint(canvas.line((sign * 20, 28), (0, 40), 7, 2), tones.rim + 10)
    canvas.texture(muscle, 6, 12)
    # Spinous process, epidural fat, disc, thecal sac with its roots, and the great vessels before the spine.
    canvas.paint(canvas.line((0, 38), (0, 60), 8, 3), tones.bone)
    grow = scene.patient.vary("axial disc", 0.06)
    canvas.paint(canvas.ellipse(0, 16, 16, 14), tones.fat * 0.9)
    canvas.paint(canvas.ellipse(0, -18, 29 * grow, 23), tones.rim)
    canvas.paint(canvas.ellipse(0, -18, 22 * grow, 16, soft=5), tones.disc)
    canvas.paint(canvas.ellipse(0, 17, 13, 11), tones.fluid)
    for number, (x, y) in enumerate(((-7, 19), (-4, 23), (0, 24.5), (4, 23), (7, 19), (-2, 20), (3, 19))):
        canvas.paint(canvas.ellipse(x + scene.patient.shift(f"root {number}", 1), y, 1.3, 1.3), tones.cord)
    canvas.paint(canvas.ellipse(-12, -52, 9, 8), 24)
    canvas.paint(canvas.ellipse(11, -54, 8, 8), 20)
    herniation = scene.find("disc herniation")
    if herniation is not None:
        reach = canvas.real(herniation.size_mm)
        across = scene.sign(herniation) * 9.0
        canvas.paint(canvas.ellipse(across, 4 + reach / 2 - 1, 7.5, reach / 2 + 1), tones.rim + 34)
