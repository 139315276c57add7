"""A run that is incomplete or on another benchmark changes nothing of what others are compared by."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run, runs_beside_another, verdict

import medbench as mb
from medbench.api.judging_plan import runs_to_judge
from medbench.errors import InputError
from medbench.schema.results.comparison import Comparison
from medbench.schema.run import Output
from medbench.steps.compare import left_out
from medbench.steps.reading import stored_columns
from medbench.steps.rescore import tally
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records, write_one, write_records
from medbench.store.outputs import OutputIndex
from medbench.store.runs import HEAD, OUTPUTS, RunFolder

A, B = "g" * 12 + "o" * 8, "o" * 16 + "g" * 4


@pytest.fixture
def folder(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Two complete runs on twenty cases, graded by one judge."""
    monkeypatch.chdir(tmp_path)
    return runs_beside_another(tmp_path, write_benchmark, {"a": A, "c": B})


def _third(folder: Path, what: str) -> RunFolder:
    bench = mb.benchmark(folder.parent.parent / "twenty").folder
    path = folder / "b"
    if what == "foreign":
        return graded_run(path, mb.benchmark(folder.parent.parent / "other").folder, "g" * 20)
    if what == "other parser":
        run = graded_run(path, bench, "g" * 5 + "x" * 15)
        Rescorer("findings-1").rescore(run)
        return run
    if what == "changed judge":
        by = [verdict("case-000", "g", "judge-1").model_copy(update={"rater_digest": "b" * 64})]
        return graded_run(path, bench, "g" * 4 + "x" * 16, more=by)
    return graded_run(
        path,
        bench,
        {
            "partial": "g" * 18 + "x" * 2,
            "nothing": "x" * 20,
            "not judged": "-" * 20,
            "partly judged": "g" * 18 + "--",
        }[what],
        rater="judge-2" if what == "partly judged" else "judge-1",
    )


def _numbers(comparison: Comparison) -> dict[str, Any]:
    return comparison.model_dump(exclude={"notices", "rescored"})


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("partial", "18 of 20 cases answered, --min-coverage is 0.95"),
        ("nothing", "0 of 20 cases answered"),
        ("other parser", "5 of 20 cases answered"),
        ("changed judge", "4 of 20 cases answered"),
        ("not judged", "0 of 20 cases graded by a judge"),
        ("partly judged", "18 of 20 cases graded by a judge"),
        ("foreign", "it ran on 'other'"),
    ],
)
def test_the_numbers_of_the_others_are_the_same(folder: Path, what: str, why: str) -> None:
    """To the last byte, whether the benchmark's runs or its folder are named; the run is listed, and why."""
    alone = mb.compare().record
    run = _third(folder, what)
    for beside in (mb.compare().record, mb.compare("twenty").record, mb.compare(["a", "twenty"]).record):
        assert _numbers(beside) == _numbers(alone)
        (notice,) = [notice for notice in beside.notices if "is left out" in notice]
        assert why in notice
        assert notice.endswith("name it: medbench compare runs/twenty/a runs/twenty/c runs/twenty/b")
    if what == "foreign":
        (said,) = mb.compare(["twenty", run]).record.left_out.values()
        assert why in said
        with pytest.raises(InputError, match="cannot be compared"):
            mb.compare([run, "twenty"])
    elif what == "nothing":
        assert [*mb.compare(["twenty", run]).record.left_out.values()] == ["it has no answer"]
    elif what in {"partial", "not judged"}:
        named = mb.compare(["twenty", run]).record
        assert [row.name for row in named.systems] == ["a", "b", "c"]


def test_of_a_large_run_the_scores_tell_what_is_answered(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its outputs are read only where they changed since."""
    _third(folder, "partial")
    small = mb.compare().record
    monkeypatch.setattr(tally, "FEWEST", 3)
    monkeypatch.setattr(stored_columns, "FEWEST", 3)
    for run in mb.runs():
        Rescorer().rescore(run.folder)
    read: list[Path] = []

    def index(path: Path) -> OutputIndex:
        read.append(path)
        return OutputIndex(path)

    monkeypatch.setattr(left_out, "OutputIndex", index)
    large = mb.compare().record
    assert (large.notices, read) == (small.notices, [])
    write_records(folder / "b" / OUTPUTS, read_records(folder / "a" / OUTPUTS, Output))
    assert [row.name for row in mb.compare(offline=True).record.systems] == ["a", "b", "c"]
    assert [path.name for path in read] == ["b"]


def test_many_trials_are_left_out_in_one_sentence(folder: Path) -> None:
    """Each with why, the limit once; the line that takes one in has a place for its name."""
    _third(folder, "partial")
    bench = mb.benchmark(folder.parent.parent / "twenty").folder
    graded_run(folder / "d", bench, "g" * 3 + "x" * 17)
    graded_run(folder / "e", mb.benchmark(folder.parent.parent / "other").folder, "g" * 20)
    (notice,) = [one for one in mb.compare().record.notices if "left out" in one]
    assert notice.startswith("3 runs are left out: e (it ran on 'other' (")
    assert ")), b (18 of 20 cases answered), d (3 of 20 cases answered); --min-coverage is 0.95. " in notice
    assert notice.endswith("To compare one, name it: medbench compare runs/twenty/a runs/twenty/c RUN")


def test_of_two_runs_none_is_left_out(folder: Path) -> None:
    """An incomplete run is left out for the sake of others that can be compared without it."""
    shutil.rmtree(folder / "c")
    _third(folder, "partial")
    comparison = mb.compare().record
    assert [row.name for row in comparison.systems] == ["a", "b"]
    assert not [notice for notice in comparison.notices if "is left out" in notice]
    bench = mb.benchmark(folder.parent.parent / "twenty").folder
    graded_run(folder / "d", bench, "-" * 20)
    assert [row.name for row in mb.compare(min_coverage=0).record.systems] == ["a", "b", "d"]


def test_a_probe_is_no_competitor(folder: Path) -> None:
    """It is left out of its folder's comparison, with one sentence for all probes, unless it is named."""
    run = _third(folder, "partial")
    head = run.head.model_copy(
        update={"system": run.head.system.model_copy(update={"probe": "mirror", "pipeline": "single"})}
    )
    head = head.model_copy(update={"system_digest": head.system.digest})
    write_one(run.path / HEAD, head)
    compared = mb.compare(folder).record
    assert [row.name for row in compared.systems if not row.floor] == ["a", "c"]
    assert any(note.startswith("1 probe is left out") for note in compared.notices)
    judged = runs_to_judge(folder, all=False, notice=lambda _: None)
    assert [run.name for run in judged] == ["a", "c"]
    named = mb.compare([folder / "a", folder / "b"]).record
    assert "b" in [row.name for row in named.systems]
