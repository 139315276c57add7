"""`export --croissant`: every file by its digest, records that are there, a licence that somebody gave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medbench.store.benchmark import BenchmarkFolder, find_benchmark


def _described(text: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(text)
    assert record["@type"] == "sc:Dataset"
    assert record["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    assert record["@context"]["recordSet"] == "cr:recordSet"
    return record


@pytest.mark.parametrize("name", ["phantom-40", "phantom-200"])
def test_every_file_is_there_with_its_digest(name: str, medbench: Callable[..., Any]) -> None:
    """Files, records and columns are those of the folder; phantoms have the licence of medbench."""
    said = medbench("export", name, "--croissant")
    assert said.code == 0
    record, benchmark = _described(said.out), find_benchmark(name)
    files = {one["@id"]: one for one in record["distribution"]}
    for path, told in files.items():
        assert told["contentUrl"] == path
        assert hashlib.sha256((benchmark.path / path).read_bytes()).hexdigest() == told["sha256"]
    on_disk = {path.relative_to(benchmark.path).as_posix() for path in benchmark.path.rglob("*.*")}
    assert files.keys() == on_disk - {"benchmark.json"}
    assert record["license"] == "https://spdx.org/licenses/Apache-2.0.html"
    assert record["identifier"] == f"sha256:{benchmark.head.digest}"
    sets = {one["@id"]: one for one in record["recordSet"]}
    for kind in ("cases", "references"):
        lines = [json.loads(line) for line in (benchmark.path / f"{kind}.jsonl").read_text().splitlines()]
        for field in sets[kind]["field"]:
            assert field["source"]["fileObject"]["@id"] == f"{kind}.jsonl"
            assert all(field["source"]["extract"]["column"] in line for line in lines)
    assert len(sets["images"]["data"]) == benchmark.head.images
    assert {one["images/file"] for one in sets["images"]["data"]} <= files.keys()


def test_no_word_of_a_case_and_no_licence_that_nobody_gave(
    many: BenchmarkFolder, medbench: Callable[..., Any]
) -> None:
    """Cases of one's own have none until one is named; what else is missing is said."""
    said = medbench("export", many.path, "--croissant")
    record = _described(said.out)
    assert "license" not in record
    assert "add before you publish it: license, url, creator, datePublished" in " ".join(said.err.split())
    for reference in many.references():
        assert reference.text not in said.out
    again = medbench("export", many.path, "--croissant", "--license", "https://example.org/terms")
    assert _described(again.out)["license"] == "https://example.org/terms"


def test_what_was_left_out_is_counted(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """The cases that could not be drawn survive; so do the terms of a source, and a changed file stops it."""
    head = json.loads((many.path / "benchmark.json").read_text())
    head["left_out"] = {"too_short": 12}
    head["dataset"] = {"name": "MedPix 2.0", "source": "github.com/CHILab1/MedPix-2.0", "commit": "abc"}
    (many.path / "benchmark.json").write_text(json.dumps(head))
    file = many.path / "croissant.json"
    assert medbench("export", many.path, "--croissant", "-o", file).code == 0
    record = _described(file.read_text())
    assert "too_short 12" in record["description"]
    assert record["license"]["url"] == record["url"] == "https://github.com/CHILab1/MedPix-2.0"
    (many.path / "references.jsonl").write_bytes(b"")
    assert medbench("export", many.path, "--croissant").code == 1
