"""Runs on the disk: one of them, several, and how they are named."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from medbench.api.frames import Rows
from medbench.api.result import Result
from medbench.api.tables import estimate_table, output_table
from medbench.config import load_settings
from medbench.errors import UsageError
from medbench.registry import unknown
from medbench.store.runs import RunFolder, find_runs, is_beside_runs, reading_with, relink, runs_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.api.benchmarks import Benchmark, BenchmarkName
    from medbench.api.result import Table
    from medbench.report.blocks import Block
    from medbench.schema.results.view import RunState
    from medbench.schema.run import System
    from medbench.schema.score import Summary


class Run(Result):
    """One system on one benchmark, as its folder is now."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        """Its folder, as medbench reads it."""

    @property
    def name(self) -> str:
        """The name of its folder: that of the system, with '@2' for a second run of it."""
        return self.folder.name

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.folder.path

    @property
    def system(self) -> System:
        """The system that was run: model, prompt, images, settings."""
        return self.folder.head.system

    @property
    def state(self) -> RunState:
        """The number of outputs, what failed, what is missing, what it cost."""
        from medbench.steps.show.standing import state_of

        return state_of(self.folder)

    @property
    def summary(self) -> Summary:
        """The numbers of the run; it is scored again first where its scores are out of date."""
        from medbench.steps.compare.comparable import fresh_summaries

        (summary,) = fresh_summaries([self.folder], [], None).summaries
        return summary

    @property
    def signatures(self) -> dict[str, str]:
        """Scorer to its signature: how its numbers were computed."""
        return self.summary.signatures

    @property
    def estimates(self) -> Table:
        """A row for each part of the benchmark and metric: mean, 95 % interval, n, missing, signature."""
        return estimate_table(self.summary)

    def benchmark(self) -> Benchmark:
        """Open the benchmark that it runs on.

        Raises:
            InputError: It is not where it was, or was changed.
        """
        from medbench.api.benchmarks import Benchmark

        return Benchmark(self.folder.benchmark())

    def to_dict(self) -> dict[str, Any]:
        """Return its head, its summary and a dict for each output."""
        summary = self.summary
        return {
            "run": json.loads(self.folder.head.model_dump_json()),
            "summary": json.loads(summary.model_dump_json()),
            "outputs": output_table([self.folder]).to_dict()["rows"],
        }

    def __repr__(self) -> str:
        return f"<Run {_full_name(self.folder)}: {_state_words(self.state)}>"

    def _rows(self) -> Rows:
        """Return a row for each case and replicate that was asked for."""
        return output_table([self.folder]).rows

    def _blocks(self) -> Iterable[Block]:
        from medbench.report.show.run import one_run
        from medbench.steps.show.run_view import show_run

        return one_run(show_run(self.folder))


class RunList(Result, Sequence[Run]):
    """Runs in order; one of them by its number or by its name."""

    def __init__(self, folders: Iterable[RunFolder]) -> None:
        self.folders = tuple(folders)

    def __len__(self) -> int:
        return len(self.folders)

    @overload
    def __getitem__(self, which: int | str) -> Run: ...
    @overload
    def __getitem__(self, which: slice) -> RunList: ...
    def __getitem__(self, which: int | str | slice) -> Run | RunList:
        """Return a run by its number, name ('SYSTEM', 'BENCHMARK/SYSTEM') or folder, or a part of the list.

        Raises:
            UsageError: No run has that name, or several have it.
            IndexError: There are not so many.
        """
        if isinstance(which, slice):
            return RunList(self.folders[which])
        if isinstance(which, int):
            return Run(self.folders[which])
        named = [folder for folder in self.folders if which in _names_of(folder)]
        if not named:
            raise unknown("run of these", which, [folder.name for folder in self.folders])
        if len(named) > 1:
            paths = " | ".join(str(folder.path) for folder in named)
            raise UsageError(f"several runs are called '{which}'.", paths)
        return Run(named[0])

    def __contains__(self, item: object) -> bool:
        if isinstance(item, str):
            return any(item in _names_of(folder) for folder in self.folders)
        return isinstance(item, Run) and any(item.path == folder.path for folder in self.folders)

    @property
    def names(self) -> list[str]:
        """The names of the runs."""
        return [folder.name for folder in self.folders]

    def outputs(self) -> Table:
        """Return a row for each case and replicate of all runs, with the grades that `compare` counts."""
        return output_table(self.folders)

    def to_dict(self) -> dict[str, Any]:
        """Return {'runs': …} with the rows of its data frame."""
        return {"runs": [*self._rows()]}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {len(self)}: {', '.join(self.names)}>"

    def _rows(self) -> Rows:
        """Return a row for each run."""
        return Rows(_RUN_COLUMNS, [_run_row(run.state) for run in self])

    def _blocks(self) -> Iterable[Block]:
        from medbench.report.show.runs import leaderboard

        return leaderboard([run.state for run in self])


RunName: TypeAlias = "str | Path | Run | RunFolder"
"""A run or several: its name, its folder or a folder above it, or a run that was opened."""
Runs: TypeAlias = "RunName | Iterable[Runs]"


def runs(names: Runs | None = None, *, root: str | Path | None = None) -> RunList:
    """Return the runs of these names; without any, all runs, none where nothing was run yet.

    Args:
        names: Names as `medbench show` takes them: 'SYSTEM', 'BENCHMARK', 'BENCHMARK/SYSTEM'; folders; runs.
        root: Folder of the runs; by default that of medbench.toml, `runs`.

    Raises:
        UsageError: A name leads to no run.
    """
    folder = Path(root or load_settings().defaults.runs)
    if names is None:
        return RunList(runs_in(folder) if folder.is_dir() else [])
    return RunList(open_runs(names, folder))


def open_runs(
    names: Runs | None, root: Path | None = None, benchmark: BenchmarkName | None = None
) -> list[RunFolder]:
    """Return the run folders of these names, each once; None stands for the benchmark that was run last.

    Args:
        names: Names, folders, or runs.
        root: Folder in which names are looked up; None for that of medbench.toml.
        benchmark: Where the runs' benchmark lies now; each of them is linked to it.

    Raises:
        UsageError: A name leads to no run, or none is named; or there is no such benchmark.
        InputError: There are no runs, or the benchmark was changed.
        StoreError: A run ran on another benchmark.
    """
    folders = _named_runs(names, root or Path(load_settings().defaults.runs))
    if benchmark is not None:
        link_runs(folders, benchmark)
    return folders


@contextmanager
def runs_to_read(names: Runs | None, benchmark: BenchmarkName | None) -> Iterator[list[RunFolder]]:
    """Yield the run folders of these names, read with their benchmark where it lies now; nothing is linked.

    Raises:
        UsageError: A name leads to no run, or there is no such benchmark.
        InputError: There are no runs, or the benchmark was changed.
        StoreError: A run ran on another benchmark.
    """
    from medbench.api.benchmarks import open_benchmark

    folders = open_runs(names)
    if benchmark is None:
        yield folders
        return
    folder = open_benchmark(benchmark)
    folder.check()
    with reading_with(folders, folder):
        yield folders


def link_runs(runs: Sequence[RunFolder], benchmark: BenchmarkName) -> None:
    """Link runs, and the floors beside them, to the place where their benchmark lies now."""
    from medbench.api.benchmarks import open_benchmark
    from medbench.steps.compare.comparable import floors_beside

    folder = open_benchmark(benchmark)
    for run in (*runs, *floors_beside(runs)):
        relink(run, folder)


def _named_runs(names: Runs | None, root: Path) -> list[RunFolder]:
    if names is None:
        return find_runs([], root)
    folders: dict[Path, RunFolder] = {}
    for folder in _opened(names, root):
        folders.setdefault(folder.path.resolve(), folder)
    if not folders:
        raise UsageError("no run is named: [].", "leave the argument out for all runs of the last benchmark")
    return list(folders.values())


def _opened(names: Runs, root: Path) -> Iterator[RunFolder]:
    if isinstance(names, RunFolder):
        yield names
    elif isinstance(names, Run):
        yield names.folder
    elif isinstance(names, (str, Path)):
        yield from find_runs([str(names)], root)
    else:
        for name in _without_other_folders(names):
            yield from _opened(name, root)


def _without_other_folders(names: Iterable[Runs]) -> list[Runs]:
    named = list(names)
    paths = (str, Path)
    return [name for name in named if not (isinstance(name, paths) and is_beside_runs(Path(name)))] or named


def kept_names(names: Runs | None) -> Runs | None:
    """Return the same names, to be read more than once: an iterator's in a list."""
    if names is None or isinstance(names, (str, Path, RunFolder, Run)):
        return names
    return [kept for name in names if (kept := kept_names(name)) is not None]


