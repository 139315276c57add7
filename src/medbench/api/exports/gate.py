"""Decide if a run is worse than another by more than is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.api.arguments import check_number
from medbench.api.frames import Rows, same_named
from medbench.api.result import RecordResult
from medbench.api.runs import open_runs, runs_to_read
from medbench.api.tables import interval_cells
from medbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.api.benchmarks import BenchmarkName
    from medbench.api.runs import RunName
    from medbench.report.blocks import Block
    from medbench.schema.results.gate import Gate, GateOutcome
    from medbench.store.runs import RunFolder


class GateResult(RecordResult):
    """The answer of a gate. `record` has every number; its frame has one row."""

    record: Gate

    @property
    def outcome(self) -> GateOutcome:
        """'pass', 'fail' or 'undecided'."""
        return self.record.outcome

    def __repr__(self) -> str:
        return f"<GateResult {self.outcome}: {self.record.run} against {self.record.against}>"

    def _rows(self) -> Rows:
        record = self.record
        cells = same_named(_GATE_COLUMNS, record) | interval_cells(record.interval)
        return Rows(_GATE_COLUMNS, [cells])

    def _blocks(self) -> Iterator[Block]:
        from medbench.report.compare.gate import gate_screen

        yield from gate_screen(self.record)


def gate(
    run: RunName,
    against: RunName,
    *,
    max_drop: float = 5,
    coverage: float = 0.95,
    judge: str | None = None,
    benchmark: BenchmarkName | None = None,
) -> GateResult:
    """Decide if a run is worse than another by more than is allowed, by the interval of `compare`.

    It passes where the whole interval of the paired difference is above the drop that is allowed, fails where
    all of it is below, and is undecided otherwise, or where too few cases have both.

    Args:
        run: The run that is to pass.
        against: The run that it is held against.
        max_drop: The largest drop that is allowed, in points of 100.
        coverage: Share of the wanted cases that must have both, from 0 to 1.
        judge: The rater that counts, as for `compare`.
        benchmark: Where the runs' benchmark lies now, if it was moved.

    Raises:
        UsageError: A name leads to no run or to several, both to one run, or one of them to a baseline.
        InputError: The runs are on different benchmarks, or were scored or graded in different ways.
    """
    from medbench.steps.compare.compare import compare_runs
    from medbench.steps.compare.gate import gate as answer
    from medbench.steps.compare.inputs import CompareOptions

    check_number("max_drop", max_drop, 0)
    check_number("coverage", coverage, 0, 1)
    both = [*_one_run(against), *_one_run(run)]
    if both[0].path.resolve() == both[1].path.resolve():
        raise UsageError(f"'{run}' is held against itself.", "name two runs; medbench show lists them")
    options = CompareOptions(judge=judge, min_coverage=coverage)
    with runs_to_read(both, benchmark) as folders:
        comparison = compare_runs(folders, None, options)
    return GateResult(answer(comparison, max_drop / 100, coverage))


def _one_run(name: RunName) -> list[RunFolder]:
    found = open_runs(name)
    if len(found) != 1:
        listed = ", ".join(one.name for one in found[:4])
        raise UsageError(f"'{name}' holds {len(found)} runs: {listed}.", f"name one of them: {found[0].path}")
    return found


_GATE_COLUMNS = {
    "outcome": str,
    "run": str,
    "against": str,
    "metric": str,
    "max_drop": float,
    "difference": float,
    "low": float,
    "high": float,
    "n": int,
    "wanted": int,
    "coverage": float,
    "cases_needed": int,
    "interval": str,
    "approximate": str,
}
