"""Gemini: what an answer becomes, and what is not an answer."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from exhaustive import bounded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medbench.errors import ProviderError
from medbench.providers import gemini
from medbench.providers._gemini.reply import reply_from
from medbench.providers._http import body
from medbench.schema.response import Reply


def test_an_answer_is_handed_on(gem: Any) -> None:
    """Text, the model that answered, why it ended in lower case, and the service's own counts."""
    gem.answers()
    reply = gem.ask()
    assert (reply.text, reply.answered, reply.finish_reason) == ("A mass.", "gemini-9-flash-001", "stop")
    assert (reply.usage.input, reply.usage.output, reply.usage.source) == (1100, 3, "provider")
    assert (reply.usage.thoughts, reply.usage.cached, reply.thoughts) == (0, None, None)


def test_an_answer_that_was_cut_is_kept(gem: Any) -> None:
    """MAX_TOKENS with text is an answer with that finish reason, which the flags read as truncated."""
    gem.answers(gem.parts({"text": "A mass in the"}, finishReason="MAX_TOKENS"))
    reply = gem.ask()
    assert (reply.text, reply.finish_reason) == ("A mass in the", "max_tokens")


def test_thoughts_are_kept_apart(gem: Any) -> None:
    """Parts that are marked as thoughts are not part of the answer; the others are joined as they are."""
    said = gem.parts({"text": " Look. ", "thought": True}, {"text": "A "}, {"text": "mass.\n"}, {"x": 1}, 7)
    gem.answers(said)
    reply = gem.ask()
    assert (reply.text, reply.thoughts) == ("A mass.\n", "Look.")


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (None, (None, None, None, None)),
        ("many", (None, None, None, None)),
        ({"totalTokenCount": 9}, (None, None, None, None)),
        ({"promptTokenCount": 10, "candidatesTokenCount": True}, (10, None, None, None)),
        (
            {"promptTokenCount": -1, "candidatesTokenCount": 2.5, "thoughtsTokenCount": 3},
            (None, None, 3, None),
        ),
        (
            {
                "promptTokenCount": 10,
                "candidatesTokenCount": 2,
                "thoughtsTokenCount": 5,
                "totalTokenCount": 17,
            },
            (10, 2, 5, None),
        ),
        ({"promptTokenCount": 10, "candidatesTokenCount": 2, "totalTokenCount": 12}, (10, 2, 0, None)),
        ({"promptTokenCount": 10, "candidatesTokenCount": 2, "totalTokenCount": 99}, (10, 2, None, None)),
        ({"promptTokenCount": 10, "cachedContentTokenCount": 8}, (10, None, None, 8)),
    ],
)
def test_counts_are_the_services_own(gem: Any, usage: object, counts: tuple[int | None, ...]) -> None:
    """Candidates do not include thoughts; what is no count is unknown, and zero where the sum shows it."""
    found = reply_from(gem.answer(usageMetadata=usage), None).usage
    assert (found.input, found.output, found.thoughts, found.cached) == counts
    assert found.source == (None if counts == (None,) * 4 else "provider")


def test_an_answer_without_a_model_is_of_an_unknown_one(gem: Any) -> None:
    """Unknown is not the model that was asked."""
    assert reply_from(gem.answer(modelVersion=None), None).answered is None
    assert reply_from(gem.answer(modelVersion=7), None).answered is None


BLOCKED = ("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "IMAGE_SAFETY", "MODEL_ARMOR")
STOPPED = ("OTHER", "LANGUAGE", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL", "CONTINUATION")


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        *((reason, "blocked") for reason in BLOCKED),
        ("RECITATION", "recitation"),
        *((reason, "stopped") for reason in STOPPED),
        ("A_NEW_ONE", "unknown_finish"),
    ],
)
@pytest.mark.parametrize("parts", [(), ({"text": "some of it"},)], ids=["empty", "text"])
def test_an_answer_that_was_stopped_is_none(gem: Any, reason: str, kind: str, parts: Any) -> None:
    """Withheld, recited or broken off is a final failure of its own kind, with or without text."""
    gem.answers(gem.parts(*parts, finishReason=reason, finishMessage="Because\nof it."))
    error = gem.fails()
    assert (error.kind, error.final, error.stops) == (kind, True, False)
    assert f"'{reason}': 'Because of it.'" in error.reason
    assert isinstance(error.reply, Reply)
    assert (error.reply.usage.input, error.reply.finish_reason) == (1100, reason.lower())


