"""`run --batch` with Gemini, by google-genai's own client: what the service does wrong ends right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from batch_world import BatchWorld, batched_system
from gemini_batch_server import GEMINI_URL, GeminiBatchServer

from medbench.errors import UsageError
from medbench.store.benchmark import BenchmarkFolder


def _gemini(**model: Any) -> Any:
    parts = {"id": "gemini-9-flash", "key_env": "GEMINI_BATCH_KEY", **model}
    return batched_system("gemini", GEMINI_URL, **parts)


@pytest.fixture
def gemini(bench: BenchmarkFolder, tmp_path: Path, gemini_batch_server: GeminiBatchServer) -> BatchWorld:
    """Six cases, and Gemini's batches in the network's place."""
    assert gemini_batch_server.batches == {}
    return BatchWorld(bench, tmp_path / "runs", _gemini())


def test_one_line_sends_and_the_same_line_collects(
    gemini: BatchWorld, gemini_batch_server: GeminiBatchServer
) -> None:
    """By file, under the run's name; settings stand where the API has them, and not where the SDK has."""
    assert gemini.line().waiting == 1
    (batch,) = gemini_batch_server.batches.values()
    assert batch["name"] == gemini.batches()[0].name
    check, line, *_ = gemini_batch_server.requests(batch)
    assert line["request"]["generationConfig"] == {"maxOutputTokens": 100}
    assert set(line) == {"key", "request"}
    assert [list(part) for part in line["request"]["contents"][0]["parts"]] == [["text"], ["inlineData"]]
    assert len(check["request"]["contents"][0]["parts"]) == 1
    assert gemini.line().waiting == 1
    assert "running" in gemini.said[-1]
    gemini_batch_server.end()
    outcome = gemini.line()
    assert (outcome.run.left, outcome.waiting) == (0, 0)
    gemini.check_complete()
    assert gemini_batch_server.live == []
    assert {one.latency_s for one in gemini.responses()} == {None}
    assert len(gemini_batch_server.batches) == 1


def test_a_failed_or_empty_batch_is_not_run(
    gemini: BatchWorld, gemini_batch_server: GeminiBatchServer
) -> None:
    """No file of responses: nothing was worked on, and the next line sends it."""
    gemini.line()
    (batch,) = gemini_batch_server.batches.values()
    batch["status"] = "failed"
    outcome = gemini.line()
    assert (outcome.run.left, outcome.open_failures) == (6, {})
    assert "(failed): 0 of 9 requests answered, 9 not worked on" in gemini.said[-1]


def test_settings_have_the_names_of_the_api(
    bench: BenchmarkFolder, tmp_path: Path, gemini_batch_server: GeminiBatchServer
) -> None:
    """Those that the SDK nests are nested; a schema stands in the field that batches answer rightly."""
    schema = {"type": "object", "properties": {"chest_tube": {"type": "string"}}}
    in_dialect = {
        "type": "OBJECT",
        "properties": {"chest_tube": {"type": "STRING"}},
        "propertyOrdering": ["chest_tube"],
    }
    settings = {
        "max_tokens": 9,
        "top_p": 0.5,
        "stop": ["."],
        "thinking_budget": 0,
        "media_resolution": "high",
        "system": "Be brief.",
        "response_schema": schema,
    }
    system = _gemini()
    changed = system.system.model_copy(update={"settings": settings})
    world = BatchWorld(bench, tmp_path / "runs", system.model_copy(update={"system": changed}))
    world.line(limit=1)
    (batch,) = gemini_batch_server.batches.values()
    requests = [line["request"] for line in gemini_batch_server.requests(batch)]
    (request,) = [one for one in requests if "systemInstruction" in one]
    assert request["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    assert request["generationConfig"] == {
        "maxOutputTokens": 9,
        "topP": 0.5,
        "stopSequences": ["."],
        "thinkingConfig": {"thinkingBudget": 0},
        "mediaResolution": "MEDIA_RESOLUTION_HIGH",
        "responseSchema": in_dialect,
        "responseMimeType": "application/json",
    }
    check = next(one for one in requests if "systemInstruction" not in one)
    assert "responseSchema" not in check["generationConfig"]


def test_batches_of_a_cloud_project_are_refused(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """They are read from buckets."""
    system = _gemini(key_env=None, project="p")
    world = BatchWorld(bench, tmp_path / "runs", system)
    with pytest.raises(UsageError, match="cannot be asked in batches"):
        world.line()
