"""Opens run folders, `runs/<benchmark>/<system>/`, and finds them by name."""

from __future__ import annotations

import os
import platform
import secrets
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.config import seen_from_here
from medbench.errors import InputError, StoreError, UsageError
from medbench.paths import check_links
from medbench.schema.run import BenchmarkLink, Event, Output, Run, SourceFile, System
from medbench.sentences import nearest
from medbench.store.benchmark import HEAD as MANIFEST
from medbench.store.benchmark import BenchmarkFolder, find_benchmark
from medbench.store.jsonl import Journal, file_digest, read_one, read_records
from medbench.store.lock import RunLock
from medbench.store.moved import find_by_digest, places_in_words, told, told_of
from medbench.store.remote import fetched, is_remote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HEAD = "run.json"
OUTPUTS = "outputs.jsonl"
RESPONSES = "responses.jsonl"
EVENTS = "events.jsonl"
BATCHES = "batches.jsonl"
VERDICTS = "verdicts.jsonl"
AUDIT = "audit.jsonl"
SCORES = "scores.jsonl"
SUMMARY = "summary.json"
BATCHES_FOLDER = "batches"
"""Folder in that of a run with what was sent in batches and what came of it."""
LISTINGS_FOLDER, EXPERIMENTS_FOLDER = "listings", "experiments"
"""Folders beside the runs of a benchmark that hold none."""
WATCH_FOLDER = "watch"
"""Folder beside those of benchmarks: a folder a day in it, with runs of that day."""


class RunFolder:
    """One run on the disk."""

    def __init__(self, path: Path) -> None:
        check_links(path)
        self.path = path
        self.head = read_one(path / HEAD, Run)

    @property
    def name(self) -> str:
        """Return the short name, which is the folder's."""
        return self.path.name

    def last_event(self) -> str:
        """Return the time of the last event: UTC, ISO 8601."""
        times = (event.at for event in self.events() if event.kind != "relinked")
        return max(times, default=self.head.created)

    def last_command(self) -> str:
        """Return the line that was typed last for this run."""
        typed = [event.command for event in self.events() if event.command]
        return typed[-1] if typed else self.head.command

    def benchmark(self) -> BenchmarkFolder:
        """Return the benchmark it runs on, looked for by its digest where it is not at its place.

        Raises:
            InputError: It is not found, or its head cannot be read.
            StoreError: Another one is at its place.
        """
        link, problems = self.head.benchmark, []
        if (moved := told(link.digest)) is not None:
            return moved
        for place in self._places():
            try:
                benchmark = find_benchmark(place)
                check_same(benchmark, self)
            except UsageError:
                continue
            except (InputError, StoreError) as error:
                problems.append(error)
            else:
                return benchmark
        found = find_by_digest(link.digest, self.path)
        if found is not None:
            return found
        raise next(iter(problems), None) or InputError(
            f"the benchmark '{link.name}' of {self.path} is not at '{self._places()[0]}' any more, and "
            f"none with its digest '{link.digest[:8]}' is {places_in_words()}.",
            "the same line with --benchmark FOLDER, or put it back there",
        )

    def is_linked_to(self, benchmark: BenchmarkFolder) -> bool:
        """Return True if a benchmark lies where this run looks first."""
        place = self._places()[0]
        return place == benchmark.link or Path(place).resolve() == benchmark.path.resolve()

    def _places(self) -> list[str]:
        """Return where its benchmark should be: as it was linked last, and as the run began."""
        linked = [event.benchmark for event in self.events() if event.benchmark]
        return [self._seen_from_here(path) for path in (*linked[-1:], self.head.benchmark.path)]

    def _seen_from_here(self, path: str) -> str:
        """Return the path of a link as one would type it in the working folder."""
        return path if path.startswith("embedded:") else seen_from_here(self.path.resolve() / path)

    def outputs(self) -> Iterator[Output]:
        """Yield all lines in the order in which they were written; `store.outputs` says which count."""
        return read_records(self.path / OUTPUTS, Output)

    def events(self) -> Iterator[Event]:
        """Yield the events of this run in order."""
        return read_records(self.path / EVENTS, Event)

    def goals(self) -> tuple[tuple[int | None, int], ...]:
        """Return the goals of the sessions so far: cases (None for all) and replicates, each pair once."""
        begun = (event for event in self.events() if event.kind in {"started", "imported"})
        return tuple(dict.fromkeys((event.limit, event.replicates) for event in begun))


_ELSEWHERE = (
    "build into another folder (--out) and run again, or write the runs elsewhere (run --out); "
    "no outputs were touched"
)


def check_same(benchmark: BenchmarkFolder, run: RunFolder, hint: str = _ELSEWHERE) -> None:
    """Check that a run belongs to this very benchmark.

    Raises:
        StoreError: It belongs to another one.
    """
    if benchmark.head.digest != run.head.benchmark.digest:
        raise StoreError(
            f"{benchmark.path} is not what {run.path} ran on: it has digest '{benchmark.head.digest[:8]}', "
            f"the run says '{run.head.benchmark.digest[:8]}'.",
            hint,
        )


def _with_digest(run: RunFolder) -> str:
    return f"--benchmark with the folder whose digest is '{run.head.benchmark.digest[:8]}'"


