"""Drawn CT volumes of 60 slices with a lesion on one: which slice, and which window, has to be shown?

Hounsfield units of a head: air -1000, fat of the scalp -100, skull 900, brain 35, ventricles 8. Each kind of
lesion is seen in one window and hardly in others:

hemorrhage   68 HU in brain: 105 of 255 greys in 0 to 80 HU, 24 in -135 to 215, 4 in -1024 to 1024
lytic        300 HU in the skull: 75 greys in -1024 to 1024, none in the others, which show both white
swelling     -40 HU in the fat: 44 greys in -135 to 215, 7 in -1024 to 1024, none in 0 to 80: both are black
"""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from medbench.datasets.phantom.patient import Dice
from medbench.datasets.source import SourceCase, SourceImage
from medbench.images.slices import file_of
from medbench.schema.reference import KnownFinding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from medbench.schema.reference import Side

    Units = NDArray[np.float64]

_SIDES: Final[tuple[Side, ...]] = ("left", "right")
SLICES: Final = 60
"""Slices of a volume."""
STORED_AT_0_HU: Final = 1024
"""Value that stands for 0 HU in the pictures, which have 16 bits."""
_SIDE: Final = 128
_MM: Final = 1.8
"""Millimetres of a pixel."""
_LAYER_MM: Final = 6.5
"""Thickness of scalp and of skull."""
_STEP: Final = 4
"""Hounsfield units between two values: noise in lower bits would double the size of the files."""


class Lesion(NamedTuple):
    """A kind of lesion."""

    region: str
    """Part of the head that it lies in; the region of its cases, so that tables tell the kinds apart."""
    hu: int
    """Its Hounsfield units."""
    depth_mm: tuple[float, float]
    """How far inside the skin its middle lies, from and to."""
    radius_mm: float
    text: str
    """Sentence that reports it; '$side' is its side."""
    absent: str
    """Sentence that reports its absence."""


LESIONS: Final = (
    Lesion(
        "Brain",
        68,
        (28, 40),
        8.0,
        "There is a 16 mm hemorrhage in the $side hemisphere of the brain.",
        "No intracranial hemorrhage is seen.",
    ),
    Lesion(
        "Skull",
        300,
        (1.5 * _LAYER_MM, 1.5 * _LAYER_MM),
        7.0,
        "There is a 14 mm lytic lesion of the $side parietal bone.",
        "No lytic lesion of the skull is seen.",
    ),
    Lesion(
        "Scalp",
        -40,
        (0.5 * _LAYER_MM, 0.5 * _LAYER_MM),
        9.0,
        "There is swelling of the scalp on the $side side.",
        "No swelling of the scalp is seen.",
    ),
)
"""The kinds of lesions: cases take turns."""


def phantom_volumes(count: int, seed: int) -> list[SourceCase]:
    """Draw cases 1 to `count` of a seed; a case is the same whatever the count.

    Of each kind every fourth case has no lesion.
    """
    return [_case(number, seed) for number in range(1, count + 1)]


def hounsfield_units(number: int, seed: int) -> tuple[Units, KnownFinding | None]:
    """Return the volume of a case (slices, height, width), and its lesion, if there is one."""
    kind, dice = LESIONS[(number - 1) % len(LESIONS)], Dice(f"volume {seed}/{number}")
    build, side = dice.between(0.95, 1.05), dice.pick(_SIDES)
    # From slice 7 to 54: at the ends the head is too small for the lesion.
    place, depth, angle = dice.whole(6, 53), dice.between(*kind.depth_mm), dice.between(-0.5, 0.5)
    volume = np.stack([_slice(z, build) for z in range(SLICES)])
    finding = None
    if (number - 1) // len(LESIONS) % 4 != 3:
        _draw(volume[place], kind, _size(place, build), depth, angle, side)
        finding = KnownFinding(
            kind=kind.region.lower(), side=side, size_mm=int(2 * kind.radius_mm), images=(place + 1,)
        )
    noise = _noise(volume.shape, zlib.crc32(f"{seed}/{number}".encode()))
    body = volume > -900
    volume[body] += noise[body]
    return np.round(volume / _STEP) * _STEP, finding