@pytest.mark.parametrize("candidate", [{"content": None}, {"content": {"role": "model"}}, {"content": "?"}])
def test_an_answer_eaten_by_thoughts_is_a_kind_of_its_own(gem: Any, candidate: dict[str, Any]) -> None:
    """MAX_TOKENS without text says how many tokens went into thoughts and what to set."""
    usage = {"promptTokenCount": 9, "thoughtsTokenCount": 8190, "totalTokenCount": 8199}
    gem.answers(gem.answer(candidate={"finishReason": "MAX_TOKENS", **candidate}, usageMetadata=usage))
    error = gem.fails()
    assert (error.kind, error.final) == ("thoughts_only", True)
    assert "8,190 tokens of thoughts" in error.reason
    assert isinstance(error.reply, Reply)
    assert error.reply.usage.thoughts == 8190
    assert "max_tokens" in error.reason


def test_an_empty_answer_is_left_to_the_client(gem: Any) -> None:
    """STOP without text is a reply without text, which the client records as `empty`, with its tokens."""
    reply = reply_from(gem.parts({"text": "only thinking", "thought": True}), None)
    assert (reply.text, reply.thoughts, reply.usage.input) == ("", "only thinking", 1100)


@pytest.mark.parametrize("reason", ["SAFETY", "PROHIBITED_CONTENT", "JAILBREAK", "A_NEW_ONE"])
def test_a_blocked_prompt_is_a_kind_of_its_own(gem: Any, reason: str) -> None:
    """The service answers without a candidate and says why; what the prompt cost is kept."""
    gem.answers(gem.answer(candidates=None, promptFeedback={"blockReason": reason}))
    error = gem.fails()
    assert (error.kind, error.final) == ("blocked_prompt", True)
    assert isinstance(error.reply, Reply)
    assert error.reply.usage.input == 1100
    assert f"'{reason}'" in error.reason


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"", "empty_body"),
        (b" \n", "empty_body"),
        (b"<html><h1>Maintenance\n\x1b[31m", "html"),
        (b'{"candidates": [{"content": {"par', "cut_json"),
        (b"[" * 200_000, "cut_json"),
        (b"\xff\xfe\xfd", "cut_json"),
        ({}, "unreadable"),
        ({"candidates": []}, "unreadable"),
        ({"candidates": "many", "promptFeedback": {"blockReason": ""}}, "unreadable"),
        ({"candidates": [None], "promptFeedback": [1]}, "unreadable"),
        ({"error": {"message": "no worker"}}, "unreadable"),
        ({"error": "no worker"}, "unreadable"),
        ({"prediction": "4242"}, "unreadable"),
        ([{"candidates": []}], "unreadable"),
        (7, "unreadable"),
    ],
)
def test_what_is_no_answer_may_pass(gem: Any, said: object, kind: str) -> None:
    """An empty body, a page, cut JSON and JSON of another kind are told apart, and are asked again."""
    gem.answers(said, headers={"content-type": "application/json"} if isinstance(said, bytes) else None)
    error = gem.fails()
    assert (error.kind, error.final, error.stops, error.status) == (kind, False, False, 200)
    assert "\x1b" not in error.reason
    assert len(error.reason) < 300


