"""Makes drawn patients differ: a dice for every purpose, and the pose."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_VARIETY = 0.1
"""Variation between patients relative to real ones: so little that the nearest image often shows the same
kind of finding, and so much that it often does not. At 1, a thumbnail finds the patient's build instead."""


class Dice:
    """Random numbers that depend on a text alone.

    Only `random.random` is used: its numbers are the only ones that Python guarantees never to change.
    """

    def __init__(self, key: str) -> None:
        self._random = random.Random(f"medbench phantom {key}")  # noqa: S311 - pictures, not secrets

    def between(self, low: float, high: float) -> float:
        """Return a number from low to high."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """Return True with this probability."""
        return self._random.random() < share

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[int(self._random.random() * len(choices))]

    def order(self, choices: Sequence[T]) -> list[T]:
        """Return all choices, shuffled."""
        left = list(choices)
        return [left.pop(int(self._random.random() * len(left))) for _ in choices]


@dataclass(frozen=True, slots=True)
class Pose:
    """The position of a patient in the picture."""

    scale: float
    """Size relative to the average patient."""
    tilt: float
    """Rotation in degrees."""
    right: float
    """Shift to the viewer's right in millimetres."""
    down: float
    """Shift down in millimetres."""


@dataclass(frozen=True, slots=True)
class Patient:
    """A drawn patient; every property depends on the key and its own name, not on the calls before."""

    key: str
    edition: int = 1
    """Edition of the phantom in which the patient is drawn."""

    def dice(self, name: str) -> Dice:
        """Return the dice for one purpose."""
        return Dice(f"{self.key} {name}")

    def shift(self, name: str, most: float) -> float:
        """Return a displacement either way; `most` is the largest among real patients."""
        return self.dice(name).between(-most, most) * _VARIETY

    def vary(self, name: str, share: float = 0.08) -> float:
        """Return a factor near 1."""
        return 1.0 + self.shift(name, share)

    def pose(self, view: str) -> Pose:
        """Return the pose in one picture; the size is the patient's, the rest varies between pictures."""
        return Pose(
            scale=self.vary("size", 0.06),
            tilt=self.shift("tilt", 3.5) + self.shift(f"tilt {view}", 1.0),
            right=self.shift("right", 4.0) + self.shift(f"right {view}", 2.0),
            down=self.shift("down", 4.0) + self.shift(f"down {view}", 2.0),
        )

    def number(self, name: str) -> int:
        """Return a number of 32 bits, for noise."""
        return zlib.crc32(f"{self.key} {name}".encode())
