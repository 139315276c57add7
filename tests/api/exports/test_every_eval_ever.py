"""`export --every-eval-ever`: valid by the schema, and nothing that failed is lost on the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from graded_runs import graded_run
from hypothesis import given
from hypothesis import strategies as st

from medbench.api.exports.shared_run import folder_name, maker_and_name
from medbench.schema.run import Output
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records, write_records

SCHEMAS = Path(__file__).parents[2] / "fixtures/every_eval_ever"
"""The schemas 0.3.0 as the project publishes them, under its licence."""
Shared = tuple[dict[str, Any], list[dict[str, Any]]]


def _valid(record: dict[str, Any], name: str) -> dict[str, Any]:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    jsonschema.Draft7Validator(schema).validate(record)
    return record


def shared_records(folder: Path) -> Iterator[Shared]:
    """Read everything that was exported below a folder back; each record is valid by its schema."""
    for path in sorted(folder.glob("data/*/*/*/*.json")):
        record = _valid(json.loads(path.read_bytes()), "eval")
        told = record.get("detailed_evaluation_results")
        content = (folder / told["file_path"]).read_bytes() if told else b""
        assert not told or told["checksum"] == hashlib.sha256(content).hexdigest()
        samples = [_valid(json.loads(line), "instance_level_eval") for line in content.decode().splitlines()]
        assert len(samples) == (told["total_rows"] if told else 0)
        for sample in samples:
            assert sample["evaluation_id"] == record["evaluation_id"]
            assert sample["model_id"] == record["model_info"]["id"]
        yield record, samples


def test_what_was_graded_failed_and_never_asked_can_be_counted_again(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """Rates, numbers and lists of both files together are those of `compare`."""
    graded_run(tmp_path / "runs/many/a", many, "gpot-x" * 13 + "gg", replicates=2)
    said = medbench("export", "a", "--every-eval-ever", "-o", tmp_path / "shared")
    assert said.code == 0, said.err
    assert "1 run, 82 samples" in " ".join(said.err.split())
    ((record, samples),) = shared_records(tmp_path / "shared")
    (system,) = json.loads(medbench("compare", "a", "--json").out)["systems"]
    by_id = {one["evaluation_result_id"]: one for one in record["evaluation_results"]}
    (good_id,) = (one for one in by_id if one.endswith("#judge-1/good"))
    own = [sample for sample in samples if sample["evaluation_result_id"] == good_id]
    told = by_id[good_id]["score_details"]
    details = told["details"]
    assert sum(sample["evaluation"]["is_correct"] for sample in own) / len(own) == pytest.approx(
        told["score"]
    )
    assert told["score"] == pytest.approx(system["graded"]["good"]["mean"])
    interval = system["graded"]["good"]["interval"]
    assert told["uncertainty"]["confidence_interval"]["lower"] == interval["low"]
    assert (int(details["attempted"]), int(details["judged"])) == (system["wanted"], len(own))
    assert json.loads(details["failed_by_kind"]) == system["failures"] == {"timeout": 13}
    left_out = {
        (case, replicate): kind
        for kind, those in json.loads(details["left_out"]).items()
        for case, replicate in those
    }
    assert {kind: list(left_out.values()).count(kind) for kind in set(left_out.values())} == {
        "timeout": 13, "not graded": 26,
    }  # fmt: skip
    graded = {(sample["sample_id"], int(sample["metadata"]["replicate"])) for sample in own}
    assert not graded & left_out.keys()
    assert len(graded | left_out.keys()) == system["wanted"] == 80
    for grade in ("good", "partial", "poor"):
        assert [sample["metadata"]["grade"] for sample in own].count(grade) == int(details[grade])
    assert not any("rules" in sample["metadata"]["rater"] for sample in samples)


def test_a_second_export_replaces_the_first(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """A run has one file, and its samples beside it, however often it is exported."""
    run = graded_run(tmp_path / "runs/many/a", many, "gpot-x" * 6)
    for _ in range(2):
        assert medbench("export", "a", "--every-eval-ever", "-o", tmp_path / "shared").code == 0
    assert len([path for path in (tmp_path / "shared").rglob("*") if path.is_file()]) == 2
    (run.path / "verdicts.jsonl").unlink()
    assert medbench("export", "a", "--every-eval-ever", "-o", tmp_path / "shared").code == 0
    ((record, samples),) = shared_records(tmp_path / "shared")
    assert samples == []
    assert record["evaluation_results"]


def test_no_word_of_a_report_is_published(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """References and histories are told by their digest; drawn ones are nobody's secret."""
    graded_run(tmp_path / "runs/many/a", many, "gpo" * 13 + "g")
    assert medbench("export", "a", "--every-eval-ever", "-o", tmp_path / "shared").code == 0
    written = b"".join(path.read_bytes() for path in (tmp_path / "shared").rglob("*.json*"))
    for reference in many.references():
        assert reference.text.encode() not in written
    assert b"sha256:" in written


def test_line_separators_of_unicode_end_no_line(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """Readers that split at them find whole records, and the text as it was."""
    run = graded_run(tmp_path / "runs/many/a", many, "g" * 40)
    text = "a\u2028b\x85c\x0bd\x1c\x00\u202e\U0001f600"
    outputs = [
        one.model_copy(update={"text": text}) for one in read_records(run.path / "outputs.jsonl", Output)
    ]
    write_records(run.path / "outputs.jsonl", outputs)
    assert medbench("export", "a", "--every-eval-ever", "-o", tmp_path / "shared").code == 0
    ((_, samples),) = shared_records(tmp_path / "shared")
    assert {sample["output"]["raw"][0] for sample in samples} == {text}


def test_it_wants_a_folder(many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]) -> None:
    """Without one, or with a file, it says what to type."""
    graded_run(tmp_path / "runs/many/a", many, "g" * 40)
    said = medbench("export", "a", "--every-eval-ever")
    assert said.code == 2
    assert "medbench export a --every-eval-ever -o shared" in said.err
    (tmp_path / "file").touch()
    assert medbench("export", "a", "--every-eval-ever", "-o", tmp_path / "file").code == 2


@given(st.text(max_size=20) | st.sampled_from(["..", "CON", "nul.txt", "data", "a/../b", "C:\\x", ""]))
def test_a_name_becomes_one_folder(name: str) -> None:
    """Whatever a model or benchmark is called, it leads nowhere else."""
    part = folder_name(name)
    assert part not in {"", ".", "..", "data"}
    assert not set(part) & set('<>:"\\|?*/\x00\n')
    assert not part.endswith((".", " "))


@pytest.mark.parametrize(
    ("model", "family", "expected"),
    [
        ("google/medgemma-1.5-4b-it", "medgemma", ("google", "medgemma-1.5-4b-it")),
        ("gemini-3.8-flash", "gemini", ("google", "gemini-3.8-flash")),
        ("claude-opus-5-5", "claude", ("anthropic", "claude-opus-5-5")),
        ("publishers/google/models/gemini-2.5-pro", "gemini", ("google", "gemini-2.5-pro")),
        ("my-tuned", "other", ("unknown", "my-tuned")),
    ],
)
def test_who_made_a_model(model: str, family: str, expected: tuple[str, str]) -> None:
    """Its id says it, or its family does."""
    assert maker_and_name(model, family) == expected
