"""Lines of Gemini's batches: answers, errors by the codes of google.rpc, and what nobody can read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gemini_server import KEY

from medbench.providers import BatchAnswer


@pytest.fixture
def batches(gem: Any) -> Any:
    """The batches of a key of AI Studio."""
    return gem.provider(gem.model(), gem.pictures).batches()


def _line(**parts: Any) -> bytes:
    return json.dumps({"key": "k", **parts}).encode()


def test_an_answer_has_its_key_and_its_tokens(batches: Any, gem: Any) -> None:
    """As generateContent answers it."""
    answer = batches.read(_line(response=gem.answer()))
    assert (answer.key, answer.reply.text, answer.reply.usage.input) == ("k", "A mass.", 1100)


@pytest.mark.parametrize(
    ("error", "kind", "final"),
    [
        ({"code": 3, "message": "Request contains an invalid argument."}, "bad_request", True),
        ({"code": 8, "message": "Resource exhausted"}, "rate_limit", False),
        ({"code": 13, "message": "Internal error"}, "unavailable", False),
        ({"code": 503, "message": "overloaded"}, "unavailable", False),
        ({"code": "odd", "message": "?"}, "unavailable", False),
        ("in words", "unavailable", False),
    ],
)
def test_an_error_has_its_kind(batches: Any, error: Any, kind: str, final: bool) -> None:
    """By its code; nothing of it is an answer."""
    answer = batches.read(_line(error=error))
    assert (answer.key, answer.reply) == ("k", None)
    assert (answer.error.kind, answer.error.final) == (kind, final)


def test_an_answer_that_was_blocked_is_no_empty_success(batches: Any, gem: Any) -> None:
    """It is a failure, with the tokens that it took; so is a response that holds nothing."""
    blocked = gem.answer(candidate={"content": {}, "finishReason": "SAFETY"})
    answer = batches.read(_line(response=blocked))
    assert answer.error.kind == "blocked"
    assert answer.error.reply.usage.input == 1100
    assert batches.read(_line(response={})).error.kind == "unreadable"
    refused = batches.read(_line(response={"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}))
    assert refused.error.kind == "blocked_prompt"


def test_a_line_without_an_answer_was_not_worked_on(batches: Any) -> None:
    """It has a key and nothing else."""
    assert batches.read(_line()) == BatchAnswer("k")


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b'{"key":"k","key":"l"}', b'{"key":{}}', b"[" * 100_000])
def test_a_line_that_nobody_can_read_is_of_no_request(batches: Any, line: bytes) -> None:
    """It counts as a line under no known key."""
    assert batches.read(line).key is None


def test_no_reason_holds_the_key(batches: Any) -> None:
    """A server may repeat it."""
    error = batches.read(_line(error={"code": 3, "message": f"key {KEY} is bad"})).error
    assert KEY not in error.reason
