"""Rows that are written one by one: the same as the table's, and none of them held."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graded_runs import graded_run

from medbench.api.exports.rows import row_lines
from medbench.api.tables import output_cells, output_table
from medbench.store.benchmark import BenchmarkFolder


def test_rows_one_by_one_are_those_of_the_table(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Of two runs, graded and not, complete and not: columns, order and values."""
    bench = write_benchmark(tmp_path / "bench", 6)
    runs = [
        graded_run(tmp_path / "runs/bench/a", bench, "ggoo--"),
        graded_run(tmp_path / "runs/bench/b", bench, "gpx", replicates=2),
    ]
    table = output_table(runs).rows
    columns, rows = output_cells(runs)
    assert iter(rows) is rows, "made when they are asked for"
    lines = list(row_lines(columns, rows, "jsonl"))
    assert list(columns) == list(table.kinds)
    assert lines == list(row_lines(table.kinds, table, "jsonl"))
    assert len(lines) == 6 + 12