def _case(number: int, seed: int) -> SourceCase:
    kind = LESIONS[(number - 1) % len(LESIONS)]
    volume, finding = hounsfield_units(number, seed)
    name, dice = f"PV-{seed}-{number:04d}", Dice(f"volume person {seed}/{number}")
    return SourceCase(
        source_id=name,
        region=kind.region,
        images=tuple(
            SourceImage(f"{name}-{place + 1}", _png(values), "CT", plane="axial", contrast="none")
            for place, values in enumerate(volume)
        ),
        text=kind.text.replace("$side", finding.side or "") if finding else kind.absent,
        age=str(dice.whole(24, 86)),
        sex="female" if dice.chance(0.5) else "male",
        history="Head CT.",
        topic=f"{name}: {kind.region if finding else 'normal'}",
        diagnosis=f"{kind.region} lesion, drawn" if finding else "normal, drawn",
        known_findings=(finding,) if finding else (),
    )


def _size(z: int, build: float) -> tuple[float, float]:
    """Return half the width and half the length of the head at a slice, in millimetres."""
    up = (z - 22) / 42
    shrink = build * math.sqrt(max(0.3, 1 - up * up))
    return 72 * shrink, 90 * shrink


def _depth(size: tuple[float, float]) -> tuple[Units, Units, Units]:
    """Return for each pixel how far inside the skin it lies, and its place to the right and down, in mm."""
    axis = (np.arange(_SIDE) + 0.5 - _SIDE / 2) * _MM
    x, y = axis[None, :] + np.zeros((_SIDE, 1)), axis[:, None] + np.zeros((1, _SIDE))
    across, along = size
    ratio = np.sqrt((x / across) ** 2 + (y / along) ** 2)
    return (1 - ratio) * min(size), x, y


def _slice(z: int, build: float) -> Units:
    size = _size(z, build)
    depth, x, y = _depth(size)
    values = np.select(
        [depth < 0, depth < _LAYER_MM, depth < 2 * _LAYER_MM], [-1000.0, -100.0, 900.0], default=35.0
    )
    if 22 <= z < 40:
        for middle in (-10, 10):
            values[((x - middle) / 6) ** 2 + (y / 22) ** 2 < 1] = 8.0
    return values


def _draw(  # noqa: PLR0913 - what a lesion has
    values: Units, kind: Lesion, size: tuple[float, float], depth_mm: float, angle: float, side: Side
) -> None:
    """Draw a lesion into one slice, within the layer that its kind lies in."""
    depth, x, y = _depth(size)
    share = 1 - depth_mm / min(size)
    # The patient's left is at the viewer's right.
    sign = 1 if side == "left" else -1
    cos, sin = 1 - angle * angle / 2, angle
    middle_x, middle_y = sign * cos * share * size[0], sin * share * size[1]
    inside = (x - middle_x) ** 2 + (y - middle_y) ** 2 < kind.radius_mm**2
    layer = np.select([depth < 0, depth < _LAYER_MM, depth < 2 * _LAYER_MM], [0, 1, 2], default=3)
    inside &= layer == {"Scalp": 1, "Skull": 2, "Brain": 3}[kind.region]
    values[inside] = kind.hu


def _noise(shape: Sequence[int], key: int) -> Units:
    """Return noise of up to 6 HU that depends on place and key alone; numpy may change its own generators."""
    mix = np.arange(int(np.prod(shape)), dtype=np.uint32) * np.uint32(2654435761) + np.uint32(key)
    for shift, factor in ((15, 2246822519), (13, 3266489917)):
        mix = (mix ^ (mix >> np.uint32(shift))) * np.uint32(factor)
    mix ^= mix >> np.uint32(16)
    grains: Units = ((mix & np.uint32(255)).astype(np.float64) / 127.5 - 1.0) * 6.0
    return grains.reshape(shape)


def _png(values: Units) -> bytes:
    return file_of((values + STORED_AT_0_HU).astype(np.uint16), "PNG", compress_level=6)
