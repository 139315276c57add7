"""A chat completion: what an answer becomes, and what is not an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from medbench.providers._http import body
from medbench.providers._openai.chat import chat_completion
from medbench.schema.response import Request


def test_an_answer_is_handed_on(chat: Any) -> None:
    """Text, the model that answered, why it ended in lower case, and the server's own counts."""
    chat.answers(chat.completion)
    reply = chat.ask()
    assert (reply.text, reply.answered, reply.finish_reason) == ("A mass.", "med-1@2026", "stop")
    assert (reply.usage.input, reply.usage.output, reply.usage.source) == (300, 3, "provider")
    assert (reply.usage.thoughts, reply.usage.cached, reply.thoughts) == (None, None, None)


@pytest.mark.parametrize(
    ("message", "text", "thoughts"),
    [
        ({"content": "<unused94>thought\nLook.<unused95>A mass."}, "A mass.", "Look."),
        ({"content": "<unused94>thought\nIt never ends"}, "", "It never ends"),
        ({"content": "<think>Look.</think>\nA mass."}, "A mass.", "Look."),
        ({"content": "A <think> in the text."}, "A <think> in the text.", None),
        ({"reasoning_content": " Look. "}, "A mass.", "Look."),
        ({"reasoning": "Look.", "reasoning_content": None}, "A mass.", "Look."),
        ({"content": [{"type": "text", "text": "A "}, {"type": "text", "text": "mass."}]}, "A mass.", None),
        ({"content": None}, "", None),
        ({"content": "  A mass.\n"}, "  A mass.\n", None),
    ],
)
def test_thoughts_are_kept_apart(chat: Any, message: dict[str, Any], text: str, thoughts: str | None) -> None:
    """However a server marks them, thoughts are not part of the answer; one without any is unchanged."""
    chat.answers(chat.answer(message=message))
    reply = chat.ask()
    assert (reply.text, reply.thoughts) == (text, thoughts)


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (None, (None, None, None, None)),
        ("many", (None, None, None, None)),
        ({"prompt_tokens": 10.0, "completion_tokens": True}, (10, None, None, None)),
        ({"prompt_tokens": -1, "completion_tokens": float("1e300")}, (None, None, None, None)),
        ({"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 4}}, (None, 5, 4, None)),
        (
            {
                "prompt_tokens": 1,
                "completion_tokens": 9,
                "total_tokens": 14,
                "completion_tokens_details": {"reasoning_tokens": 4},
            },
            (1, 9, 4, None),
        ),
        ({"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 8}}, (10, None, None, 8)),
    ],
)
def test_counts_are_the_servers_own(chat: Any, usage: object, counts: tuple[int | None, ...]) -> None:
    """What is no count is unknown, never a guess; thoughts are not counted twice."""
    chat.answers(chat.answer(usage=usage))
    found = chat.ask().usage
    assert (found.input, found.output, found.thoughts, found.cached) == counts
    assert found.source == (None if counts == (None,) * 4 else "provider")


@pytest.mark.parametrize(
    ("said", "kind", "final"),
    [
        ({"choices": [{"message": {"content": "x"}, "finish_reason": "content_filter"}]}, "blocked", True),
        ({"choices": [{"message": {"content": "x"}, "finish_reason": "SAFETY"}]}, "blocked", True),
        ({"choices": [{"message": {"content": None, "refusal": "I cannot."}}]}, "blocked", True),
        ({"choices": [{"message": {"content": "x"}, "finish_reason": "abort"}]}, "unavailable", False),
        ({"error": {"message": "no worker"}}, "unreadable", False),
        ({"choices": []}, "unreadable", False),
        ({"choices": [{"text": "an older format"}]}, "unreadable", False),
        ({"choices": [{"message": {"content": 7}}]}, "unreadable", False),
        ({"prediction": "4242"}, "unreadable", False),
        ([{"choices": []}], "unreadable", False),
        (None, "unreadable", False),
        (b"", "unreadable", False),
        (b'{"choices": [{"mess', "unreadable", False),
        (b"[" * 200_000, "unreadable", False),
        (b"\xff\xfe\xfd", "unreadable", False),
    ],
)
def test_what_is_no_answer_is_a_failure(chat: Any, said: object, kind: str, final: bool) -> None:
    """Withheld, broken off, or no chat completion at all: never an empty text."""
    chat.answers(said)
    error = chat.fails()
    assert (error.kind, error.final) == (kind, final)


@pytest.mark.parametrize("charset", ["iso-8859-1", "ISO8859-1", '"windows-1252"', "latin-1"])
def test_json_in_an_older_encoding_is_read(chat: Any, charset: str) -> None:
    """A server that names the encoding of its answer is read in it."""
    said = chat.answer(message={"content": "Übergang 5 µm."})
    written = json.dumps(said, ensure_ascii=False).encode("latin-1")
    chat.answers(written, headers={"content-type": f"application/json; charset={charset}"})
    assert chat.ask().text == "Übergang 5 µm."


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "hex", "idna", "no-such", ""])
def test_json_is_in_unicode_whatever_else_is_named(chat: Any, charset: str) -> None:
    """An unknown encoding, or one that is not a text's, changes nothing."""
    said = chat.answer(message={"content": "Übergang 5 µm."})
    written = json.dumps(said, ensure_ascii=False).encode()
    chat.answers(written, headers={"content-type": f"application/json; charset={charset}"})
    assert chat.ask().text == "Übergang 5 µm."


