"""Finds a benchmark by its digest where a run's link does not lead to it any more."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.config import load_settings
from medbench.errors import MedbenchError
from medbench.store.benchmark import HEAD, BenchmarkFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

_told: ContextVar[BenchmarkFolder | None] = ContextVar("told", default=None)
_ABOVE = 3
"""Folders above a run in which its benchmark may lie: `runs/BENCHMARK/SYSTEM` stands beside it."""


@contextmanager
def told_of(benchmark: BenchmarkFolder) -> Iterator[None]:
    """Let the runs of a benchmark find it there as long as this lasts; nothing is written."""
    token = _told.set(benchmark)
    try:
        yield
    finally:
        _told.reset(token)


def told(digest: str) -> BenchmarkFolder | None:
    """Return the benchmark that runs were told of, if it has that digest."""
    benchmark = _told.get()
    return benchmark if benchmark is not None and benchmark.head.digest == digest else None


def find_by_digest(digest: str, run: Path) -> BenchmarkFolder | None:
    """Return the first whole benchmark of that digest near a run or the working folder; None without one.

    Args:
        digest: The benchmark's digest.
        run: Folder of the run.
    """
    for head in _heads(run.resolve()):
        try:
            benchmark = BenchmarkFolder(head.parent)
            if benchmark.head.digest == digest:
                benchmark.check()
                return benchmark
        except MedbenchError:  # another's broken file is not what is looked for
            continue
    return None


def _heads(run: Path) -> list[Path]:
    """Return the heads of all benchmarks where one is looked for, the nearest first."""
    folders = [run, *list(run.parents)[:_ABOVE], Path.cwd()]
    patterns = [(folder, pattern) for folder in folders for pattern in (HEAD, f"*/{HEAD}")]
    shelf = load_settings().defaults.benchmarks
    if shelf:
        patterns += [(Path(shelf), pattern) for pattern in (HEAD, f"*/{HEAD}", f"*/*/{HEAD}")]
    return [head for folder, pattern in patterns for head in sorted(folder.glob(pattern))]


def places_in_words() -> str:
    """Return where a benchmark is looked for, for messages."""
    shelf = load_settings().defaults.benchmarks
    here = "beside the run or in the working folder"
    return f"{here} or under '{shelf}' (benchmarks in medbench.toml)" if shelf else here
