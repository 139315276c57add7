"""Collects the files that a report page carries, so that its runs can be had back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from medbench.errors import StoreError
from medbench.paths import inside
from medbench.schema.archive import BENCHMARKS, RUNS, ArchivedFile, plain_name
from medbench.steps.importing.importing import IMPORTED
from medbench.steps.show.probe_card import probes_of
from medbench.store.benchmark import HEAD as MANIFEST
from medbench.store.jsonl import file_digest
from medbench.store.runs import EXPERIMENTS_FOLDER, HEAD, LISTINGS_FOLDER, SUMMARY, RunFolder
from medbench.store.seals import SEALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.schema.results.comparison import Comparison
    from medbench.store.benchmark import BenchmarkFolder

K = TypeVar("K")
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file on the disk, and how the archive names it."""

    source: Path
    record: ArchivedFile

    def blocks(self) -> Iterator[bytes]:
        """Yield its bytes as they were when it was listed; what was appended since is left out.

        Raises:
            StoreError: It was changed since.
        """
        hasher, left = hashlib.sha256(), self.record.bytes
        with self.source.open("rb") as file:
            while left and (block := file.read(min(left, _BLOCK))):
                hasher.update(block)
                left -= len(block)
                yield block
        if hasher.hexdigest() != self.record.sha256:
            raise StoreError(
                f"'{self.source}' was changed while the page was written.", "the same line again"
            )


def stored_files(comparison: Comparison, experiment: Path | None = None) -> Iterator[StoredFile]:
    """Yield the files behind a comparison: its runs with their probes and floors, then their benchmarks.

    Requests that were sent in batches are left out, as they hold images, and so are images.

    Args:
        comparison: The comparison.
        experiment: What an experiment declared, where the comparison is one's.
    """
    systems = [RunFolder(Path(row.path)) for row in comparison.systems]
    probes = [probe for run in systems for probe in probes_of(run).values()]
    floors = [RunFolder(Path(row.path)) for row in comparison.floors]
    runs = {run.path.resolve(): run for run in (*systems, *probes, *floors)}
    folders = _named({folder.parent: run.head.benchmark.name for folder, run in runs.items()})
    for folder, run in runs.items():
        yield from _files(
            run.path, _of_run(run.path), f"{RUNS}/{folders[folder.parent]}/{plain_name(folder.name)}"
        )
    for folder, name in folders.items():
        beside = folder / LISTINGS_FOLDER
        yield from _files(beside, _lines(beside), f"{RUNS}/{name}/{LISTINGS_FOLDER}")
    if experiment is not None:
        name = folders[next(iter(folders))]
        at = f"{RUNS}/{name}/{EXPERIMENTS_FOLDER}/{plain_name(experiment.parent.name)}"
        yield from _files(experiment.parent, [experiment.name], at)
    yield from _of_benchmarks(run.benchmark() for run in runs.values())


def _named(wanted: dict[K, str]) -> dict[K, str]:
    """Return a name for each that no other has."""
    names: dict[K, str] = {}
    for key, given in wanted.items():
        name = plain_name(given)
        numbered = (f"{name}-{number}" if number > 1 else name for number in count(1))
        names[key] = next(one for one in numbered if one not in names.values())
    return names


def _of_benchmarks(found: Iterator[BenchmarkFolder]) -> Iterator[StoredFile]:
    benchmarks = {benchmark.head.digest: benchmark for benchmark in found}
    names = _named({digest: benchmark.head.name for digest, benchmark in benchmarks.items()})
    for digest, benchmark in benchmarks.items():
        files = [MANIFEST, *benchmark.head.files]
        if benchmark.link:  # an installer may link the files of a package to its cache
            yield from (
                _listed(benchmark.path / name, f"{BENCHMARKS}/{names[digest]}/{name}") for name in files
            )
        else:
            yield from _files(benchmark.path, files, f"{BENCHMARKS}/{names[digest]}")


def _files(folder: Path, names: Sequence[str], at: str) -> Iterator[StoredFile]:
    for name in names:
        yield _listed(inside(folder, name), f"{at}/{name}")


def _listed(source: Path, path: str) -> StoredFile:
    found = file_digest(source)
    return StoredFile(source, ArchivedFile(path=path, bytes=found.bytes, sha256=found.sha256))


def _of_run(folder: Path) -> list[str]:
    copied = sorted(path for path in folder.glob(f"{IMPORTED}/*") if path.is_file())
    alone = [name for name in (HEAD, SUMMARY) if (folder / name).is_file()]
    return [*alone, *_lines(folder), *(f"{IMPORTED}/{path.name}" for path in copied)]


def _lines(folder: Path) -> list[str]:
    """Return the names of a folder's files of lines, and of the note of their ends."""
    lines = sorted(path.name for path in folder.glob("*.jsonl") if path.is_file())
    return [*lines, SEALS] if (folder / SEALS).is_file() else lines
