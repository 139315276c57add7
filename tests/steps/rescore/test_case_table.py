"""The cases of a benchmark while it is scored: the same facts, most of them on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from medbench.steps.reading.case_facts import case_facts
from medbench.steps.rescore import case_table as module
from medbench.steps.rescore.case_table import CaseTable, facts_in
from medbench.store.benchmark import BenchmarkFolder


def test_the_facts_in_the_file_are_those_of_the_benchmark(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its order, however many are written together; the file goes with the table."""
    monkeypatch.setattr(module, "_CHUNK", 4)
    bench = write_benchmark(tmp_path / "bench", 10)
    wanted = case_facts(bench)
    table = CaseTable(bench)
    found = facts_in(table.path)
    assert found == wanted
    assert list(found) == list(table) == list(wanted)
    for case_id, facts in wanted.items():
        assert (table.strata(case_id), table.topic(case_id)) == (facts.strata, facts.topic)
    assert table.strata("case-000") is table.strata("case-006"), "cases with equal strata share them"
    assert "case-009" in table
    assert "elsewhere" not in table
    path = Path(table.path)
    del table
    assert not path.exists()
