"""Lines of batches with a value of the wrong type in any place: an answer or a failure, never a crash.

A line that crashed would crash each line that is typed after it, and the batch could never be collected.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gemini_server import KEY, SWITCHES

from medbench.images.recorded import Pictures
from medbench.providers import BatchAnswer, Batches
from medbench.providers.batch_files import Provider as Folder
from medbench.providers.gemini import Provider as Gemini
from medbench.schema.model import ModelFile

WRONG: tuple[Any, ...] = (
    None, True, 7, -1, 0.5, 1e300, 10**40, "x", "", "\ud800", [], ["x"], [None], {}, {"a": 1}, {"": [[]]},
)  # fmt: skip
COMPLETION = {
    "choices": [{"message": {"content": [{"type": "text", "text": "A mass."}]}, "finish_reason": "stop"}],
    "model": "m",
    "usage": {
        "prompt_tokens": 5,
        "completion_tokens": 3,
        "total_tokens": 8,
        "completion_tokens_details": {"reasoning_tokens": 1},
    },
}
CONTENT = {
    "candidates": [
        {"content": {"role": "model", "parts": [{"text": "A mass."}]}, "finishReason": "STOP", "index": 0}
    ],
    "usageMetadata": {
        "promptTokenCount": 5,
        "candidatesTokenCount": 3,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 5}],
    },
    "modelVersion": "g",
    "responseId": "r",
}
NAMED = {"labels": {"medbench_key": "k"}}
LINES: dict[str, tuple[dict[str, Any], ...]] = {
    "openai": (
        {"custom_id": "k", "response": {"status_code": 200, "body": COMPLETION}, "error": None},
        {"custom_id": "k", "response": {"status_code": 400, "body": {"error": {"message": "no"}}}},
        {"custom_id": "k", "response": None, "error": {"code": "server_error", "message": "no"}},
    ),
    "gemini": (
        {"key": "k", "response": CONTENT},
        {"key": "k", "error": {"code": 3, "message": "no", "status": "INVALID_ARGUMENT"}},
    ),
    "vertex": (
        {"request": NAMED, "status": "", "response": CONTENT},
        {"request": NAMED, "status": 'Bad Request: {"error": {"code": 400}}', "response": {}},
        {"instance": NAMED, "prediction": CONTENT},
    ),
}


@pytest.fixture
def batches(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Batches:
    """The batches of a service; nothing is asked."""
    for name in SWITCHES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MINE", KEY)
    pictures = Pictures(tmp_path)
    if request.param == "openai":
        return Folder(ModelFile(provider="batch-files", id="m", base_url="batches"), pictures).batches()
    cloud: dict[str, Any] = {"project": "p", "bucket": "gs://bucket/f"} if request.param == "vertex" else {}
    model = ModelFile(provider="gemini", id="g", base_url="http://g.test", key_env="MINE", **cloud)
    found = Gemini(model, pictures).batches()
    assert found is not None
    return found


def _places(value: object, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield from _places(part, (*place, key))


def _changed(line: dict[str, Any], place: tuple[Any, ...], wrong: Any) -> Any:
    if not place:
        return wrong
    made = copy.deepcopy(line)
    part: Any = made
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = wrong
    return made


@pytest.mark.parametrize(("batches", "service"), [(one, one) for one in LINES], indirect=["batches"])
def test_a_wrong_value_anywhere_is_no_crash(batches: Batches, service: str) -> None:
    """Whatever the service sends, a person can collect the rest of the batch."""
    for line in LINES[service]:
        assert batches.read(json.dumps(line).encode()).key == "k"
        for place in _places(line):
            for wrong in WRONG:
                answer = batches.read(json.dumps(_changed(line, place, wrong)).encode())
                assert isinstance(answer, BatchAnswer), (place, wrong)
                assert answer.reply is None or answer.error is None


@pytest.mark.parametrize("batches", ["openai"], indirect=True)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("500", "unavailable"),
        (500.0, "unavailable"),
        ("odd", "unavailable"),
        ("429", "rate_limit"),
    ],
)
def test_an_answer_beside_a_status_of_failure_does_not_count(
    batches: Batches, status: object, kind: str
) -> None:
    """Of whatever type the status is; a 200 in quotes is one, and none says nothing."""
    line = {"custom_id": "k", "response": {"status_code": status, "body": COMPLETION}}
    answer = batches.read(json.dumps(line).encode())
    assert answer.reply is None
    assert answer.error is not None
    assert answer.error.kind == kind
    for right in ("200", None):
        line = {"custom_id": "k", "response": {"status_code": right, "body": COMPLETION}}
        assert batches.read(json.dumps(line).encode()).reply is not None
