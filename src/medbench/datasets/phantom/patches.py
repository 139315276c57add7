"""Pictures of four tiles that show what happened to their pixels, by which tile stands out.

Where a fault can make something visible, a picture has a target, which stands out if the pixels are as they
were sent, and a decoy, which stands out in its place if the fault was done to them: both are seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from medbench.datasets.phantom.patient import Dice
from medbench.images.slices import file_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

PLACES: Final = ("top left", "top right", "bottom left", "bottom right")
"""The four tiles, by which they are asked for."""
SIDE: Final = 896
"""Pixels of a side: those of MedGemma's processor, so that a faithful way resizes nothing."""
SLICE_SIDE: Final = 224
"""Pixels of a side of the pictures of a series."""
STRIPES: Final = ((255, 0, 0), (255, 255, 255))
"""Colours of stripes of one pixel, whose mean is (255, 127.5, 127.5).

Where a JPEG has one colour for two pixels (4:2:0, 4:2:2: Pillow's own at any quality), both get the mean of
their colours and each its own brightness. What would be redder than red is cut: the mean is (210, 128, 129).
"""
_AS_SENT: Final = (255, 128, 128)
_AS_JPEG: Final = (210, 128, 129)
_BETWEEN: Final = (233, 128, 128)
_GAP: Final = 16
HU_SEEN: Final = {"window": (-135, 0), "wrap": (-500, -1000)}
"""Around and in the square that stands out where values are shown as Google's notebook shows them."""
HU_DECOY: Final = {"window": (135, 170), "wrap": (2, -2)}
"""The same where green is 135 to 215 HU in place of -135 to 215, or where values below 0 wrap to white."""
_HU_SAME: Final = {"window": 60, "wrap": 10}
HU_SIDE: Final = 512
"""Pixels of a side of a slice in Hounsfield units."""


class Patches(NamedTuple):
    """A picture, or the values of a slice, and what its answers mean."""

    pixels: NDArray[Any]
    """The picture (height, width, 3) or (height, width), 8 bits; of a slice, Hounsfield units, 16 bits."""
    target: str
    """The place that is named where nothing happened to the pixels."""
    decoy: str
    """The place that is named where the fault happened; '' where a fault only hides the target."""


def bright_square(number: int) -> Patches:
    """Return a picture with a bright square in one tile, which survives whatever is done to it."""
    dice, target, _ = _drawn("square", number)
    pixels = np.full((SIDE, SIDE), 20, np.uint8)
    for place in PLACES:
        tile = _tile(pixels, place)
        tile[:] = dice.whole(60, 80)
        if place == target:
            tile[_square(tile, dice)] = dice.whole(210, 250)
    return Patches(pixels, target, "")


def upright_lines(number: int, width: int) -> Patches:
    """Return a picture of lines that many pixels wide: upright in one tile, level in the others."""
    dice, target, _ = _drawn(f"lines {width}", number)
    pixels = np.full((SIDE, SIDE), 127, np.uint8)
    for place in PLACES:
        tile = _tile(pixels, place)
        bright = (np.arange(tile.shape[0]) + dice.whole(0, 2 * width - 1)) // width % 2 == 1
        lines = np.where(bright, 255 - dice.whole(0, 9), dice.whole(0, 9))
        tile[:] = lines[None, :] if place == target else lines[:, None]
    return Patches(pixels, target, "")


def striped_squares(number: int) -> Patches:
    """Return a picture of squares of red and white stripes: JPEG changes which of them stands out."""
    dice, target, decoy = _drawn("stripes", number)
    pixels = np.full((SIDE, SIDE, 3), 60, np.uint8)
    around = {target: _AS_JPEG, decoy: _AS_SENT}
    for place in PLACES:
        tile = _tile(pixels, place)
        tile[:] = around.get(place, _BETWEEN)
        square = tile[_square(tile, dice)]
        square[:, 0::2], square[:, 1::2] = STRIPES
    return Patches(pixels, target, decoy)


def marked_series(number: int, count: int, marked: int) -> tuple[list[Pixels], str]:
    """Return so many pictures, one of which has a bright square in a quarter of it, and that quarter.

    Args:
        number: Number of the series.
        count: Number of pictures.
        marked: Place of the one with the square, from 0.
    """
    dice, target, _ = _drawn(f"series {marked} of {count}", number)
    series = []
    for place in range(count):
        pixels = np.full((SLICE_SIDE, SLICE_SIDE), 30 + dice.whole(0, 9) + 2 * (place % 10), np.uint8)
        if place == marked:
            tile = _tile(pixels, target, gap=0)
            tile[_square(tile, dice)] = 235
        series.append(pixels)
    return series, target


def hounsfield_squares(fault: str, number: int) -> Patches:
    """Return a slice in Hounsfield units that shows one fault of a server that reads DICOM.

    Args:
        fault: 'window' or 'wrap'.
        number: Number of the picture.
    """
    dice, target, decoy = _drawn(fault, number)
    values = np.full((HU_SIDE, HU_SIDE), _HU_SAME[fault], np.int16)
    for place, (around, inside) in ((target, HU_SEEN[fault]), (decoy, HU_DECOY[fault])):
        tile = _tile(values, place)
        tile[:] = around
        tile[_square(tile, dice)] = inside
    return Patches(values, target, decoy)


def png(pixels: Pixels) -> bytes:
    """Return the file of a picture."""
    return file_of(pixels, "PNG", compress_level=1)


def _drawn(what: str, number: int) -> tuple[Dice, str, str]:
    """Return the dice of a picture, its target and another place; each place is the target equally often."""
    dice = Dice(f"patches {what} {number}")
    turn = Dice(f"patches {what}, four from {number // len(PLACES)}").order(PLACES)
    target = turn[number % len(PLACES)]
    return dice, target, dice.pick([place for place in PLACES if place != target])


def _tile(pixels: NDArray[np.generic], place: str, gap: int = _GAP) -> NDArray[np.generic]:
    """Return one of the four tiles; what is written to it is written to the picture."""
    half = pixels.shape[0] // 2
    rows, columns = (
        slice(end * half + gap // 2, (end + 1) * half - gap // 2)
        for end in (place.startswith("bottom"), place.endswith("right"))
    )
    return pixels[rows, columns]


def _square(tile: NDArray[np.generic], dice: Dice) -> tuple[slice, slice]:
    """Return a square near the middle of a tile, of half its side or a bit more or less."""
    side = tile.shape[0]
    size, move = int(side * dice.between(0.45, 0.55)), int(side * 0.06)
    down, across = ((side - size) // 2 + dice.whole(-move, move) for _ in range(2))
    return slice(down, down + size), slice(across, across + size)