@pytest.mark.parametrize(
    ("error", "kind", "stops"),
    [
        ({"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}, "unauthorized", True),
        ({"status": "PERMISSION_DENIED", "message": "no"}, "unauthorized", True),
        ({"status": "UNAUTHENTICATED", "message": "no"}, "unauthorized", True),
        ({"code": 404, "message": "models/gem is not found"}, "not_found", True),
        ({"status": "RESOURCE_EXHAUSTED", "message": "Quota exceeded: 20 requests per day"}, "quota", True),
        ({"status": "UNAVAILABLE", "message": "no"}, "unavailable", False),
    ],
)
@pytest.mark.parametrize("listed", [False, True])
def test_an_error_in_a_200_is_the_refusal_that_it_names(
    gem: Any, error: object, kind: str, stops: bool, listed: bool
) -> None:
    """By Google's number or name; also where it stands in a list."""
    gem.answers([{"error": error}] if listed else {"error": error})
    failed = gem.fails()
    assert (failed.kind, failed.final, failed.stops) == (kind, False, stops)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "text/event-stream"])
def test_another_content_type_is_no_answer(gem: Any, kind: str) -> None:
    """A page of a proxy in a 200 is a failure that quotes its beginning."""
    gem.answers(b'{"x": "A captive portal"}', headers={"content-type": kind})
    error = gem.fails()
    assert (error.kind, error.final) == ("html", False)
    assert "A captive portal" in error.reason


def test_a_long_answer_is_read(gem: Any) -> None:
    """An answer of megabytes is parsed in a thread and comes whole; an endless one is not read."""
    gem.answers(gem.parts({"text": "ü" * 1_000_000}))
    assert gem.ask().text == "ü" * 1_000_000


def test_an_endless_answer_is_not_read(gem: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body above the limit fails its call before it fills the memory."""
    monkeypatch.setattr(body, "MAX_BYTES", 1024)
    gem.answers(b"x" * 2048)
    assert "was not read" in gem.fails().reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("candidates", "promptFeedback", "usageMetadata", "modelVersion", "error", "finishReason", "content")
PARTS = ("parts", "text", "thought", "blockReason", "promptTokenCount", "finishMessage", "message")
ANSWERS = st.recursive(
    JSON | st.sampled_from(["STOP", "MAX_TOKENS", "SAFETY", True]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(KEYS), inner)
        | st.dictionaries(st.sampled_from(PARTS), inner)
    ),
    max_leaves=12,
)


def _outcome(data: object) -> Reply | ProviderError:
    try:
        return reply_from(data, None)
    except ProviderError as error:
        return error


@given(ANSWERS)
def test_any_json_is_a_reply_or_a_failure(data: object) -> None:
    """Whatever the JSON, it is a reply, or a ProviderError of one printable line."""
    found = _outcome(data)
    assert isinstance(found, Reply) or (found.kind and found.reason.isprintable())


BODIES = st.tuples(
    st.sampled_from([200, 200, 204, 302, 400, 429, 503]),
    st.binary(max_size=40) | JSON.map(lambda data: json.dumps(data).encode()),
    st.sampled_from(["application/json", "text/html", "", "x; charset=nonsense"]),
)


@settings(max_examples=bounded(60, 8), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(BODIES, min_size=20, max_size=40))
def test_any_body_through_the_sdk_is_a_reply_or_a_failure(
    gem: Any, said: list[tuple[int, bytes, str]]
) -> None:
    """Nothing that a server says makes the SDK raise what is no ProviderError, or one of an unknown cause."""

    async def all_of_them() -> list[Any]:
        provider = gemini.Provider(gem.model(), gem.pictures)
        found: list[Any] = []
        for status, content, kind in said:
            gem.answers(content, status=status, headers={"content-type": kind} if kind else None)
            found += await asyncio.gather(provider.ask(gem.request()), return_exceptions=True)
        await provider.close()
        return found

    for found in asyncio.run(all_of_them()):
        assert isinstance(found, Reply | ProviderError)
        assert not isinstance(found, ProviderError) or found.kind != "provider_fault"
