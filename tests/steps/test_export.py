"""Findings of a run as data: on stdout or in a file, with RadLex ids of a table that the user supplies."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medbench as mb
from medbench.errors import InputError, UsageError
from medbench.schema.finding import FindingsLine
from medbench.steps.export import export_findings, read_radlex
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.runs import find_runs


@pytest.fixture(scope="module")
def free_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what `medbench run` makes, made once."""
    folder = tmp_path_factory.mktemp("free")
    mb.run(out=folder / "runs", progress=False)
    mb.rescore(folder / "runs/phantom-40", progress=False)
    return folder / "runs"


@pytest.fixture
def runs(tmp_path: Path, free_run: Path) -> None:
    """A copy of it in the folder of the test."""
    shutil.copytree(free_run, tmp_path / "runs")


@pytest.mark.usefixtures("runs")
def test_a_run_is_exported_and_read_back(medbench: Callable[..., Any], tmp_path: Path) -> None:
    """One line an output, each whole; the same to a file; the table adds ids for concepts and places."""
    table = tmp_path / "radlex.csv"
    table.write_text("liver,RID58,RID1\npleural effusion,RID34539,RID5\nbroken\n", "utf-8")
    said = medbench("export", "baseline-random", "--findings", "--radlex", table)
    lines = said.out.splitlines()
    assert (said.code, len(lines)) == (0, 40)
    records = [FindingsLine.from_line(line.encode(), "stdout") for line in lines]
    assert {record.system for record in records} == {"baseline-random"}
    found = [
        finding
        for record in records
        for pair in record.pairs
        for finding in (pair.reference, pair.output)
        if finding
    ]
    assert "RID58" in {rid for finding in found for rid in finding.places_radlex}
    assert any(finding.finding_model for finding in found)
    out = tmp_path / "findings.jsonl"
    assert medbench("export", "baseline-random", "--findings", "-o", out).code == 0
    assert len(out.read_text("utf-8").splitlines()) == 40
    (run,) = find_runs(["baseline-random"], tmp_path / "runs")
    assert [json.loads(line.to_line()) for line in export_findings(run, read_radlex(table))] == [
        json.loads(line) for line in lines
    ]


@pytest.mark.usefixtures("runs")
def test_scores_and_export_tell_the_same(medbench: Callable[..., Any], tmp_path: Path) -> None:
    """The counts in scores.jsonl are the pairs of the export."""
    (run,) = find_runs(["baseline-retrieval"], tmp_path / "runs")
    Rescorer().rescore(run)
    scores = {
        (score := json.loads(line))["case_id"]: score["scores"]
        for line in (run.path / "scores.jsonl").read_text("utf-8").splitlines()
    }
    for line in export_findings(run, {}):
        missed = [
            pair
            for pair in line.pairs
            if pair.outcome == "missed" and pair.reference and pair.reference.presence != "absent"
        ]
        assert len(missed) == scores[line.case_id]["finding.missed"]


@pytest.mark.usefixtures("runs")
def test_the_floors_are_seen_for_what_they_are(medbench: Callable[..., Any], tmp_path: Path) -> None:
    """A normal report is good on the 8 normal cases of 40 and nowhere else; a fixed abnormal one on few."""
    means = {}
    for run in find_runs(["phantom-40"], tmp_path / "runs"):
        metrics = json.loads((run.path / "summary.json").read_text("utf-8"))["everything"]["metrics"]
        means[run.name] = {
            name: metrics[name]["mean"] for name in ("rules.good", "rules.key_finding", "finding.f1")
        }
    assert means["baseline-normal"]["rules.good"] == means["baseline-normal"]["rules.key_finding"] == 8 / 40
    assert means["baseline-generic"]["rules.good"] <= 4 / 40
    best = max(means, key=lambda name: means[name]["finding.f1"])
    assert best == "baseline-retrieval"


@pytest.mark.parametrize("content", ["a,b\n", "", "name,RID\nx,Y1\n"])
def test_a_table_without_radlex_ids_is_refused(tmp_path: Path, content: str) -> None:
    """So that ids are not silently missing."""
    table = tmp_path / "t.csv"
    table.write_text(content, "utf-8")
    with pytest.raises(InputError, match="no RadLex id"):
        read_radlex(table)
    with pytest.raises(UsageError, match="is not there"):
        read_radlex(tmp_path / "absent.csv")
    with pytest.raises(InputError, match="is a folder; a file is wanted"):
        read_radlex(tmp_path)


@pytest.mark.usefixtures("runs")
def test_what_is_to_be_exported_has_to_be_said(medbench: Callable[..., Any]) -> None:
    """Neither a run without a kind of data nor a folder of several runs."""
    assert medbench("export", "baseline-normal").code == 2
    said = medbench("export", "runs/phantom-40", "--findings")
    assert said.code == 2
    assert "6 runs" in said.err


@pytest.mark.usefixtures("runs")
def test_a_case_is_shown_with_what_is_wrong_in_words(medbench: Callable[..., Any]) -> None:
    """Missed, invented and contradicted findings stand under each output."""
    said = medbench("show", "head-e04c9b")
    assert said.code == 0
    for word in ("key finding missed", "missed", "invented", "contradicted", "finding F1"):
        assert word in said.out, word
