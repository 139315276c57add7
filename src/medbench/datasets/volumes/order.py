"""Slices in the order in which they lie in the body."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import numpy as np

from medbench.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.datasets.volumes.frames import Frame

_PARALLEL: Final = 0.999
"""Least cosine between the normals of two slices of a stack: 2.5 degrees."""
_SAME_PLACE_MM: Final = 0.001


def in_order(frames: Sequence[Frame]) -> list[Frame]:
    """Return slices by their place along the normal; which end is first is what their numbers say.

    Slices without a place are sorted by number alone.

    Raises:
        InputError: They are no stack: of several sizes or directions, or several in one place.
    """
    _check_sizes(frames)
    numbered = sorted(frames, key=lambda frame: frame.number)
    if len(frames) == 1 or any(frame.position is None for frame in frames):
        return numbered
    _check_directions(numbered)
    normal = normal_of(numbered[0])
    placed = [(float(np.dot(normal, frame.position or ())), frame) for frame in numbered]
    by_place = sorted(placed, key=lambda one: one[0])
    _check_places([place for place, _ in by_place], frames[0])
    if placed[0][0] > placed[-1][0]:
        by_place.reverse()
    return [frame for _, frame in by_place]


def normal_of(frame: Frame) -> tuple[float, float, float]:
    """Return the direction that a slice faces; along the body where the file does not say it."""
    row = frame.orientation or (1, 0, 0, 0, 1, 0)
    x, y, z = np.cross(row[:3], row[3:])
    return float(x), float(y), float(z)


def _check_sizes(frames: Sequence[Frame]) -> None:
    shapes = {frame.values.shape for frame in frames}
    if len(shapes) > 1:
        sizes = " and ".join(f"{rows} x {columns}" for rows, columns in sorted(shapes))
        raise InputError(
            f"the slices in '{frames[0].path.parent}' are of different sizes ({sizes}).",
            "put what is not a slice of it, such as a scout view, into another folder",
        )


def _check_directions(frames: Sequence[Frame]) -> None:
    first = normal_of(frames[0])
    for frame in frames[1:]:
        if float(np.dot(first, normal_of(frame))) < _PARALLEL:
            raise InputError(
                f"the slices in '{frames[0].path.parent}' do not lie in one direction.",
                "one stack of parallel slices a series; put the others into another folder",
            )


def _check_places(places: Sequence[float], first: Frame) -> None:
    together = sum(after - before < _SAME_PLACE_MM for before, after in itertools.pairwise(places))
    if together:
        raise InputError(
            f"{together} of the {len(places)} slices in '{first.path.parent}' lie where another one lies: "
            "they are of several acquisitions, phases or echoes, or copies.",
            "one of these a folder; of a file with many frames, export the one that is meant",
        )
