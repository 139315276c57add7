"""The cases of a benchmark while it is scored: the same facts, most of them on the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from medbench.scoring import findings
from medbench.steps.reading.case_facts import case_facts
from medbench.steps.rescore import case_table as module
from medbench.steps.rescore.case_table import CaseTable, facts_in, packed_findings
from medbench.store.benchmark import BenchmarkFolder


@pytest.mark.parametrize("most", [10, 9])
def test_the_facts_in_the_file_are_those_of_the_benchmark(
    write_benchmark: Callable[..., BenchmarkFolder],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
) -> None:
    """In its order, held in memory or read from the file or a copy of it; the file goes with the table."""
    monkeypatch.setattr(module, "MOST_REMEMBERED", most)
    bench = write_benchmark(tmp_path / "bench", 10)
    wanted = case_facts(bench)
    table = CaseTable(bench)
    content = Path(table.path).read_bytes()
    found = facts_in(table.path, table.index)
    assert isinstance(found, list) == (most == 10)
    assert [*found] == [*facts_in(content, table.index)] == [*wanted.values()]
    assert list(table) == list(wanted)
    for place, (case_id, facts) in enumerate(wanted.items()):
        assert found[table.place(case_id)] == found[place] == facts
        assert (table.strata(case_id), table.topic(case_id)) == (facts.strata, facts.topic)
    assert table.strata("case-000") is table.strata("case-006"), "cases with equal strata share them"
    assert "case-009" in table
    assert "elsewhere" not in table
    path = Path(table.path)
    del table
    assert not path.exists()


def test_packed_findingss_come_with_the_facts_once_they_are_in_the_file(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the code fails on a reference it is left as it is, and fails again where it is needed."""
    table = CaseTable(write_benchmark(tmp_path / "bench", 3))
    before = facts_in(table.path, table.index)
    references = [*table.references()]
    assert references == [facts.reference for facts in before]
    packed = [*map(packed_findings, references)]
    with monkeypatch.context() as patch:
        patch.setattr(findings, "pack", lambda text: {}[text])
        packed[1] = packed_findings(references[1])
    path = Path(table.path)
    table.add_findings(packed)
    assert not path.exists(), "another file takes its place"
    after = [*facts_in(table.path, table.index)]
    assert [facts.packed and facts.packed.findings for facts in after] == [packed[0], None, packed[2]]
    assert [facts.reference for facts in after] == references
    own = findings.measured(references[0], references[0])
    assert findings.measured("", references[0], packed[0]) == own
