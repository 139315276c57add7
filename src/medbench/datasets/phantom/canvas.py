"""Draws grey pictures in millimetres: masks with soft edges, texture, noise, markers, PNG.

Only operations that IEEE 754 and integer arithmetic define to the last bit are used (+, -, *, /, square
root, comparison, wrapping integers), so that the pixels are the same on every platform. The one exception,
the sine of an angle, is rounded far above its last bit.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from medbench.images.slices import file_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.datasets.phantom.patient import Pose

Mask: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
"""The share of each pixel that a shape covers, from 0 to 1."""

SIDE = 224
"""Width and height of every picture in pixels."""
_GLYPHS = {
    "L": ("10000", "10000", "10000", "10000", "10000", "10000", "11111"),
    "R": ("11110", "10001", "10001", "11110", "10100", "10010", "10001"),
    "A": ("01110", "10001", "10001", "11111", "10001", "10001", "10001"),
}


def cosine_sine(degrees: float) -> tuple[float, float]:
    """Return cosine and sine, rounded so that they do not depend on the platform's library."""
    angle = math.radians(degrees)
    return round(math.cos(angle), 9), round(math.sin(angle), 9)


class Canvas:
    """A picture that is being drawn.

    Coordinates are millimetres of an average patient, from the middle of the picture, x to the viewer's
    right, y down. The pose maps them to pixels: a small patient is drawn small. A finding has a size in real
    millimetres, which `real` converts.

    Args:
        spacing: Size of a pixel in real millimetres.
        pose: Size, tilt and place of the patient.
        key: Number that the noise of this picture depends on.
    """

    def __init__(self, spacing: float, pose: Pose, key: int) -> None:
        cos, sin = cosine_sine(pose.tilt)
        axis = (np.arange(SIDE) + 0.5 - SIDE / 2) * spacing
        across, down = axis[None, :] - pose.right, axis[:, None] - pose.down
        self.x: Mask = (across * cos + down * sin) / pose.scale
        self.y: Mask = (down * cos - across * sin) / pose.scale
        self.grey: Mask = np.zeros((SIDE, SIDE))
        self.spacing = spacing
        self._pose = pose
        self._turn = (cos, sin)
        self._scale = pose.scale
        self._pixel = spacing / pose.scale
        self._key = key

    def real(self, size: float | None) -> float:
        """Return the length on this canvas of real millimetres."""
        return (size or 0) / self._scale

    def ellipse(  # noqa: PLR0913 - what an ellipse has
        self, x: float, y: float, rx: float, ry: float, *, angle: float = 0.0, soft: float = 0.0
    ) -> Mask:
        """Return an ellipse with these radii; `soft` is the width of its edge, at least a pixel."""
        cos, sin = cosine_sine(angle)
        window = self._window(x, y, max(rx, ry) * (1.0 + soft / min(rx, ry)))
        u, v = self.x[window] - x, self.y[window] - y
        if angle:
            u, v = u * cos + v * sin, v * cos - u * sin
        u, v = u / rx, v / ry
        return self._place(window, (1.0 - np.sqrt(u * u + v * v)) * min(rx, ry), soft)

    def line(
        self, start: tuple[float, float], end: tuple[float, float], width: float, soft: float = 0.0
    ) -> Mask:
        """Return a straight stroke with round ends."""
        along_x, along_y = end[0] - start[0], end[1] - start[1]
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        reach = math.sqrt(along_x * along_x + along_y * along_y) / 2 + width / 2 + soft
        window = self._window(*middle, reach)
        u, v = self.x[window] - start[0], self.y[window] - start[1]
        t = np.clip((u * along_x + v * along_y) / (along_x * along_x + along_y * along_y), 0.0, 1.0)
        u, v = u - t * along_x, v - t * along_y
        return self._place(window, width / 2 - np.sqrt(u * u + v * v), soft)

    def path(self, points: Sequence[tuple[float, float]], width: float, soft: float = 0.0) -> Mask:
        """Return a stroke through several points."""
        mask: Mask = np.zeros((SIDE, SIDE))
        for start, end in itertools.pairwise(points):
            mask = np.maximum(mask, self.line(start, end, width, soft))
        return mask

    def polygon(self, points: Sequence[tuple[float, float]], soft: float = 0.0) -> Mask:
        """Return a convex polygon; its corners go clockwise on the screen."""
        inside: Mask = np.full((SIDE, SIDE), 1e6)
        for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
            dx, dy = x1 - x0, y1 - y0
            length = math.sqrt(dx * dx + dy * dy)
            inside = np.minimum(inside, (dx * (self.y - y0) - dy * (self.x - x0)) / length)
        return self._cover(inside, soft)

    def below(self, y: float, soft: float = 0.0) -> Mask:
        """Return everything below a level."""
        return self._cover(self.y - y, soft)

    def beyond(self, x: float, soft: float = 0.0) -> Mask:
        """Return everything to the viewer's right of a line."""
        return self._cover(self.x - x, soft)

    def paint(self, mask: Mask, value: float) -> None:
        """Paint over what is there, as in a slice."""
        self.grey += (value - self.grey) * mask

    def add(self, mask: Mask, amount: float) -> None:
        """Add to what is there, as in a projection."""
        self.grey += amount * mask

    def texture(self, mask: Mask, cell: int, amount: float, salt: int = 0) -> None:
        """Make a tissue uneven: add smooth noise of +-`amount`, in cells of so many pixels."""
        count = SIDE // cell + 2
        lattice = self._noise(count, salt + 7 * cell) / 127.5 - 1.0
        place = np.arange(SIDE) / cell
        low = place.astype(np.int64)
        part = place - low
        rows = lattice[low] * (1.0 - part)[:, None] + lattice[low + 1] * part[:, None]
        smooth = rows[:, low] * (1.0 - part) + rows[:, low + 1] * part
        self.grey += smooth * mask * amount

    def finish(self, marks: str, gain: float, noise: int, step: int) -> bytes:
        """Return the PNG, with noise where there is a body, coarse greys, a ruler of 5 cm, and side markers.

        Args:
            marks: Letters to draw: 'L' at the viewer's right, as on films, the others at the left.
            gain: Brightness of the picture.
            noise: Largest deviation of a pixel.
            step: Greys are multiples of it: noise in the lower bits would triple the size of the files.
        """
        grain = (self._noise(SIDE, 1) / 127.5 - 1.0) * noise
        shown = np.where(self.grey > 6.0, self.grey * gain + grain, self.grey)
        levels = np.clip(np.floor(shown / step + 0.5), 0, 255 // step)
        pixels = (levels * step).astype(np.uint8)
        self._ruler(pixels)
        for letter in marks:
            _letter(pixels, letter)
        return _png(pixels)

    def _cover(self, depth: Mask, soft: float) -> Mask:
        cover: Mask = np.clip(depth / max(soft, self._pixel) + 0.5, 0.0, 1.0)
        return cover

    def _place(self, window: tuple[slice, slice], depth: Mask, soft: float) -> Mask:
        mask: Mask = np.zeros((SIDE, SIDE))
        mask[window] = self._cover(depth, soft)
        return mask

    def _window(self, x: float, y: float, reach: float) -> tuple[slice, slice]:
        """Return the pixels around a point; a shape is zero outside of them, which saves most of the time."""
        cos, sin = self._turn
        column = ((x * cos - y * sin) * self._scale + self._pose.right) / self.spacing + SIDE / 2
        row = ((x * sin + y * cos) * self._scale + self._pose.down) / self.spacing + SIDE / 2
        far = reach / self._pixel + 3
        return slice(max(0, int(row - far)), max(0, int(row + far))), slice(
            max(0, int(column - far)), max(0, int(column + far))
        )

    def _noise(self, count: int, salt: int) -> Mask:
        """Return bytes that depend on place and key alone; numpy may change its own generators."""
        place = np.arange(count, dtype=np.uint32)
        mix = place[None, :] * np.uint32(374761393) + place[:, None] * np.uint32(668265263)
        mix = mix + np.uint32((self._key + salt * 2654435761) % 2**32)
        for shift, factor in ((15, 2246822519), (13, 3266489917)):
            mix = (mix ^ (mix >> np.uint32(shift))) * np.uint32(factor)
        mix ^= mix >> np.uint32(16)
        grains: Mask = (mix & np.uint32(255)).astype(np.float64)
        return grains

    def _ruler(self, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
        ticks = [SIDE // 2 + round((tick - 2.5) * 10 / self.spacing) for tick in range(6)]
        pixels[ticks[0] : ticks[-1] + 1, SIDE - 3] = 200
        for tick in ticks:
            pixels[tick, SIDE - 7 : SIDE - 2] = 200


def _letter(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], letter: str) -> None:
    glyph = np.array([[int(dot) for dot in row] for row in _GLYPHS[letter]], dtype=np.uint8)
    glyph = glyph.repeat(2, axis=0).repeat(2, axis=1)
    left = SIDE - 10 - glyph.shape[1] if letter == "L" else 10
    window = pixels[8 : 8 + glyph.shape[0], left : left + glyph.shape[1]]
    window[glyph == 1] = 248


def _png(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    # Run lengths pack coarse greys better than zlib's search for repeats, in a fortieth of the time.
    return file_of(pixels, "PNG", compress_type=3)
