"""Runs: how they are named, their tables, what a failure looks like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import medbench as mb
from medbench.errors import UsageError
from medbench.schema.score import Score
from medbench.store.jsonl import read_records
from medbench.store.runs import SCORES, RunFolder


@pytest.mark.usefixtures("graded")
def test_without_names_all_runs_are_listed() -> None:
    """All runs of the folder of runs; where nothing was run yet there are none, and no error."""
    runs = mb.runs()
    assert [run.path for run in runs] == [Path("runs/bench/a"), Path("runs/bench/b")]
    assert runs.names == ["a", "b"]
    assert list(mb.runs(root="elsewhere")) == []
    assert len(mb.runs(root="elsewhere").to_frame()) == 0


def test_runs_are_named_in_many_ways(graded: list[RunFolder]) -> None:
    """Short names, long names, folders as text or Path, runs that were opened, and any of them in a list."""
    one = mb.runs("a")[0]
    for name in ("a", "bench/a", "runs/bench/a", Path("runs/bench/a"), graded[0].path, one, one.folder):
        assert [run.name for run in mb.runs(name)] == ["a"]
    assert mb.runs(["b", Path("runs/bench/a"), one]).names == ["b", "a"]
    for beside in ("listings", "experiments"):
        (graded[0].path.parent / beside / "x").mkdir(parents=True, exist_ok=True)
    everything = sorted(graded[0].path.parent.iterdir())
    assert mb.runs(everything).names == ["a", "b"]
    with pytest.raises(UsageError, match="no run is called"):
        mb.runs([str(path) for path in everything if path.name in {"listings", "experiments"}])
    assert mb.runs("bench").names == mb.runs(mb.runs()).names == ["a", "b"]


@pytest.mark.usefixtures("graded")
def test_wrong_names_are_answered_with_the_nearest() -> None:
    """A name that leads nowhere, an empty list, and a name that is not in a list of runs."""
    with pytest.raises(UsageError, match=r"no run is called 'c'"):
        mb.runs("c")
    with pytest.raises(UsageError, match=r"no run is named: \[\]"):
        mb.runs([])
    runs = mb.runs()
    with pytest.raises(UsageError, match="no run of these is called 'bb'"):
        runs["bb"]
    with pytest.raises(IndexError):
        runs[2]
    names: list[Any] = ["a", "bench/b", "c", runs[0]]
    assert [name in runs for name in names] == [True, True, False, True]
    assert [run.name for run in runs[1:]] == ["b"]


def test_a_name_that_two_benchmarks_have_is_not_guessed(graded: list[RunFolder], here: Path) -> None:
    """The long name tells them apart."""
    (here / "runs/other").mkdir()
    for file in graded[0].path.iterdir():
        (here / "runs/other/a").mkdir(exist_ok=True)
        (here / "runs/other/a" / file.name).write_bytes(file.read_bytes().replace(b'"bench"', b'"other"'))
    runs = mb.runs()
    with pytest.raises(UsageError, match="several runs are called 'a'"):
        runs["a"]
    assert runs["other/a"].path == runs["runs/other/a"].path == Path("runs/other/a")


def test_the_list_has_a_row_for_each_run(graded: list[RunFolder]) -> None:
    """What was wanted, what came, what failed; a number that is not known is missing."""
    frame = mb.runs().to_frame().set_index("run")
    assert frame.loc["a", ["wanted", "outputs", "failed", "left"]].tolist() == [6, 4, 1, 1]
    assert frame.loc["b", ["wanted", "outputs", "failed", "left"]].tolist() == [6, 6, 0, 0]
    assert json.loads(json.dumps(mb.runs().to_dict()))["runs"][0]["run"] == graded[0].name
    assert repr(mb.runs()) == "<RunList 2: a, b>"
    assert repr(mb.runs("a")[0]) == "<Run bench/a: 4 of 6 outputs, 1 failed>"


def test_a_run_has_a_row_for_each_output_that_was_wanted(graded: list[RunFolder]) -> None:
    """Failures and what was not run keep their rows, with every number missing and none of them 0."""
    frame = mb.runs("a")[0].to_frame().set_index("case_id")
    assert len(frame) == 6
    assert frame["failure"].tolist() == [None, None, None, "timeout", None, "not run"]
    assert frame.loc["case-003", "reason"] == "r"
    without = frame.loc[["case-003", "case-005"]]
    numbers = without.select_dtypes("number").drop(columns="replicate")
    assert numbers.shape[1] > 20
    assert numbers.isna().all().all()
    assert without[["text", "scored_text", "flags", "grade.judge-1", "grade.rules"]].isna().all().all()
    assert without["key_finding.judge-1"].isna().all()
    assert frame["region"].notna().all()
    assert graded[0].name in frame["run"].tolist()


def test_the_numbers_and_grades_of_a_row_are_those_on_the_disk(graded: list[RunFolder]) -> None:
    """Every metric of scores.jsonl has its column, each rater one for its grade."""
    frame = mb.runs("b")[0].to_frame().set_index("case_id")
    scores = {score.case_id: score for score in read_records(graded[1].path / SCORES, Score)}
    assert len(scores) == 6
    for case_id, score in scores.items():
        for metric, number in score.scores.items():
            value = frame.loc[case_id, metric]
            assert pd.isna(value) if number is None else value == number
        assert frame.loc[case_id, "text"].startswith("FINDINGS: A mass")
        assert frame.loc[case_id, "scored_text"] == score.scored
    assert frame["grade.judge-1"].tolist() == ["good", "good", "partial", "good", "partial", "poor"]
    assert frame["key_finding.judge-1"].tolist() == [True, True, False, True, False, False]


@pytest.mark.usefixtures("graded")
def test_the_rows_of_several_runs_are_one_table() -> None:
    """Runs stand below each other and are told apart by their name; both libraries hold the same."""
    outputs = mb.runs().outputs()
    assert len(outputs) == 12
    assert outputs.to_frame().groupby("run").size().to_dict() == {"a": 6, "b": 6}
    assert outputs.to_frame("polars").to_dicts() == outputs.to_dict()["rows"]


def test_estimates_have_their_interval_n_and_signature(graded: list[RunFolder]) -> None:
    """For each part and metric n and missing make up what was wanted; the signature is the run's."""
    run = mb.runs("a")[0]
    frame = run.estimates.to_frame()
    whole = frame[(frame.stratum == "all") & (frame.value == "all")].set_index("metric")
    assert (whole["n"] + whole["missing"] == 6).all()
    f1 = whole.loc["finding.f1"]
    assert (f1["n"], f1["missing"]) == (4, 2)
    assert f1["low"] <= f1["mean"] <= f1["high"]
    assert set(frame["signature"]) <= set(run.signatures.values())
    assert f1["signature"] == run.signatures["findings"]
    assert whole.loc["swap.finding.f1", "signature"] == run.signatures["controls"]
    assert set(frame["stratum"]) == {"all", "region", "modality", "images", "reference"}
    assert run.summary.system == graded[0].head.system.name


