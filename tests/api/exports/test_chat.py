"""`mb.export_chat` writes what `export --chat` writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medbench as mb
from medbench.errors import MedbenchError, UsageError
from medbench.store.benchmark import BenchmarkFolder


@pytest.fixture
def beside(
    tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder with a benchmark that has a pool, and another one beside it whose cases are the pool's."""
    write_benchmark(tmp_path / "bench", 6, pool=3)
    write_benchmark(tmp_path / "other", 2, pool=0)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_writes_the_same_bytes_as_the_command(beside: Path, medbench: Callable[..., Any]) -> None:
    """File, images and record; what it says is what the command says."""
    said = medbench("export", "bench", "--chat", "hf", "-o", "typed.jsonl")
    result = mb.export_chat("bench", "hf", "called.jsonl")
    typed, called = ((beside / f"{name}.jsonl").read_text("utf-8") for name in ("typed", "called"))
    assert called == typed.replace("typed-images", "called-images")
    written = json.loads((beside / "called.record.json").read_text("utf-8"))
    assert written.items() >= result.to_dict().items()
    assert result.notes[0].replace("called", "typed") in said.words
    assert [one.name for one in result.record.apart_from] == ["bench", "other"]
    assert len(result) == len(result.to_frame("pandas")) == len(called.splitlines()) == 3
    assert "called.jsonl: 3 examples" in repr(result)


@pytest.mark.parametrize("apart", ["other", ["other"], "other,bench"])
def test_what_it_is_apart_from_is_named_in_each_way(beside: Path, apart: str | list[str]) -> None:
    """By one name, a list, or as the command line takes it; a benchmark that was opened, too."""
    assert beside.is_dir()
    named = mb.export_chat(mb.benchmark("bench"), "hf", "a.jsonl", apart_from=apart)
    opened = mb.export_chat("bench", "hf", "b.jsonl", apart_from=[mb.benchmark("other")])
    assert {one.name for one in named.record.apart_from} == {"bench", "other"}
    assert named.record.apart_from == opened.record.apart_from or apart == "other,bench"


@pytest.mark.parametrize(
    ("chat", "more", "says"),
    [
        ("h5", {}, "chat"),
        ("vertex", {}, "Cloud Storage"),
        ("hf", {"prompt": "few-shot"}, "only a pipeline"),
        ("hf", {"apart_from": "nothing"}, "nothing"),
    ],
)
def test_what_cannot_be_exported_is_an_error_and_nothing_is_written(
    beside: Path, chat: Any, more: Any, says: str
) -> None:
    """The errors are those of the command."""
    with pytest.raises(MedbenchError, match=says) as caught:
        mb.export_chat("bench", chat, "train.jsonl", **more)
    assert isinstance(caught.value, UsageError)
    assert not list(beside.glob("train*"))
