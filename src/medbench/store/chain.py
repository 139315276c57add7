"""Checks the seals of a file of records, each of which rests on the one before."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.schema.base import SEAL_LENGTH, seal_over, split_seal

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_SEAL = 64
"""Bytes at the end of a line that hold its seal, and more."""
_BLOCK = 1 << 20
NOTHING_BEFORE = hashlib.sha256().hexdigest()[:SEAL_LENGTH]
"""Seal that the first line of a file builds on."""


@dataclass(frozen=True, slots=True)
class Chain:
    """State of the seals of a file. A last line without its end does not count as a record."""

    records: int = 0
    """Whole lines."""
    unsealed: int = 0
    """Lines at the start that an older medbench wrote without seals."""
    broken: tuple[int, ...] = ()
    """Numbers of the lines that do not fit: they were changed, or what stands before them was."""


def check_chain(path: Path) -> Chain:
    """Check every seal of a file; a missing file holds."""
    if not path.is_file():
        return Chain()
    number = unsealed = end = 0
    broken: list[int] = []
    so_far = _SoFar(path)
    before: str | None = NOTHING_BEFORE
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break  # torn by a crash
            number += 1
            body, seal = split_seal(line)
            if seal is None and unsealed == number - 1:
                unsealed += 1
            elif seal is None or seal != seal_over(before or so_far.seal(end), body):
                broken.append(number)
            before = seal
            end += len(line)
    return Chain(number, unsealed, tuple(broken))


class _SoFar:
    """A digest over the start of a file, which is read when it is asked for: files with seals need none."""

    def __init__(self, path: Path) -> None:
        self._path, self._hasher, self._end = path, hashlib.sha256(), 0

    def seal(self, end: int) -> str:
        """Return what a seal at this position rests on where the line before has none."""
        with self._path.open("rb") as file:
            file.seek(self._end)
            while block := file.read(min(_BLOCK, end - self._end)):
                self._hasher.update(block)
                self._end += len(block)
        return self._hasher.hexdigest()[:SEAL_LENGTH]


def seal_at(file: int, end: int) -> str | None:
    """Return the seal of the line that ends at this position of an open file; None where it has none."""
    start = max(0, end - _LONGEST_SEAL)
    os.lseek(file, start, os.SEEK_SET)
    return split_seal(os.read(file, end - start))[1]


def seal_before(file: int, end: int) -> str:
    """Return what the seal of a line at this position rests on.

    It is the seal of the line before; where that has none, a digest of all that stands before.
    """
    if (seal := seal_at(file, end)) is not None:
        return seal
    so_far = hashlib.sha256()
    os.lseek(file, 0, os.SEEK_SET)
    while end > 0 and (block := os.read(file, min(_BLOCK, end))):
        so_far.update(block)
        end -= len(block)
    return so_far.hexdigest()[:SEAL_LENGTH]
