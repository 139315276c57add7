"""Run folders: `runs/<benchmark>/<system>/`, what is done in one, and finding them by name."""

from __future__ import annotations

import os
import platform
import secrets
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.errors import InputError, RecordError, StoreError, UsageError
from medbench.schema.run import BenchmarkLink, Event, Output, Run, SourceFile, System
from medbench.sentences import nearest
from medbench.store.benchmark import BenchmarkFolder, find_benchmark
from medbench.store.jsonl import read_one, read_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEAD = "run.json"
OUTPUTS = "outputs.jsonl"
RESPONSES = "responses.jsonl"
EVENTS = "events.jsonl"
VERDICTS = "verdicts.jsonl"
AUDIT = "audit.jsonl"
SCORES = "scores.jsonl"
SUMMARY = "summary.json"


class RunFolder:
    """One run on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head = read_one(path / HEAD, Run)

    @property
    def name(self) -> str:
        """Short name: the folder's."""
        return self.path.name

    def last_event(self) -> str:
        """When something last happened to it: UTC, ISO 8601."""
        return max((event.at for event in self.events()), default=self.head.created)

    def last_command(self) -> str:
        """The line that was typed last for this run."""
        typed = [event.command for event in self.events() if event.command]
        return typed[-1] if typed else self.head.command

    def benchmark(self) -> BenchmarkFolder:
        """The benchmark it runs on.

        Raises:
            InputError: It is not where it was, or is not what it was.
        """
        link = self.head.benchmark
        embedded = link.path.startswith("embedded:")
        place = link.path if embedded else _seen_from_here(self.path.resolve() / link.path)
        try:
            found = find_benchmark(place)
        except RecordError:
            raise
        except (InputError, UsageError):
            raise InputError(
                f"the benchmark '{link.name}' of {self.path} is not at '{place}' any more.",
                "put it back there, or build it again with the same line",
            ) from None
        check_same(found, self)
        return found

    def outputs(self) -> Iterator[Output]:
        """All lines, in the order in which they were written; `store.outputs` says which count."""
        return read_records(self.path / OUTPUTS, Output)

    def events(self) -> Iterator[Event]:
        """What happened to this run."""
        return read_records(self.path / EVENTS, Event)

    def asked_for(self) -> tuple[tuple[int | None, int], ...]:
        """What the sessions so far were to complete: cases (None for all) and replicates, each pair once."""
        begun = (event for event in self.events() if event.kind in {"started", "imported"})
        return tuple(dict.fromkeys((event.limit, event.replicates) for event in begun))


def _seen_from_here(path: Path) -> str:
    """The path as a person in the working folder would type it."""
    whole = path.resolve()
    try:
        return min(str(whole), os.path.relpath(whole), key=len)
    except ValueError:  # another drive
        return str(whole)


def check_same(benchmark: BenchmarkFolder, run: RunFolder) -> None:
    """Check that a run belongs to this very benchmark.

    Raises:
        StoreError: It belongs to another one.
    """
    if benchmark.head.digest != run.head.benchmark.digest:
        raise StoreError(
            f"{benchmark.path} is not what {run.path} ran on: it has digest '{benchmark.head.digest[:8]}', "
            f"the run says '{run.head.benchmark.digest[:8]}'.",
            "build into another folder (--out) and run again, or write the runs elsewhere (run --out); "
            "no outputs were touched",
        )


def link_to(benchmark: BenchmarkFolder, run_folder: Path) -> BenchmarkLink:
    """How a run in that folder names its benchmark."""
    if benchmark.link:
        path = benchmark.link
    else:
        try:
            path = Path(os.path.relpath(benchmark.path.resolve(), run_folder.resolve())).as_posix()
        except ValueError:  # another drive
            path = str(benchmark.path.resolve())
    return BenchmarkLink(name=benchmark.head.name, path=path, digest=benchmark.head.digest)


def now() -> str:
    """This moment: UTC, ISO 8601, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def new_head(
    folder: Path,
    benchmark: BenchmarkFolder,
    system: System,
    command: str,
    imported_from: tuple[SourceFile, ...] = (),
) -> Run:
    """The head of a run that begins now."""
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
    """The runs of a folder: itself, its children or its grandchildren, by name."""
    if (folder / HEAD).is_file():
        return [RunFolder(folder)]
    heads = sorted([*folder.glob(f"*/{HEAD}"), *folder.glob(f"*/*/{HEAD}")])
    return [RunFolder(head.parent) for head in heads if not head.parent.name.startswith(".")]


def last_benchmark_folder(root: Path) -> Path:
    """The folder of runs of the benchmark that was run last.

    Raises:
        InputError: There are no runs.
    """
    latest: tuple[str, Path] | None = None
    for run in runs_in(root) if root.is_dir() else []:
        at = run.last_event()
        if latest is None or at > latest[0]:
            latest = (at, run.path.parent)
    if latest is None:
        raise InputError(
            f"no runs are in '{root}'.", "medbench run   (a first result: no key, no network, no data)"
        )
    return latest[1]


def find_runs(names: Sequence[str], root: Path) -> list[RunFolder]:
    """The runs of that name, each once, in the order of the names.

    Args:
        names: Folders of runs, folders above them, or short names: 'SYSTEM', 'BENCHMARK', 'BENCHMARK/SYSTEM'.
            None at all: all runs of the benchmark that was run last.
        root: Where short names are looked up, `runs`.

    Raises:
        UsageError: A name leads to no run.
        InputError: There are no runs.
    """
    if not names:
        return runs_in(last_benchmark_folder(root))
    found: dict[Path, RunFolder] = {}
    for name in names:
        for run in _named(name, root):
            found.setdefault(run.path.resolve(), run)
    return list(found.values())


def _named(name: str, root: Path) -> list[RunFolder]:
    places = [Path(name), root / name]
    if root.is_dir() and len(Path(name).parts) == 1 and any(root.glob(f"*/*/{HEAD}")):
        places.insert(1, last_benchmark_folder(root) / name)
    for place in places:
        if place.is_dir() and (runs := runs_in(place)):
            return runs
    known = [run.name for run in runs_in(root)] if root.is_dir() else []
    close = nearest(name, known)
    raise UsageError(f"no run is called '{name}'.", f"{close or 'a folder of runs'}   (all: medbench show)")