def test_a_run_is_plain_data_and_a_page(graded: list[RunFolder]) -> None:
    """`to_dict` can be written as JSON; a notebook gets a table; `print` shows what `medbench show` does."""
    run = mb.runs("a")[0]
    data = json.loads(json.dumps(run.to_dict(), allow_nan=False))
    assert (len(data["outputs"]), data["summary"]["wanted"], data["run"]["system"]["name"]) == (6, 6, "a")
    assert "<table>" in run._repr_html_()
    assert "outputs 4/6" in str(run)
    assert run.benchmark().name == "bench"
    assert run.system == graded[0].head.system


def test_a_hostile_text_stays_text(graded: list[RunFolder]) -> None:
    """What a model wrote is escaped where a notebook shows it, and whole in the frame."""
    attack = "FINDINGS: <script>alert(1)</script> A mass & <b>more</b>."
    outputs = graded[0].path / "outputs.jsonl"
    lines = [json.loads(line) for line in outputs.read_text("utf-8").splitlines()]
    lines[0]["text"] = attack
    outputs.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    run = mb.runs("a")[0]
    assert run.to_frame()["text"].iloc[0] == attack
    for page in (mb.runs().outputs()._repr_html_(), run._repr_html_()):
        assert "<script" not in page
        assert "<b>" not in page
    assert "&lt;script&gt;" in mb.runs().outputs()._repr_html_()
