"""Checks the seals of a folder, and notes where its files ended, so that a missing end is noticed."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from shlex import quote
from typing import TYPE_CHECKING

from medbench.errors import RecordError, StoreError
from medbench.schema.base import sealed, split_seal
from medbench.schema.seal import FileEnd, Seals
from medbench.sentences import counted
from medbench.store.chain import check_chain, seal_at
from medbench.store.jsonl import write_one
from medbench.store.runs import OUTPUTS, SCORES, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from medbench.store.runs import RunFolder

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
    before = read_seals(folder)
    files = dict(before.files)
    for path in sorted(folder.glob("*.jsonl")):
        noted, now = files.get(path.name), _end_of(path)
        if now is not None and (noted is None or ends_there(path, noted)):
            files[path.name] = now
    if files != before.files:
        write_one(folder / SEALS, Seals(files=files))


def read_seals(folder: Path) -> Seals:
    """Return what was noted of a folder, which may be nothing.

    Raises:
        RecordError: The note was changed.
    """
    path = folder / SEALS
    if not path.is_file():
        return Seals()
    seals = Seals.from_line(path.read_bytes(), str(path))
    if not is_sealed(path):
        raise RecordError(f"{path} was changed after it was written.", "restore it from a copy")
    return seals


def is_sealed(path: Path) -> bool | None:
    """Return True if a file of one record is as it was written; None if it has no seal to tell by."""
    content = path.read_bytes()
    body, seal = split_seal(content)
    if seal is None:
        return False if b'"seal"' in content else None
    return sealed(body)[0] == content


def ends_there(path: Path, end: FileEnd) -> bool:
    """Return True if a record of a file ends there, with that seal."""
    return path.is_file() and _seal(path, end.bytes) == end.seal


def changed_grades(runs: Iterable[RunFolder]) -> list[str]:
    """Return the answers and grades of runs that were changed after they were written, in words."""
    return [
        f"{what} (medbench verify {quote(str(run.path))})."
        for run in runs
        for what in broken_seals(run.path, (OUTPUTS, VERDICTS))
    ]


def broken_seals(folder: Path, names: Iterable[str] = ()) -> Iterator[str]:
    """Yield what does not fit the seals of a folder's files, in words.

    Args:
        folder: The folder.
        names: Files to look at; all of them unless given.
    """
    try:
        noted = read_seals(folder).files
    except RecordError as error:
        yield error.message
        noted = {}
    found = {path.name for path in folder.glob("*.jsonl")} - {SCORES}
    for name in names or sorted({*noted, *found}):
        path, chain = folder / name, check_chain(folder / name)
        if chain.broken:
            more = f" (and {counted(len(chain.broken) - 1, 'other line')})" if chain.broken[1:] else ""
            yield f"{path}, line {chain.broken[0]}{more}, was changed, or what stands before it was"
        elif name in noted and not ends_there(path, noted[name]):
            yield f"{path}, after line {chain.records}, was changed, or lines are missing from there on"


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
