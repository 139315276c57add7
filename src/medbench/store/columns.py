"""scores.npz: the numbers of scores.jsonl as columns, so that comparing many outputs reads no texts.

It follows from scores.jsonl and is written with it. A summary has the digest of what is in it: one that does
not fit is passed over, and made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import weakref
import zipfile
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import IO, TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from medbench.store.jsonl import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from medbench.schema.score import Score

    Array = NDArray[np.float64]

COLUMNS = "scores.npz"
FEWEST = 10_000
"""Outputs of a run from which the file is written: fewer are read as fast from their records."""
_HEAD = "head"
_BLOCK = 1_024
"""Rows of a spool that are held in memory."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The numbers of a run's outputs in the order of its scores, without their texts."""

    ids: tuple[str, ...]
    """Cases, in the order in which they first appear."""
    cases: NDArray[np.int32]
    """For each output with a text the place of its case among the ids."""
    failed: NDArray[np.int32]
    """The same for each failure."""
    kinds: tuple[str, ...]
    """The kind of each failure."""
    metrics: Mapping[str, Array]
    """Metric to the number of each output with a text; NaN where it has none."""

    def digest(self) -> str:
        """Return the sha256 over all of it, whatever file it stands in."""
        hasher = hashlib.sha256()
        for name, column in self._parts():
            hasher.update(f"{name} {column.dtype.str} {len(column)}\n".encode())
            hasher.update(np.ascontiguousarray(column).data)
        return hasher.hexdigest()

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all: who reads it meanwhile goes on with the one before.

        Raises:
            OSError: The disk refuses.
        """
        with atomic_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, column in self._parts():
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, column, allow_pickle=False)

    def _parts(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        head = {"ids": self.ids, "kinds": self.kinds, "metrics": [*self.metrics]}
        yield _HEAD, np.frombuffer(json.dumps(head).encode(), np.uint8)
        yield "cases", self.cases.astype("<i4")
        yield "failed", self.failed.astype("<i4")
        for number, column in enumerate(self.metrics.values()):
            yield f"metric-{number}", column.astype("<f8", copy=False)


class _Stored(Mapping[str, "Array"]):
    """The columns of metrics in a file, each read when it is asked for.

    The last one is kept: who computes means asks for it twice.
    """

    def __init__(self, file: np.lib.npyio.NpzFile, names: Iterable[str]) -> None:
        self._file = file
        self._numbers = {name: number for number, name in enumerate(names)}
        self._last: tuple[str, Array] | None = None

    def __getitem__(self, metric: str) -> Array:
        if self._last is None or self._last[0] != metric:
            column: Array = self._file[f"metric-{self._numbers[metric]}"]
            column.flags.writeable = False
            self._last = metric, column
        return self._last[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


def read_columns(path: Path, digest: str) -> Columns | None:
    """Return the columns of a file; None unless they are those of that digest."""
    if not zipfile.is_zipfile(path):
        return None
    try:
        file = np.load(path, allow_pickle=False)
        head = json.loads(file[_HEAD].tobytes())
        columns = Columns(
            ids=tuple(head["ids"]),
            cases=file["cases"],
            failed=file["failed"],
            kinds=tuple(head["kinds"]),
            metrics=_Stored(file, head["metrics"]),
        )
        return columns if columns.digest() == digest else None
    except (OSError, EOFError, MemoryError, ValueError, KeyError, TypeError, AttributeError, BadZipFile):
        return None  # whatever it is, it's not what was written


class Spool(Mapping[str, "Array"]):
    """Columns that grow row by row: the last rows in memory, those before in a file without a name."""

    def __init__(self, names: Iterable[str]) -> None:
        self._places = {name: place for place, name in enumerate(names)}
        self._rows = array("d")
        self._file: IO[bytes] | None = None
        self._blocks = 0

    def add(self, numbers: Mapping[str, float | None]) -> None:
        """Add a row; columns without a number in it get NaN."""
        values = map(numbers.get, self._places)
        self._rows.extend([nan if value is None else value for value in values])
        if len(self._rows) == _BLOCK * len(self._places):
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the columns
                weakref.finalize(self, self._file.close)
            self._file.seek(0, os.SEEK_END)
            rows = np.frombuffer(self._rows, np.float64).reshape(_BLOCK, -1)
            self._file.write(np.ascontiguousarray(rows.T).data)
            del rows
            self._blocks += 1
            del self._rows[:]

    def __getitem__(self, name: str) -> Array:
        place = self._places[name]
        parts = [self._block(number, place) for number in range(self._blocks)]
        last = (
            np.frombuffer(self._rows, np.float64)[place :: len(self._places)] if self._rows else np.zeros(0)
        )
        return np.concatenate([*parts, last])  # a copy: rows can be added meanwhile

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def _block(self, number: int, place: int) -> Array:
        assert self._file is not None
        self._file.seek((number * len(self._places) + place) * _BLOCK * 8)
        return np.frombuffer(self._file.read(_BLOCK * 8), np.float64)


class ColumnsBuilder:
    """Takes numbers as they pass by, and holds little of them; texts are not kept."""

    def __init__(self, metrics: Iterable[str]) -> None:
        self.metrics = Spool(metrics)
        self._ids: dict[str, int] = {}
        self._cases, self._failed = array("i"), array("i")
        self._kinds: list[str] = []

    @property
    def outputs(self) -> int:
        """Outputs with a text so far."""
        return len(self._cases)

    def add(self, score: Score) -> None:
        """Take the numbers of an output, or the kind of a failure."""
        place = self._ids.setdefault(score.case_id, len(self._ids))
        if score.failure is not None:
            self._failed.append(place)
            self._kinds.append(score.failure)
        else:
            self._cases.append(place)
            self.metrics.add(score.scores)

    def built(self) -> Columns:
        """Return what was taken."""
        cases, failed = (np.array(places, dtype=np.int32) for places in (self._cases, self._failed))
        return Columns(tuple(self._ids), cases, failed, tuple(self._kinds), self.metrics)
