"""Scores as columns over the cases that all runs share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from columns import cases
from graded_runs import graded_run
from settled import wait_until_settled

from medbench.errors import RecordError
from medbench.schema.score import Score
from medbench.steps.reading.score_columns import ScoreTable, cases_of, score_table_of
from medbench.store.benchmark import REFERENCES, BenchmarkFolder
from medbench.store.jsonl import write_records
from medbench.store.runs import SCORES, RunFolder


@pytest.fixture
def run(bench: BenchmarkFolder, tmp_path: Path) -> RunFolder:
    """A run on a benchmark of six cases."""
    return graded_run(tmp_path / "runs/bench/a", bench, "ggoo--")


def _score(case: str, replicate: int = 0, failure: str | None = None, **scores: float | None) -> Score:
    return Score(
        case_id=case,
        replicate=replicate,
        failure=failure,
        parser="p",
        scores=scores,
        strata={"region": "Head"},
    )


def test_repeats_are_summed_and_a_missing_number_is_none(run: RunFolder) -> None:
    """The mean is over the outputs that have a number; NaN where none has, 0 where the number is 0."""
    write_records(
        run.path / SCORES,
        [
            _score("case-000", m=0.5),
            _score("case-000", 1, m=1.0),
            _score("case-001", m=None, other=2.0),
            _score("case-002", m=0.0),
            _score("elsewhere", m=9.0),
        ],
    )
    table = score_table_of(run, cases_of([run]))
    assert table.means("m").tolist()[:1] == [0.75]
    assert table.means("m")[2] == 0.0
    assert np.isnan(table.means("m")).tolist() == [False, True, False, True, True, True]
    assert table.outputs.tolist() == [2, 1, 1, 0, 0, 0]
    assert set(table.sums) == {"m", "other"}, "a case that is not compared is passed over"


def test_each_repeat_that_failed_is_counted(run: RunFolder) -> None:
    """A repeat that failed is a failure also of a case that has a text."""
    write_records(
        run.path / SCORES,
        [
            _score("case-000", failure="timeout"),
            _score("case-000", 1, m=1.0),
            _score("case-001", failure="timeout"),
            _score("case-001", 1, failure="blocked"),
        ],
    )
    table = score_table_of(run, cases_of([run]))
    assert table.failures == {"timeout": 2, "blocked": 1}
    assert table.outputs.tolist()[:2] == [1, 0]


def test_cases_are_those_of_the_benchmark_in_its_order(run: RunFolder) -> None:
    """Whether or not they were run; with strata and a topic of each."""
    found = cases_of([run])
    assert found.ids == tuple(f"case-{n:03d}" for n in range(6))
    assert len(found) == 6
    assert [found.index[name] for name in found.ids] == list(range(6))
    assert len(set(found.topics.tolist())) == 6
    assert found.strata["region"][:3] == ("Head", "Thorax", "Abdomen")


def test_cases_are_read_once_for_the_runs_of_a_benchmark(
    run: RunFolder,
    bench: BenchmarkFolder,
    write_benchmark: Callable[..., BenchmarkFolder],
    tmp_path: Path,
) -> None:
    """And again where it, or a benchmark of another length in its place, is written anew."""
    other = graded_run(tmp_path / "runs/bench/other", bench, "gg")
    wait_until_settled(bench.path)
    assert cases_of([run]) is cases_of([other]) is cases_of([run, other])
    shutil.rmtree(bench.path)
    longer = graded_run(tmp_path / "runs/longer/b", write_benchmark(bench.path, 8), "g")
    assert len(cases_of([longer])) == 8
    references = bench.path / REFERENCES
    references.write_bytes(references.read_bytes() + b"\n")
    assert cases_of([longer]).ids == (), "of a changed benchmark the scores are taken, and there are none"


def test_two_benchmarks_share_the_cases_that_are_the_same(
    run: RunFolder, write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """By images, history and reference; in the order of the first."""
    larger = graded_run(tmp_path / "runs/larger/b", write_benchmark(tmp_path / "larger", 8), "g")
    assert cases_of([run, larger]).ids == cases_of([larger, run]).ids == cases_of([run]).ids


def test_scores_stand_for_a_benchmark_that_is_gone(run: RunFolder, bench: BenchmarkFolder) -> None:
    """Each case is a topic; a broken head is an error and no missing benchmark."""
    write_records(run.path / SCORES, [_score("case-004"), _score("case-001"), _score("case-004", 1)])
    head = bench.path / "benchmark.json"
    kept = head.read_bytes()
    head.write_bytes(b"{}")
    with pytest.raises(RecordError):
        cases_of([run])
    head.write_bytes(kept)
    shutil.rmtree(bench.path)
    found = cases_of([run])
    assert found.ids == ("case-004", "case-001")
    assert found.topics.tolist() == [1, 0], "by name, as where a run is scored"
    assert found.strata == {"region": ("Head", "Head")}


def test_an_empty_table_has_no_metric() -> None:
    """A run without scores has columns of nothing."""
    table = ScoreTable(cases(3), outputs=np.zeros(3))
    assert (table.sums, table.failures) == ({}, {})
    with pytest.raises(KeyError):
        table.means("m")
