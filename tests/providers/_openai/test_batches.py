"""Lines of a batch's answers: what counts, what is a failure of which kind, and what nobody can read."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from medbench.errors import ProviderError
from medbench.providers import BatchAnswer, Batches
from medbench.schema.response import Request

BODY = {
    "model": "med-1",
    "choices": [{"index": 0, "message": {"content": "A mass."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 30, "completion_tokens": 3},
}
SECRET = "sk-0123456789abcdef0123456789"


def _batches(chat: Any) -> Any:
    return chat.provider(chat.model(), chat.pictures).batches()


@pytest.fixture
def batches(chat: Any, monkeypatch: pytest.MonkeyPatch) -> Batches:
    """The batches of a server that is asked with a key."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    found: Batches = _batches(chat)
    return found


def _line(**parts: Any) -> bytes:
    return json.dumps({"id": "r", "custom_id": "k", "error": None, "response": None, **parts}).encode()


def test_an_answer_has_its_key_and_its_tokens(batches: Batches) -> None:
    """OpenAI's lines and those of vLLM, which has no id of its own for a batch."""
    for more in ({"request_id": "req_1"}, {"request_id": "vllm-batch-1", "extra": {"a": 1}}):
        answer = batches.read(_line(response={"status_code": 200, "body": BODY, **more}))
        assert answer.key == "k"
        assert answer.error is None
        assert answer.reply is not None
        assert (answer.reply.text, answer.reply.usage.input, answer.reply.answered) == (
            "A mass.",
            30,
            "med-1",
        )


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"response": {"status_code": 400, "body": {"error": {"message": "invalid base64"}}}}, "bad_request"),
        ({"response": {"status_code": 429, "body": {"error": {"message": "slow down"}}}}, "rate_limit"),
        ({"response": {"status_code": 500, "body": None}, "error": {"message": "internal"}}, "unavailable"),
        ({"response": {"status_code": 400}, "error": "maximum context length is 10 tokens"}, "too_long"),
        ({"error": {"code": "server_error", "message": "try again later"}}, "unavailable"),
        ({"response": {"status_code": 200, "body": {"choices": []}}}, "unreadable"),
        ({"response": {"status_code": 200, "body": [1]}}, "unreadable"),
        ({"response": {"status_code": 200}}, "unreadable"),
        ({"response": "odd"}, "unreadable"),
    ],
)
def test_an_error_has_its_kind(batches: Batches, parts: dict[str, Any], kind: str) -> None:
    """Whether it stands in the body, beside it as vLLM writes it, or as no response at all."""
    answer = batches.read(_line(**parts))
    assert (answer.key, answer.reply) == ("k", None)
    assert answer.error is not None
    assert answer.error.kind == kind


@pytest.mark.parametrize("code", ["batch_expired", "batch_cancelled"])
def test_what_nobody_worked_on_is_no_failure(batches: Batches, code: str) -> None:
    """It has a key, and neither an answer nor an error."""
    answer = batches.read(_line(error={"code": code, "message": "in time"}))
    assert answer == BatchAnswer("k")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"custom_id":"k","custom_id":"l"}',
        b"[" * 100_000,
        b'{"custom_id":7}',
    ],
)
def test_a_line_that_nobody_can_read_is_of_no_request(batches: Batches, line: bytes) -> None:
    """It counts as a line under no known key."""
    answer = batches.read(line)
    assert answer.key is None
    assert answer.reply is None


def test_no_reason_and_no_answer_holds_the_key_of_the_service(batches: Batches) -> None:
    """A server may repeat it."""
    error = batches.read(_line(response={"status_code": 400, "body": {"error": f"no {SECRET}"}})).error
    assert error is not None
    assert SECRET not in str(error)
    body = {**BODY, "choices": [{"message": {"content": f"It is {SECRET}."}}]}
    reply = batches.read(_line(response={"status_code": 200, "body": body})).reply
    assert reply is not None
    assert reply.text == "It is …."


