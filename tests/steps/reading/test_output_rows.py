"""A row for each output: what failed, what is missing, who graded it how."""

from __future__ import annotations

import shutil
from pathlib import Path

from graded_runs import graded_run, verdict

from medbench.schema.score import Score
from medbench.steps.reading.output_grades import RowGrade
from medbench.steps.reading.output_rows import OutputRow, OutputRows
from medbench.steps.reading.raters import raters_of
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import SCORES, RunFolder


def _rows(run: RunFolder) -> list[OutputRow]:
    Rescorer().rescore(run)
    return list(OutputRows(run, raters_of([run])))


def test_there_is_a_row_for_each_output_that_was_asked_for(tmp_path: Path, bench: BenchmarkFolder) -> None:
    """Cases come in the benchmark's order, replicates within; what was not run is a row, too."""
    rows = _rows(graded_run(tmp_path / "runs/bench/a", bench, "gpx-", replicates=2))
    cases = [case.case_id for case in bench.cases()]
    assert [(row.case_id, row.replicate) for row in rows] == [(case, n) for case in cases for n in (0, 1)]
    assert [row.failure for row in rows] == [None, None, "timeout", None, *["not run"] * 8]
    assert [row.score is None for row in rows] == [False] * 4 + [True] * 8
    assert all(set(row.strata) == {"region", "modality", "images", "reference"} for row in rows)


def test_each_rater_has_its_own_grade(tmp_path: Path, bench: BenchmarkFolder) -> None:
    """Judge, reviewer and rules stand beside each other; a verdict that failed is not a grade."""
    more = [verdict("case-001", "o", "reviewer:ada", kind="reviewer")]
    rows = _rows(graded_run(tmp_path / "runs/bench/a", bench, "gpt-", more=more))
    assert rows[0].grades["judge-1"] == RowGrade("good", key_finding=True)
    assert rows[1].grades["judge-1"] == RowGrade("partial", key_finding=False)
    assert rows[1].grades["reviewer:ada"] == RowGrade("poor", key_finding=False)
    assert rows[2].grades["judge-1"] == RowGrade(None, key_finding=None)
    assert "judge-1" not in rows[3].grades
    assert {row.grades["rules"].grade for row in rows[:4]} <= {"good", "partial", "poor"}
    assert rows[4].grades == {}


def test_of_several_gradings_the_median_counts(tmp_path: Path, bench: BenchmarkFolder) -> None:
    """Judge replicates become one grade, the lower of two; the first verdict of a replicate stands."""
    more = [
        verdict("case-000", "o", "judge-1", judge_replicate=1),
        verdict("case-001", "o", "judge-1", judge_replicate=1),
        verdict("case-001", "o", "judge-1", judge_replicate=2),
        verdict("case-002", "o", "judge-1"),
    ]
    rows = _rows(graded_run(tmp_path / "runs/bench/a", bench, "ggg", more=more))
    assert [row.grades["judge-1"].grade for row in rows[:3]] == ["poor", "poor", "good"]


def test_the_fallback_counts_where_the_judge_gave_none(tmp_path: Path, bench: BenchmarkFolder) -> None:
    """A case that only the fallback could grade has its grade; elsewhere the judge's counts."""
    by_fallback = [
        verdict(case, "o", "judge-1").model_copy(update={"by_fallback": True})
        for case in ("case-000", "case-001")
    ]
    rows = _rows(graded_run(tmp_path / "runs/bench/a", bench, "gt", more=by_fallback))
    assert [row.grades["judge-1"].grade for row in rows[:2]] == ["good", "poor"]


def test_rows_remain_when_the_benchmark_is_gone(tmp_path: Path, bench: BenchmarkFolder) -> None:
    """The scores stand for it: the same outputs, without those that were not run."""
    run = graded_run(tmp_path / "runs/bench/a", bench, "gpx")
    before = [row for row in _rows(run) if row.failure != "not run"]
    shutil.rmtree(bench.path)
    after = list(OutputRows(run))
    assert sorted(row.case_id for row in after) == sorted(row.case_id for row in before)
    assert {row.case_id: row.failure for row in after} == {row.case_id: row.failure for row in before}


def test_the_numbers_are_those_of_the_scores(tmp_path: Path, bench: BenchmarkFolder) -> None:
    """Each row has the line of scores.jsonl of its case and replicate."""
    run = graded_run(tmp_path / "runs/bench/a", bench, "gpxog", replicates=2)
    rows = {(row.case_id, row.replicate): row.score for row in _rows(run) if row.score}
    scores = {(score.case_id, score.replicate): score for score in read_records(run.path / SCORES, Score)}
    assert rows == scores
    assert len(rows) == 5
