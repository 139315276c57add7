"""Batches in a folder, which another program answers: `vllm run-batch` here is a few lines of the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from batch_server import says, tokens_of, words_in
from batch_world import BatchWorld, batched_system

from medbench.errors import UsageError
from medbench.store.benchmark import BenchmarkFolder


def _answer(folder: Path, *, only: int | None = None) -> None:
    """Answer every file of requests, in their order, as vLLM writes it."""
    for requests in folder.glob("*.jsonl"):
        if requests.name.endswith(".out.jsonl"):
            continue
        lines = []
        for line in map(json.loads, requests.read_text().splitlines()[:only]):
            text, images = words_in(line["body"])
            body: dict[str, Any] = {
                "model": line["body"]["model"],
                "choices": [{"index": 0, "message": {"content": says(text)}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": tokens_of(text, images), "completion_tokens": 8},
            }
            response = {"status_code": 200, "request_id": "vllm-batch-1", "body": body}
            record = {"id": "vllm-1", "custom_id": line["custom_id"], "response": response, "error": None}
            lines.append(json.dumps(record) + "\n")
        requests.with_suffix(".out.jsonl").write_text("".join(lines))


@pytest.fixture
def world(bench: BenchmarkFolder, tmp_path: Path) -> BatchWorld:
    """Six cases, and a model whose batches lie in a folder."""
    folder = tmp_path / "the batches"
    return BatchWorld(bench, tmp_path / "runs", batched_system("batch-files", str(folder)))


def test_the_screen_says_what_answers_the_file(world: BatchWorld, tmp_path: Path) -> None:
    """And the same line collects it, once it is answered as a whole."""
    folder = tmp_path / "the batches"
    world.line()
    (requests,) = folder.glob("*.jsonl")
    line = f"vllm run-batch -i '{requests}' -o '{folder / requests.stem}.out.jsonl' --model med-1"
    assert world.said[-2] == f"a: batch {requests.stem}: 0 of 9 done; to answer it: {line}."
    first = json.loads(requests.read_text().splitlines()[1])
    assert (first["method"], first["url"], first["body"]["model"]) == (
        "POST",
        "/v1/chat/completions",
        "med-1",
    )
    _answer(folder, only=4)
    assert world.line().waiting == 1
    assert "4 of 9 done" in world.said[-1]
    _answer(folder)
    assert world.line().waiting == 0
    world.check_complete()


def test_a_batch_that_is_given_up_keeps_what_is_answered(world: BatchWorld, tmp_path: Path) -> None:
    """The rest is not run."""
    options = {"batch_then": "stop", "batch_deadline_h": 1.0}
    world.line(**options)
    _answer(tmp_path / "the batches", only=5)
    world.wait(hours=2)
    outcome = world.line(**options)
    assert outcome.waiting == 0
    assert 0 < outcome.run.left < 6
    assert "(cancelled, 5 of 9 done)" in world.said[-2]
    assert f"{outcome.run.left} calls are not asked any more" in world.said[-1]


def test_a_file_that_is_gone_ends_its_batch(world: BatchWorld, tmp_path: Path) -> None:
    """Its requests are not run, and sent again by the next line."""
    world.line()
    for path in (tmp_path / "the batches").iterdir():
        path.unlink()
    outcome = world.line()
    assert (outcome.waiting, outcome.run.left) == (0, 6)
    assert "is gone" in world.said[-1]
    assert world.line().waiting == 1


def test_one_by_one_it_is_refused_before_a_run_begins(world: BatchWorld, tmp_path: Path) -> None:
    """The message says what to type, and no folder is there; what was sent before is collected without it."""
    with pytest.raises(UsageError, match="'a' answers files of requests only") as caught:
        world.line(batch=False)
    assert caught.value.hint == "the same line with --batch"
    assert not (tmp_path / "runs").exists()
    world.line()
    _answer(tmp_path / "the batches")
    world.line(batch=False)
    world.check_complete()


@pytest.mark.parametrize("url", [None, "http://localhost/v1"])
def test_it_needs_a_folder(bench: BenchmarkFolder, tmp_path: Path, url: str | None) -> None:
    """An address is none."""
    world = BatchWorld(bench, tmp_path / "runs", batched_system("batch-files", url))
    with pytest.raises(UsageError, match="folder"):
        world.line()
