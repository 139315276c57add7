"""Keeps seals.json of a folder: where its files ended, so that what is missing from an end is noticed."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from medbench.errors import RecordError, StoreError
from medbench.schema.base import sealed, split_seal
from medbench.schema.seal import FileEnd, Seals
from medbench.store.chain import seal_at
from medbench.store.jsonl import atomic_file, file_digest
from medbench.store.runs import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEALS = "seals.json"


@contextmanager
def sealing(folder: Path) -> Iterator[None]:
    """Note the ends of the files of a locked folder once they have been written to."""
    try:
        yield
    finally:
        with suppress(OSError, StoreError, RecordError):  # must not hide an error that led here
            write_seals(folder)


def write_seals(folder: Path) -> None:
    """Note the ends of a folder's files. What does not fit the note before stays as it was noted.

    Raises:
        RecordError: The note before was changed.
    """
    before = read_seals(folder) or Seals()
    files = dict(before.files)
    for path in sorted(folder.glob("*.jsonl")):
        noted, now = files.get(path.name), _end_of(path)
        if now is not None and (noted is None or ends_there(path, noted)):
            files[path.name] = now
    head = before.head
    if head is None and (folder / HEAD).is_file():
        head = file_digest(folder / HEAD).sha256
    after = Seals(head=head, files=files)
    if after != before:
        with atomic_file(folder / SEALS) as file:
            file.write(sealed(after.to_line(), "")[0])


def read_seals(folder: Path) -> Seals | None:
    """Return what was noted of a folder; None where nothing was.

    Raises:
        RecordError: The note was changed.
    """
    path = folder / SEALS
    if not path.is_file():
        return None
    line = path.read_bytes()
    seals = Seals.from_line(line, str(path))
    if sealed(split_seal(line)[0], "")[0] != line:
        raise RecordError(f"{path} was changed after it was written.", "restore it from a copy")
    return seals


def ends_there(path: Path, end: FileEnd) -> bool:
    """Return True if a record of a file ends there, with that seal."""
    return path.is_file() and _seal(path, end.bytes) == end.seal


def _end_of(path: Path) -> FileEnd | None:
    size = path.stat().st_size
    seal = _seal(path, size)
    return None if seal is None else FileEnd(bytes=size, seal=seal)


def _seal(path: Path, end: int) -> str | None:
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return seal_at(file, end)
    finally:
        os.close(file)