@pytest.mark.parametrize(("cut", "later"), [(None, True), (-1, False)])
def test_json_that_is_not_unicode_is_asked_again_only_where_it_was_cut(
    chat: Any, cut: int | None, later: bool
) -> None:
    """An encoding that is not named is the same the next time; an answer cut within a letter is not."""
    written = b'{"choices": "\xfcbergang"}' if later else '{"choices": "Ü'.encode()
    chat.answers(written[:cut])
    error = chat.fails()
    assert (error.kind, error.final, error.later) == ("unreadable", False, later)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/plain"])
def test_another_content_type_is_a_page(chat: Any, kind: str) -> None:
    """A page of a proxy in a 200 is not an answer; the reason shows how it begins."""
    chat.answers(b"<html><h1>Maintenance\n\x1b[31m", headers={"content-type": kind})
    error = chat.fails()
    assert (error.kind, error.final, error.status) == ("html", False, 200)
    assert "base_url right?" in error.reason
    assert "<html><h1>Maintenance" in error.reason
    assert "\x1b" not in error.reason


def test_a_stream_of_events_stops(chat: Any) -> None:
    """A server that streams will stream the next answer too: it is told once, and no call is wasted on it."""
    chat.answers(b"data: {}\n\ndata: [DONE]\n\n", headers={"content-type": "text/event-stream"})
    error = chat.fails()
    assert (error.kind, error.final, error.stops) == ("setting", False, True)
    assert "stream of events" in error.reason


@pytest.mark.parametrize(
    ("error", "kind", "final", "stops", "later"),
    [
        (
            {"code": 400, "message": "the request exceeds the available context size"},
            "too_long",
            True,
            False,
            False,
        ),
        ({"message": "insufficient credits", "code": 402}, "quota", False, True, True),
        ({"message": "Provider returned error", "code": 502}, "unavailable", False, False, False),
        ({"message": "upstream overloaded, try again"}, "unavailable", False, False, False),
        ({"message": "slow down", "code": 429}, "rate_limit", False, False, False),
        ({"message": "roles must alternate", "code": 400}, "bad_request", True, False, False),
        ("something odd", "unreadable", False, False, True),
        ({"message": "Bad key", "code": "401"}, "unauthorized", False, True, True),
        ({"message": "Authentication Error", "type": "auth_error"}, "unauthorized", False, True, True),
        ({"message": "Incorrect API key provided: sk-…"}, "unauthorized", False, True, True),
        ({"message": "Not for you", "code": 403}, "unauthorized", False, True, True),
        ("Unauthorized", "unauthorized", False, True, True),
        ({"message": "gone", "code": 404}, "not_found", False, True, True),
        ({"message": "a day", "type": "insufficient_quota"}, "quota", False, True, True),
        ({"message": "no", "type": "invalid_request_error"}, "bad_request", True, False, False),
    ],
)
def test_an_error_in_a_200(
    chat: Any, error: object, kind: str, final: bool, stops: bool, later: bool
) -> None:
    """Its own code and words decide: what cannot pass by waiting is not asked for again in this session."""
    chat.answers({"error": error})
    failed = chat.fails()
    assert (failed.kind, failed.final, failed.stops, failed.later) == (kind, final, stops, later)