@contextmanager
def reading_with(runs: Iterable[RunFolder], benchmark: BenchmarkFolder) -> Iterator[None]:
    """Let runs, and those beside them, be read with a benchmark that was moved; `relink` writes that down.

    Raises:
        StoreError: One of them ran on another one.
    """
    for run in runs:
        check_same(benchmark, run, _with_digest(run))
    with told_of(benchmark):
        yield


def relink(run: RunFolder, benchmark: BenchmarkFolder) -> None:
    """Note in a run where its benchmark lies now, unless it is found there already.

    Raises:
        InputError: The benchmark was changed.
        StoreError: The run ran on another one, or cannot be written.
    """
    benchmark.check()
    check_same(benchmark, run, _with_digest(run))
    with RunLock(run.path), Journal(run.path / EVENTS) as journal:
        if not run.is_linked_to(benchmark):
            link = link_to(benchmark, run.path).path
            journal.append(Event(at=now(), kind="relinked", pid=os.getpid(), benchmark=link))


def link_to(benchmark: BenchmarkFolder, run_folder: Path) -> BenchmarkLink:
    """Return the record by which a run in that folder names its benchmark."""
    if benchmark.link:
        path = benchmark.link
    else:
        try:
            path = Path(os.path.relpath(benchmark.path.resolve(), run_folder.resolve())).as_posix()
        except ValueError:  # another drive
            path = str(benchmark.path.resolve())
    return BenchmarkLink(
        name=benchmark.head.name,
        path=path,
        digest=benchmark.head.digest,
        manifest=file_digest(benchmark.path / MANIFEST).sha256,
    )


def now() -> str:
    """Return the current time: UTC, ISO 8601, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def new_head(
    folder: Path,
    benchmark: BenchmarkFolder,
    system: System,
    command: str,
    imported_from: tuple[SourceFile, ...] = (),
) -> Run:
    """Return the head of a run that begins now."""
    return Run(
        run_id=f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(5)}",
        created=now(),
        medbench=version("medbench"),
        python=platform.python_version(),
        command=command,
        benchmark=link_to(benchmark, folder),
        system=system,
        system_digest=system.digest,
        imported_from=imported_from,
    )


def runs_in(folder: Path) -> list[RunFolder]:
    """Return the runs of a folder by name: the folder itself, or its children and grandchildren."""
    if (folder / HEAD).is_file():
        return [RunFolder(folder)]
    heads = sorted([*folder.glob(f"*/{HEAD}"), *folder.glob(f"*/*/{HEAD}")])
    return [RunFolder(head.parent) for head in heads if not head.parent.name.startswith(".")]


def last_benchmark_folder(root: Path) -> Path:
    """Return the folder of the runs of the benchmark that was run last.

    Raises:
        InputError: There are no runs.
    """
    runs = runs_in(root) if root.is_dir() else []
    if not runs:
        raise InputError(
            f"no runs are in '{root}'.", "medbench run   (a first result: no key, no network, no data)"
        )
    return max(runs, key=RunFolder.last_event).path.parent


def find_runs(names: Sequence[str], root: Path) -> list[RunFolder]:
    """Return the runs of these names, each once, in the order of the names.

    Args:
        names: Folders of runs, folders above them, or short names: 'SYSTEM', 'BENCHMARK', 'BENCHMARK/SYSTEM'.
            Addresses in a bucket (gs://, s3://), which are copied to be read.
            Without names: all runs of the benchmark that was run last.
        root: Folder in which short names are looked up.

    Raises:
        UsageError: A name leads to no run.
        InputError: There are no runs.
    """
    if not names:
        return runs_in(last_benchmark_folder(root))
    runs: dict[Path, RunFolder] = {}
    for name in names:
        for run in _named(name, root):
            runs.setdefault(run.path.resolve(), run)
    return list(runs.values())


def is_beside_runs(path: Path) -> bool:
    """Return True for a folder of medbench's own beside runs, which `runs/x/*` names as well."""
    return (
        path.name in {LISTINGS_FOLDER, EXPERIMENTS_FOLDER, WATCH_FOLDER}
        and path.is_dir()
        and not runs_in(path)
    )


def _named(name: str, root: Path) -> list[RunFolder]:
    if is_remote(name):
        return runs_in(fetched(name))
    places = [Path(name), root / name]
    if root.is_dir() and len(Path(name).parts) == 1 and any(root.glob(f"*/*/{HEAD}")):
        places.insert(1, last_benchmark_folder(root) / name)
    for place in places:
        if place.is_dir() and (runs := runs_in(place)):
            return runs
    known = [run.name for run in runs_in(root)] if root.is_dir() else []
    apart = [part for part in name.split(",") if part]
    if len(apart) > 1 and {*apart} <= {*known}:
        # Models are typed with commas; a run is a path, which may have one.
        raise UsageError(f"no run is called '{name}'.", f"a space between them: {' '.join(apart)}")
    close = nearest(name, known)
    hint = f"{close}   (all: medbench show)" if close else "medbench show   (all runs)"
    raise UsageError(f"no run is called '{name}'.", hint, (name, close) if close else None)
