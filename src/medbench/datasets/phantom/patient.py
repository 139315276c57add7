"""What makes one drawn patient differ from the next: a dice for every purpose, and the pose."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_VARIETY = 0.1
"""How far patients differ, relative to a real crowd: so little that the nearest image is often of the same
kind, and enough that it often is not. At 1, a thumbnail finds the patient's build instead of the finding."""


class Dice:
    """Chance that depends on a text alone.

    Only `random.random` is used: of all generators it is the one whose numbers Python guarantees for ever.
    """

    def __init__(self, key: str) -> None:
        self._random = random.Random(f"medbench phantom {key}")  # noqa: S311 - pictures, not secrets

    def between(self, low: float, high: float) -> float:
        """A number from low to high."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """True in this share of the throws."""
        return self._random.random() < share

    def pick(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[int(self._random.random() * len(choices))]

    def order(self, choices: Sequence[T]) -> list[T]:
        """All of them, shuffled."""
        left = list(choices)
        return [left.pop(int(self._random.random() * len(left))) for _ in choices]


@dataclass(frozen=True, slots=True)
class Pose:
    """How a patient lies in the picture."""

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
    """One drawn patient; every property depends on the key and its own name, not on what was asked before."""

    key: str

    def dice(self, name: str) -> Dice:
        """A dice for one purpose."""
        return Dice(f"{self.key} {name}")

    def shift(self, name: str, most: float) -> float:
        """A displacement either way; `most` is what it would be in a real crowd."""
        return self.dice(name).between(-most, most) * _VARIETY

    def vary(self, name: str, share: float = 0.08) -> float:
        """A factor near 1."""
        return 1.0 + self.shift(name, share)

    def pose(self, view: str) -> Pose:
        """The pose in one picture; the size is the patient's, the rest differs a little between pictures."""
        return Pose(
            scale=self.vary("size", 0.06),
            tilt=self.shift("tilt", 3.5) + self.shift(f"tilt {view}", 1.0),
            right=self.shift("right", 4.0) + self.shift(f"right {view}", 2.0),
            down=self.shift("down", 4.0) + self.shift(f"down {view}", 2.0),
        )

    def number(self, name: str) -> int:
        """A number of 32 bits, for noise."""
        return zlib.crc32(f"{self.key} {name}".encode())