@pytest.mark.parametrize(
    ("document", "kind", "stops"),
    [
        ({"detail": "Not authenticated"}, "unauthorized", True),
        ({"message": "no Route matched", "status": 404}, "not_found", True),
        ({"statusCode": 401, "message": "invalid subscription"}, "unauthorized", True),
        ({"object": "error", "message": "at most 0 images", "code": 40301}, "too_many_images", True),
        ({"msg": "try again later"}, "unavailable", False),
    ],
)
def test_an_error_without_its_key_is_one_too(
    chat: Any, document: dict[str, Any], kind: str, stops: bool
) -> None:
    """As FastAPI and gateways write it; what was refused was not worked on, and costs nothing."""
    chat.answers(document)
    failed = chat.fails()
    assert (failed.kind, failed.stops) == (kind, stops)
    assert failed.sent == (kind not in {"unauthorized", "not_found"})


def test_a_key_in_an_error_of_a_200_is_hidden(chat: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the server repeats it."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdefghij")
    chat.answers({"error": {"message": "Incorrect API key provided: sk-0123456789abcdefghij", "code": "x"}})
    failed = chat.fails()
    assert (failed.kind, "key provided: …" in failed.reason) == ("unauthorized", True)
    assert "0123456789" not in failed.reason


def test_content_that_is_one_part_is_read(chat: Any) -> None:
    """Some servers send a part in place of a list of parts; lists of lists have a kind of their own."""
    chat.answers(chat.answer(message={"content": {"type": "text", "text": "A nodule."}}))
    assert chat.ask().text == "A nodule."
    chat.answers(chat.answer(message={"content": [[{"type": "text", "text": "A nodule."}]]}))
    assert chat.fails().kind == "nested_content"


def test_a_key_that_stands_twice(chat: Any) -> None:
    """Which of two contents is meant cannot be known."""
    chat.answers(b'{"choices": [{"message": {"content": "clear", "content": "mass"}}]}')
    assert (chat.fails().kind, "'content' twice" in chat.fails().reason) == ("duplicate_key", True)


def test_an_endless_answer_is_not_read(chat: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body above the limit fails its call before it fills the memory."""
    monkeypatch.setattr(body, "MAX_BYTES", 1024)
    chat.answers(b"x" * 2048)
    assert "was not read" in chat.fails().reason


def test_a_long_answer_is_read(chat: Any) -> None:
    """An answer of megabytes is parsed in a thread, and comes whole."""
    chat.answers(chat.answer(message={"content": "x" * 1_000_000}))
    assert len(chat.ask().text) == 1_000_000


def test_a_schema_of_the_answer_has_the_servers_own_name() -> None:
    """`response_schema` is sent as OpenAI's response_format, and under no other name."""
    schema = {"type": "object", "properties": {}}
    request = Request(model="m", text="t", settings={"response_schema": schema, "temperature": 0.0})
    sent = chat_completion(request, (), model="m")
    assert "response_schema" not in sent
    assert sent["response_format"]["type"] == "json_schema"
    assert sent["response_format"]["json_schema"]["schema"] == schema
    assert sent["response_format"]["json_schema"]["strict"] is True
    assert request.settings["response_schema"] == schema
