"""Gives the runs of a report page back, each file with the bytes that it had."""

from __future__ import annotations

import hashlib
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.config import seen_from_here
from medbench.errors import InputError, StoreError, UsageError
from medbench.paths import inside
from medbench.schema.archive import BENCHMARKS, RUNS
from medbench.schema.benchmark import Benchmark
from medbench.schema.run import Run
from medbench.steps.importing.archive import open_archive
from medbench.store.benchmark import EMBEDDED, BenchmarkFolder, embedded_path, new_folder
from medbench.store.benchmark import HEAD as MANIFEST
from medbench.store.jsonl import file_digest
from medbench.store.moved import find_by_digest
from medbench.store.runs import EXPERIMENTS_FOLDER, HEAD, SCORES, SUMMARY
from medbench.store.seals import SEALS

if TYPE_CHECKING:
    from medbench.schema.archive import ArchivedFile
    from medbench.schema.base import FileRecord
    from medbench.steps.importing.archive import PageArchive

_PAGES = (".html", ".htm")
_BEGIN = b"<!doctype html"
_HEADS: dict[str, type[FileRecord]] = {HEAD: Run, MANIFEST: Benchmark}
_FOLLOWS = frozenset({SCORES, SUMMARY, SEALS})
"""Files that follow from the others of a run, and may be made anew."""


@dataclass(slots=True)
class RestoredFolder:
    """A folder of the page: a run, what lies beside runs, or a benchmark."""

    path: Path
    """Where it is now."""
    files: dict[str, int] = field(default_factory=dict)
    """Name of each file in it to its number in the page."""
    was_there: bool = False
    """True if it was there with the same records, and nothing was written."""
    images: int = 0
    """Images that came with it."""
    all_images: int = 0
    """Images of the benchmark."""

    @property
    def is_run(self) -> bool:
        """True if it is a run."""
        return HEAD in self.files


@dataclass(frozen=True, slots=True)
class RestoredPage:
    """Runs and records that a page gave back."""

    runs: tuple[RestoredFolder, ...]
    benchmarks: tuple[RestoredFolder, ...]


def is_page(source: Path) -> bool:
    """Return True if a file is a page, by its name or its first bytes."""
    if not source.is_file():
        return False
    with source.open("rb") as file:
        return source.suffix.lower() in _PAGES or file.read(len(_BEGIN)).lower() == _BEGIN


def import_page(page: Path, root: Path) -> RestoredPage:
    """Write the runs of a report page below a folder, and their benchmark beside it, unless they are there.

    Nothing that is there is written to. Every file is checked before any folder gets its name.

    Raises:
        UsageError: There is no such file.
        InputError: The page holds no runs, or is cut, was changed, or names files that no run has.
        StoreError: A folder of that name is there and is another, or the disk refuses.
    """
    if not page.is_file():
        raise UsageError(f"'{page}' is not there.", "name a page that medbench report wrote")
    with open_archive(page) as archive, ExitStack() as written:
        folders = _folders(archive, root)
        _check(folders, archive)
        for folder in folders:
            folder.was_there = _is_there(folder, archive, root)
        for folder in folders:
            if not folder.was_there:
                _write(folder, written.enter_context(new_folder(folder.path)), archive)
    return RestoredPage(
        tuple(folder for folder in folders if folder.is_run),
        tuple(folder for folder in folders if MANIFEST in folder.files),
    )


def _folders(archive: PageArchive, root: Path) -> list[RestoredFolder]:
    """Return the folders that the files of a page make, each with its place."""
    places = {RUNS: root, BENCHMARKS: Path(seen_from_here(root.resolve().parent))}
    folders: dict[Path, RestoredFolder] = {}
    for number, file in enumerate(archive.files):
        kind, name, *rest = file.path.split("/")
        deep = 0 if kind == BENCHMARKS else 2 if rest[0] == EXPERIMENTS_FOLDER else 1
        path = places[kind].joinpath(name, *rest[:deep])
        folders.setdefault(path, RestoredFolder(path)).files["/".join(rest[deep:])] = number
    if not any(folder.is_run for folder in folders.values()):
        raise InputError("no run is in the page.", "medbench report RUN makes a page of runs")
    return list(folders.values())


def _check(folders: list[RestoredFolder], archive: PageArchive) -> None:
    """Check every file of the page, and that the heads of runs and benchmarks are such.

    Raises:
        InputError: One is missing, was changed, or is none.
    """
    for folder in folders:
        for name, number in folder.files.items():
            if name in _HEADS and len(folder.files) > 1:
                _HEADS[name].from_line(b"".join(archive.content(number)), archive.files[number].path)
            else:
                deque(archive.content(number), maxlen=0)


def _is_there(folder: RestoredFolder, archive: PageArchive, root: Path) -> bool:
    """Return True if a folder need not be written, as its records are there.

    Raises:
        StoreError: Another one has its name.
    """
    if MANIFEST in folder.files:
        return _benchmark_is_there(folder, archive, root)
    if not folder.path.exists() or (folder.path.is_dir() and not any(folder.path.iterdir())):
        return False
    for name, number in folder.files.items():
        if name not in _FOLLOWS and not _begins_as(folder.path, name, archive.files[number]):
            raise StoreError(
                f"'{folder.path}' is there already, and its '{name}' is not that of the page: nothing was "
                "written.",
                "another folder with --out",
            )
    return True


def _benchmark_is_there(folder: RestoredFolder, archive: PageArchive, root: Path) -> bool:
    content = b"".join(archive.content(folder.files[MANIFEST]))
    head = Benchmark.from_line(content, archive.files[folder.files[MANIFEST]].path)
    folder.all_images = head.images
    own = [BenchmarkFolder(embedded_path(name), f"embedded:{name}") for name in EMBEDDED]
    near = find_by_digest(head.digest, root / folder.path.name / "run")
    found = next((one for one in [*own, near] if one and one.head.digest == head.digest), None)
    if found is not None:
        folder.path = Path(found.link or seen_from_here(found.path))
    return found is not None


def _begins_as(folder: Path, name: str, file: ArchivedFile) -> bool:
    """Return True if a file on the disk has the bytes of an archived one, and perhaps more behind them."""
    hasher, path = hashlib.sha256(), inside(folder, name)
    if not path.is_file():
        return not file.bytes
    if name.endswith(".json"):
        return file_digest(path).sha256 == file.sha256
    with path.open("rb") as there:
        left = file.bytes
        while left and (block := there.read(min(left, 1 << 20))):
            hasher.update(block)
            left -= len(block)
    return hasher.hexdigest() == file.sha256


def _write(folder: RestoredFolder, work: Path, archive: PageArchive) -> None:
    for name, number in folder.files.items():
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.writelines(archive.content(number))
    if MANIFEST in folder.files:
        BenchmarkFolder(work).check()
        folder.images = _write_images(work, archive) if archive.record.images == "full" else 0


def _write_images(work: Path, archive: PageArchive) -> int:
    """Write the images of a benchmark that the page has as they are, and return how many they are."""
    places: dict[str, list[Path]] = {}
    for case in BenchmarkFolder(work).cases():
        for image in case.images:
            places.setdefault(image.sha256, []).append(inside(work, image.file))
    written = 0
    for digest, data in archive.images():
        for path in places.pop(digest, []):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            written += 1
    return written
