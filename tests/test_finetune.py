"""The parts of tools/finetune that need no torch."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from medbench.api.benchmarks import benchmark

TOOL = Path(__file__).resolve().parents[1] / "tools" / "finetune" / "train.py"


@pytest.fixture
def train() -> ModuleType:
    """The script as a module."""
    if not TOOL.is_file():
        pytest.skip("needs the repository's tools/")
    spec = importlib.util.spec_from_file_location("train", TOOL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_export_is_read_as_trl_takes_it(
    train: ModuleType, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Question and answer apart, a place in the question for each image, and each image there."""
    (tmp_path / "out").mkdir()
    assert medbench("export", "phantom-40", "--chat", "hf", "-o", tmp_path / "out" / "train.jsonl").code == 0
    examples = train.examples(tmp_path / "out" / "train.jsonl")
    assert [example["completion"][0]["content"][0]["text"] for example in examples] == [
        example.text for example in benchmark("phantom-40").folder.pool
    ]
    for example in examples:
        places = [part for part in example["prompt"][0]["content"] if part == {"type": "image"}]
        assert len(places) == len(example["images"]) > 0
        assert all(Path(name).is_file() for name in example["images"])
        assert "assistant" not in json.dumps(example["prompt"])


def test_the_options_of_the_script(train: ModuleType) -> None:
    """A model, a file and a folder are enough; steps are for trying."""
    given = train.settings(["google/medgemma-1.5-4b-it", "train.jsonl", "tuned"])
    assert (given.model, given.file, given.out) == (
        "google/medgemma-1.5-4b-it",
        Path("train.jsonl"),
        Path("tuned"),
    )
    assert (given.steps, given.cpu) == (-1, False)
