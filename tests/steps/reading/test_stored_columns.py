"""Columns beside scores: the same table as from the records, and never one that the records do not give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from graded_runs import graded_run

from medbench.schema.score import Score
from medbench.steps.compare.compare import compare_runs
from medbench.steps.reading import stored_columns
from medbench.steps.reading.score_columns import Cases, cases_of, score_table, score_table_of
from medbench.steps.reading.stored_columns import columns_of
from medbench.steps.rescore import tally
from medbench.steps.rescore.rescore import Rescorer
from medbench.steps.verify.verify import verify_run
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.columns import COLUMNS, Columns
from medbench.store.jsonl import read_records, write_one, write_records
from medbench.store.runs import SCORES, SUMMARY, RunFolder
from medbench.store.summary import summary_of


@pytest.fixture
def bench(write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path) -> BenchmarkFolder:
    """Write a benchmark of six cases."""
    return write_benchmark(tmp_path / "bench", 6)


@pytest.fixture
def run(bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run that is large enough for columns."""
    monkeypatch.setattr(tally, "FEWEST", 3)
    monkeypatch.setattr(stored_columns, "FEWEST", 3)
    made = graded_run(tmp_path / "runs/bench/a", bench, "ggoo--")
    Rescorer().rescore(made)
    return made


def test_the_table_is_that_of_the_records(run: RunFolder) -> None:
    """Every sum and count, the outputs and the failures; also of some of the cases, in another order."""
    for cases in (cases_of([run]), _some(run)):
        table = score_table_of(run, cases)
        wanted = score_table(read_records(run.path / SCORES, Score), cases)
        assert not isinstance(table.sums, dict), "read from the columns"
        assert set(table.sums) == set(wanted.sums)
        for metric in wanted.sums:
            np.testing.assert_array_equal(table.sums[metric], wanted.sums[metric])
            np.testing.assert_array_equal(table.counts[metric], wanted.counts[metric])
            np.testing.assert_array_equal(table.means(metric), wanted.means(metric))
        assert (table.outputs.tolist(), table.failures) == (wanted.outputs.tolist(), wanted.failures)


def _some(run: RunFolder) -> Cases:
    whole = cases_of([run])
    ids = (whole.ids[4], whole.ids[0], "elsewhere")
    return Cases(ids, {name: place for place, name in enumerate(ids)}, np.arange(3), {})


def test_a_comparison_is_the_same_without_the_columns(run: RunFolder) -> None:
    """To the last digit."""
    with_columns = compare_runs([run])
    (run.path / COLUMNS).unlink()
    assert compare_runs([run]) == with_columns
    assert (run.path / COLUMNS).is_file(), "made again"


def test_columns_that_were_changed_are_made_anew(run: RunFolder) -> None:
    """A number in them that the records do not have reaches no table."""
    path, before = run.path / COLUMNS, score_table_of(run, cases_of([run])).means("finding.f1")
    kept = path.read_bytes()
    with np.load(path) as file:
        changed = {
            name: np.ones_like(file[name]) if name.startswith("metric") else file[name] for name in file.files
        }
    np.savez(path, **changed)
    np.testing.assert_array_equal(score_table_of(run, cases_of([run])).means("finding.f1"), before)
    assert path.read_bytes() == kept


def test_scores_that_are_not_those_of_the_summary_are_read_themselves(run: RunFolder) -> None:
    """The columns then are of other scores, however well they fit their summary."""
    scores = [
        score.model_copy(update={"scores": {"finding.f1": 1.0}})
        for score in read_records(run.path / SCORES, Score)
    ]
    write_records(run.path / SCORES, scores)
    assert columns_of(run) is None
    assert np.nanmean(score_table_of(run, cases_of([run])).means("finding.f1")) == 1.0


def test_a_folder_that_cannot_be_written_is_read_all_the_same(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading needs no right to write."""
    (run.path / COLUMNS).unlink()

    def refused(*_: object) -> None:
        raise PermissionError(13, "refused")

    monkeypatch.setattr(Columns, "write", refused)
    found = columns_of(run)
    assert found is not None
    assert not (run.path / COLUMNS).exists()


def test_few_outputs_have_no_columns(
    bench: BenchmarkFolder, tmp_path: Path, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does their summary speak of any; scoring again with fewer outputs needs none either."""
    monkeypatch.undo()
    small = graded_run(tmp_path / "runs/bench/b", bench, "ggoo--")
    assert "columns" not in Rescorer().rescore(small).model_dump_json()
    assert not (small.path / COLUMNS).exists()
    assert columns_of(small) is None


def test_verify_measures_columns_again(run: RunFolder) -> None:
    """A summary whose digest of them is another one does not hold."""
    assert not any("other numbers" in problem for problem in verify_run(run).problems)
    summary = summary_of(run)
    assert summary is not None
    write_one(run.path / SUMMARY, summary.model_copy(update={"columns": "0" * 64}))
    assert any("other numbers" in problem for problem in verify_run(run).problems)
    assert columns_of(run) is None
