"""`export --hf`: one number a task, whose notes hold n, interval and failures; ids and digests of cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from graded_runs import graded_run
from hypothesis import given
from hypothesis import strategies as st

from medbench.api.exports.hub_results import quoted
from medbench.store.benchmark import BenchmarkFolder


def hub_files(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Read the results below a folder back: name of the file to its entries, notes taken apart."""
    files = {}
    for path in sorted(folder.glob("models/*/*/.eval_results/*.yaml")):
        entries = yaml.safe_load(path.read_bytes())
        for entry in entries:
            entry["notes"] = dict(note.split("=", 1) for note in entry["notes"].split("; "))
        files[path.name] = entries
    return files


def test_what_failed_survives(many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]) -> None:
    """Number, n, interval and failures are those of `compare`; every task is one of eval.yaml."""
    graded_run(tmp_path / "runs/many/a", many, "gpot-x" * 6 + "ggox")
    graded_run(tmp_path / "runs/many/b", many, "g" * 39 + "x")
    said = medbench("export", "a", "b", "--hf", "--hub-dataset", "you/many", "-o", tmp_path / "hub")
    assert said.code == 0, said.err
    files = hub_files(tmp_path / "hub")
    assert list(files) == ["many.a.yaml", "many.b.yaml"]
    head = yaml.safe_load((tmp_path / "hub/dataset/eval.yaml").read_bytes())
    tasks = {task["id"] for task in head["tasks"]}
    assert head["name"] == "many"
    systems = json.loads(medbench("compare", "a", "b", "--json").out)["systems"]
    for system in systems:
        entries = files[f"many.{system['name']}.yaml"]
        assert {entry["dataset"]["task_id"] for entry in entries} <= tasks
        assert {entry["dataset"]["id"] for entry in entries} == {"you/many"}
        (good,) = (entry for entry in entries if entry["dataset"]["task_id"] == "good-by-judge-1")
        told, interval = good["notes"], system["graded"]["good"]["interval"]
        assert good["value"] == system["graded"]["good"]["mean"]
        assert (int(told["n"]), int(told["attempted"])) == (system["graded"]["good"]["n"], system["wanted"])
        assert told["interval_95"].startswith(f"{interval['low']:.4f} to {interval['high']:.4f}")
        assert json.loads(told["failed_by_kind"]) == system["failures"]
        assert int(told["n"]) + int(told["without_value"]) == system["wanted"]
        assert told["benchmark_sha256"] == many.head.digest


def test_numbers_of_a_part_are_named(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """The Hub shows a value alone: what rests on a few outputs is said when it is written."""
    graded_run(tmp_path / "runs/many/a", many, "g" * 6 + "-" * 34)
    graded_run(tmp_path / "runs/many/b", many, "g" * 39 + "x")
    line = ("--hf", "--hub-dataset", "you/many", "-o", tmp_path / "hub")
    said = medbench("export", "a", "b", *line)
    assert "a: good-by-judge-1 rests on 6 of 40 outputs." in said.words
    assert "a: finding.f1" not in said.words, "that is of all"
    assert " b: " not in said.words
    assert "take these out, or complete them." in said.words
    assert "The Hub shows" not in medbench("export", "b", *line).words


def test_the_data_set_has_ids_and_digests(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """No word of a case or reference is in any file."""
    graded_run(tmp_path / "runs/many/a", many, "g" * 40)
    assert medbench("export", "a", "--hf", "--hub-dataset", "you/many", "-o", tmp_path / "hub").code == 0
    lines = (tmp_path / "hub/dataset/cases.jsonl").read_text().splitlines()
    assert [json.loads(line)["case_id"] for line in lines] == [case.case_id for case in many.cases()]
    written = "".join(path.read_text() for path in (tmp_path / "hub").rglob("*") if path.is_file())
    for case, reference in zip(many.cases(), many.references(), strict=True):
        assert reference.text not in written
        assert not case.history or case.history not in written
        assert case.images[0].sha256 in written


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "--hub-dataset OWNER/NAME"),
        (["--hub-dataset", "many"], "'many' is not an id of a data set at the Hub"),
        (["--hub-dataset", "../x/y"], "'../x/y' is not an id"),
    ],
)
def test_a_data_set_of_the_hub_is_named(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any], more: list[str], said: str
) -> None:
    """Nothing is made up: without an id it says what to type."""
    graded_run(tmp_path / "runs/many/a", many, "g" * 40)
    answer = medbench("export", "a", "--hf", *more, "-o", tmp_path / "hub")
    assert answer.code == 2
    assert said in answer.err
    assert not (tmp_path / "hub").exists()


@pytest.mark.parametrize("names", [("a", "a"), ("a", "A")])
def test_no_run_is_written_over_another(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any], names: tuple[str, str]
) -> None:
    """Runs of one name, or of names that some disks cannot hold apart, are refused before."""
    runs = [tmp_path / site / name for site, name in zip(("north", "south"), names, strict=True)]
    for run, grades in zip(runs, ("g" * 40, "g" * 20 + "p" * 20), strict=True):
        graded_run(run, many, grades)
    said = medbench("export", *runs, "--hf", "--hub-dataset", "you/many", "-o", tmp_path / "hub")
    assert (said.code, (tmp_path / "hub").exists()) == (2, False)
    assert all(str(run) in said.err for run in runs)
    for run in runs:
        folder = tmp_path / "hubs" / run.parent.name
        assert medbench("export", run, "--hf", "--hub-dataset", "you/many", "-o", folder).code == 0
    shares = [
        next(iter(hub_files(tmp_path / "hubs" / site).values()))[0]["value"] for site in ("north", "south")
    ]
    assert shares == [1.0, 0.5]


def test_baselines_are_no_models_of_the_hub(tmp_path: Path, medbench: Callable[..., Any]) -> None:
    """They have no repository; alone they are refused."""
    assert medbench("run", "phantom-40", "-m", "baseline-normal").code == 0
    said = medbench("export", "baseline-normal", "--hf", "--hub-dataset", "a/b", "-o", tmp_path / "hub")
    assert said.code == 2
    assert "these are baselines" in said.err


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_yaml_reads_every_text_as_it_was(text: str) -> None:
    """Quotes, colons, tags, control characters, emoji, marks of direction."""
    assert yaml.safe_load(f"- notes: {quoted(text)}\n  a: 1\n") == [{"notes": text, "a": 1}]
    assert quoted(text).isascii()
    assert quoted(text).isprintable()