@pytest.mark.parametrize(
    ("path", "asked", "answer"),
    [
        ("/v1/responses/input_tokens", "input", {"object": "response.input_tokens", "input_tokens": 11}),
        ("/tokenize", "prompt", {"count": 11, "max_model_len": 8192, "tokens": []}),
        ("", "", {}),
    ],
)
def test_a_text_is_counted_as_the_server_can(
    chat: Any, path: str, asked: str, answer: dict[str, Any]
) -> None:
    """As OpenAI's API does, as vLLM does, or not; what a server has not is not asked for again."""
    seen = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        if request.url.path != path:
            return httpx.Response(404, json={"detail": "Not Found"})
        assert json.loads(request.content) == {"model": "m", asked: "Be brief.\nA text."}
        return httpx.Response(200, json=answer)

    chat.answers()
    chat._handle = handle
    batches, request = _batches(chat), Request(model="m", text="A text.", system="Be brief.")

    async def twice() -> list[int | None]:
        return [await batches.count(request), await batches.count(request)]

    assert asyncio.run(twice()) == ([11, 11] if path else [None, None])
    ways = ["/v1/responses/input_tokens", "/tokenize"]
    assert seen == {ways[0]: [ways[0]] * 2, ways[1]: [*ways, ways[1]], "": ways}[path]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_counter_that_is_overloaded_is_there(chat: Any, status: int) -> None:
    """The failure is said, and not taken for a server that counts nothing."""
    chat.answers()
    chat._handle = lambda _: httpx.Response(status, json={"error": {"message": "slow down"}})
    with pytest.raises(ProviderError):
        asyncio.run(_batches(chat).count(Request(model="m", text="A text.")))


def test_an_error_in_a_200_is_its_refusal_whatever_was_asked(chat: Any) -> None:
    """Of an upload, of a batch and of the list of models: a wrong key is not an answer without an id."""
    chat.answers({"error": {"message": "Authentication Error", "type": "auth_error", "code": "401"}})
    for asked in (_batches(chat).create("n", None, "file-1"), _batches(chat).find("n", "")):
        with pytest.raises(ProviderError) as caught:
            asyncio.run(asked)
        assert (caught.value.kind, caught.value.stops, caught.value.sent) == ("unauthorized", True, False)
    failed = {"id": "batch_1", "status": "failed", "error": {"message": "unauthorized", "code": "401"}}
    chat.answers(failed)
    assert asyncio.run(_batches(chat).state("batch_1")).ended, "a batch that failed is no refusal"


@pytest.mark.parametrize("name", ["../../other", "a/b", "", None, 7, "x" * 3 + "?"])
def test_an_id_that_leads_elsewhere_is_refused(chat: Any, name: object) -> None:
    """It would become a part of an address."""
    chat.answers({"id": name})
    with pytest.raises(ProviderError, match="it has no id"):
        asyncio.run(_batches(chat).create("n", None, "file-1"))


@pytest.mark.parametrize(
    ("headers", "words"), [({"content-encoding": "gzip"}, "packed, unasked"), ({}, "more than 0 GB")]
)
def test_a_download_is_bounded(
    chat: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], words: str
) -> None:
    """Neither a packed file nor one without an end fills the disk."""
    monkeypatch.setattr("medbench.providers._http.download.MAX_FILE_BYTES", 10)

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/content"):
            return httpx.Response(200, headers=headers, stream=_Stream())
        return httpx.Response(200, json={"id": "b", "status": "completed", "output_file_id": "f"})

    chat.answers()
    chat._handle = handle
    with pytest.raises(ProviderError, match=words):
        asyncio.run(_batches(chat).download("b", tmp_path / "answers"))


class _Stream(httpx.AsyncByteStream):
    async def __aiter__(self) -> Any:
        for _ in range(3):
            yield b"12345678"
