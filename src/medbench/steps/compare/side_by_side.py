"""Runs side by side, each with the summary that fits it: all that the rows of a table rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.paths import told_apart
from medbench.schema.results.comparison import Comparison
from medbench.steps.compare.comparable import (
    check_benchmark,
    check_one_benchmark,
    check_one_method,
    floors_beside,
    fresh_summaries,
)
from medbench.steps.compare.rows import other_images, row_of
from medbench.store.seals import changed_grades

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from medbench.errors import MedbenchError
    from medbench.schema.results.system_row import SystemRow
    from medbench.schema.score import Summary
    from medbench.steps.compare.comparable import OnDisk
    from medbench.store.runs import RunFolder


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Runs side by side, each with a summary that fits it, by name."""

    named: Sequence[RunFolder]
    runs: dict[str, RunFolder]
    """The named ones, then the floors beside them."""
    summaries: dict[str, Summary]
    rows: dict[str, SystemRow]
    rescored: dict[str, str]
    notices: tuple[str, ...]
    forced: tuple[str, ...]
    failed: Mapping[Path, MedbenchError]
    """The runs that could not be scored and are left out, with the error of each."""

    @property
    def systems(self) -> list[str]:
        """The runs that are compared."""
        return [name for name, row in self.rows.items() if not row.floor]

    @property
    def floors(self) -> list[str]:
        """The baselines that they are read against."""
        return [name for name, row in self.rows.items() if row.floor]

    @property
    def rest_on_the_same(self) -> bool:
        """True if every row has an output for each of the same cases."""
        summaries = self.summaries.values()
        limits = {tuple(limit for limit, _ in summary.sessions) for summary in summaries}
        return len(limits) == 1 and all(summary.outputs == summary.wanted for summary in summaries)


def side_by_side(
    named: Sequence[RunFolder],
    parser: str | None,
    known: Mapping[Path, OnDisk],
    *,
    force: bool,
    passing_over: Collection[Path] | None = None,
) -> SideBySide:
    """Return runs and the floors beside them, scored again where they are stale; see `compare_runs`.

    Args:
        named: The runs.
        parser: Parser that all of them are to be scored with; None for the one each was scored with.
        known: Summaries as they are on the disk, by the path of the run; those of other runs are read.
        force: True to compare what cannot be, and say so.
        passing_over: Floors to leave out, beside all runs that cannot be scored; None to raise their errors.
    """
    forced = check_one_benchmark(named, force=force)
    notices = check_benchmark(named[0])
    floors = [run for run in floors_beside(named) if run.path not in (passing_over or ())]
    only_floors = all(run.head.system.is_floor for run in named)
    summaries, rescored, failed = fresh_summaries(
        named, floors, parser, known, passing_over=passing_over is not None
    )
    named = [run for run in named if run.path not in failed]
    runs = [*named, *(run for run in floors if run.path not in failed)]
    forced += check_one_method(runs, summaries, force=force)
    names = told_apart([run.path for run in runs])
    rows = {
        name: row_of(name, run, summary, floor=run.head.system.is_floor and not only_floors)
        for name, run, summary in zip(names, runs, summaries, strict=True)
    }
    return SideBySide(
        named=named,
        runs=dict(zip(names, runs, strict=True)),
        summaries=dict(zip(names, summaries, strict=True)),
        rows=rows,
        rescored=rescored,
        notices=(*notices, *changed_grades(runs), *other_images(runs)),
        forced=forced,
        failed=failed,
    )


def comparison_of(beside: SideBySide, systems: Sequence[str]) -> Comparison:
    """Return the comparison of these systems as far as their rows go."""
    benchmark, first = beside.named[0].head.benchmark, next(iter(beside.summaries.values()))
    return Comparison(
        benchmark=benchmark.name,
        benchmark_digest=benchmark.digest,
        cases=first.cases,
        parser=first.parser,
        signatures=first.signatures,
        systems=tuple(beside.rows[name] for name in systems),
        floors=tuple(beside.rows[name] for name in beside.floors),
        pairs=(),
        rescored=beside.rescored,
        notices=beside.notices,
        forced=beside.forced,
        swap_mixed=first.swap_mixed,
    )