def named_one_by_one(names: Runs | None, root: Path | None = None) -> frozenset[Path]:
    """Return the folders of the runs that were named themselves, and not by a folder above them."""
    root = root or Path(load_settings().defaults.runs)
    if names is None:
        return frozenset()
    if isinstance(names, (RunFolder, Run)):
        return frozenset({names.path.resolve()})
    if isinstance(names, (str, Path)):
        found = [run.path.resolve() for run in find_runs([str(names)], root)]
        return frozenset(path for path in found if path.name == Path(names).resolve().name)
    return frozenset().union(*(named_one_by_one(name, root) for name in _without_other_folders(names)))


def _names_of(folder: RunFolder) -> tuple[str, ...]:
    """Return all that a run may be called by in a list of runs."""
    return folder.name, _full_name(folder), str(folder.path)


def _full_name(folder: RunFolder) -> str:
    return f"{folder.head.benchmark.name}/{folder.name}"


def _state_words(state: RunState) -> str:
    wanted = "?" if state.wanted is None else state.wanted
    return f"{state.texts} of {wanted} outputs" + (f", {state.failed} failed" if state.failed else "")


_RUN_COLUMNS = {
    "benchmark": str,
    "run": str,
    "model": str,
    "wanted": int,
    "outputs": int,
    "failed": int,
    "left": int,
    "cost_usd": float,
    "cost_unknown": int,
    "reused_usd": float,
    "up_usd": float,
    "judging_usd": float,
    "created": str,
    "path": str,
}


def _run_row(state: RunState) -> dict[str, str | float | None]:
    return {
        "benchmark": state.head.benchmark.name,
        "run": Path(state.path).name,
        "model": ", ".join(stage.model.id for stage in state.head.system.stages) or None,
        "wanted": state.wanted,
        "outputs": state.texts,
        "failed": state.failed,
        "left": state.left,
        "cost_usd": state.spent.known,
        "cost_unknown": state.spent.unknown,
        "reused_usd": state.spent.reused_usd,
        "up_usd": state.spent.up_usd,
        "judging_usd": state.judging.known,
        "created": state.head.created,
        "path": state.path,
    }
