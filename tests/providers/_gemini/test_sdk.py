"""Gemini: what a refusal and a broken exchange are called."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest

from medbench.providers import gemini

INFO = "type.googleapis.com/google.rpc."


def _error(message: str, status: str = "RESOURCE_EXHAUSTED", *details: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"code": 429, "message": message, "status": status, "details": list(details)}}


def _retry(delay: str) -> dict[str, Any]:
    return {"@type": f"{INFO}RetryInfo", "retryDelay": delay}


def _quota(name: str) -> dict[str, Any]:
    return {"@type": f"{INFO}QuotaFailure", "violations": [{"quotaId": name, "quotaValue": "250"}]}


BAD_KEY = {"@type": f"{INFO}ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}


@pytest.mark.parametrize(
    ("status", "said", "kind", "final", "stops"),
    [
        (
            400,
            _error("Request contains an invalid argument.", "INVALID_ARGUMENT"),
            "bad_request",
            True,
            False,
        ),
        (400, _error("API key not valid.", "INVALID_ARGUMENT", BAD_KEY), "unauthorized", False, True),
        (400, _error("User location is not supported.", "FAILED_PRECONDITION"), "unauthorized", False, True),
        (401, _error("no", "UNAUTHENTICATED"), "unauthorized", False, True),
        (403, _error("API is disabled", "PERMISSION_DENIED"), "unauthorized", False, True),
        (404, _error("models/x is not found", "NOT_FOUND"), "not_found", False, True),
        (405, b"", "not_found", False, True),
        (302, b"", "not_found", False, True),
        (413, b"too big", "too_large", True, False),
        (204, b"", "unreadable", False, False),
        (408, b"", "timeout", False, False),
        (
            429,
            _error("slow", "RESOURCE_EXHAUSTED", _quota("GenerateRequestsPerMinute")),
            "rate_limit",
            False,
            False,
        ),
        (
            429,
            _error("q", "RESOURCE_EXHAUSTED", _quota("GenerateRequestsPerDayPerProject")),
            "quota",
            False,
            True,
        ),
        (429, [_error("Quota exceeded for metric: x, limit: 0, model: y")], "quota", False, True),
        (499, _error("cancelled", "CANCELLED"), "unavailable", False, False),
        (500, _error("Internal", "INTERNAL"), "unavailable", False, False),
        (503, _error("The model is overloaded.", "UNAVAILABLE"), "unavailable", False, False),
        (504, b"<!DOCTYPE html><p>Oops</p>", "unavailable", False, False),
        (503, b'"text"', "unavailable", False, False),
        (503, b"[" * 100_000, "unavailable", False, False),
    ],
)
def test_each_status_has_its_kind(
    gem: Any, status: int, said: object, kind: str, final: bool, stops: bool
) -> None:
    """What may pass, what is wrong with this request, and what is wrong with all of them are told apart."""
    seen = gem.answers(said, status=status)
    error = gem.fails()
    assert (error.kind, error.final, error.stops, error.status) == (kind, final, stops, status)
    assert len(seen) == 1, "the SDK does not try again"
    assert error.limited == (kind == "rate_limit")
    assert str(status) in error.reason
    assert "<" not in error.reason
    assert len(error.reason) < 600


@pytest.mark.parametrize(
    ("said", "header", "wait"),
    [
        (_error("busy", "RESOURCE_EXHAUSTED", _retry("7.5s")), "2", 7.5),
        ([_error("busy", "RESOURCE_EXHAUSTED", _quota("PerMinute"), _retry("3s"))], None, 3),
        (b"", "2", 2),
        (b"", None, None),
    ],
)
def test_how_long_to_wait_is_read(gem: Any, said: object, header: str | None, wait: float | None) -> None:
    """Google's RetryInfo and Retry-After; the longer holds. The SDK itself reads neither."""
    gem.answers(said, status=429, headers={"retry-after": header} if header else None)
    assert gem.fails().wait_s == wait


def test_an_overload_that_is_called_exhausted_is_a_limit(gem: Any) -> None:
    """A 503 RESOURCE_EXHAUSTED asks for fewer calls at a time, as a 429 does."""
    gem.answers(_error("busy", "RESOURCE_EXHAUSTED", _retry("1s")), status=503)
    error = gem.fails()
    assert (error.kind, error.limited, error.wait_s) == ("unavailable", True, 1)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "set the environment variable GEMINI_API_KEY"),
        (404, "Gemini's API knows no 'gemini-9-flash', or it is gone: medbench models"),
    ],
)
def test_a_refusal_says_what_to_do(gem: Any, status: int, says: str) -> None:
    """The name of what to set, or where to look; the server's sentence in quotes."""
    gem.answers(_error("Not\nso."), status=status)
    error = gem.fails()
    assert says in error.reason
    assert "'Not so.'" in error.reason


def test_another_server_is_called_by_its_address(gem: Any) -> None:
    """A 404 of a server of one's own says what base_url is."""
    gem.answers(b"", status=404)
    error = gem.fails(gem.model(base_url="http://127.0.0.1:9/v1beta"))
    assert "http://127.0.0.1:9/v1beta knows no" in error.reason
    assert "what stands before /v1beta" in error.reason


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ConnectTimeout", "timeout"),
        ("ReadTimeout", "timeout"),
        ("ConnectError", "connection"),
        ("ProxyError", "connection"),
        ("RemoteProtocolError", "garbled"),
        ("ReadError", "connection"),
        ("DecodingError", "garbled"),
    ],
)
def test_each_broken_exchange_has_its_kind(gem: Any, name: str, kind: str) -> None:
    """The errors of the HTTP library inside the SDK are told apart and may pass."""
    gem.answers(getattr(httpx, name)("Illegal header value AIza-canary-0123456789abcdef"))
    error = gem.fails()
    assert (error.kind, error.final, error.stops) == (kind, False, False)
    assert "Gemini's API" in error.reason


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (TimeoutError("late"), "timeout"),
        (ConnectionResetError(104, "Connection reset by peer"), "connection"),
        (RuntimeError("AIza-canary-0123456789abcdef\nwas quoted"), "provider_fault"),
    ],
)
def test_whatever_is_raised_is_a_failure(gem: Any, raised: Exception, kind: str) -> None:
    """Errors of the system and faults of the SDK cost one call and hold no key."""
    gem.answers(raised)
    error = gem.fails()
    assert (error.kind, error.final) == (kind, False)
    assert error.later == (kind == "provider_fault")


def test_every_event_loop_has_a_client_of_its_own(gem: Any) -> None:
    """It is made once for all calls of a provider, and closed with it."""
    gem.answers()

    async def once(provider: gemini.Provider) -> Any:
        await provider.connect()
        loaded = await provider._loaded()
        await provider.ask(gem.request())
        assert await provider._loaded() is loaded
        await provider.close()
        await provider.close()
        return loaded.http

    clients = [asyncio.run(once(gemini.Provider(gem.model(), gem.pictures))) for _ in range(2)]
    assert clients[0] is not clients[1]
    assert all(client.is_closed for client in clients)


def test_connecting_has_a_limit_of_its_own(gem: Any) -> None:
    """The SDK asks for no time limit at all; a connection that is not there after 10 s is a failure."""
    seen = gem.answers()
    gem.ask()
    limits = {"connect": 10.0, "read": None, "write": None, "pool": None}
    assert seen[0].extensions["timeout"] == limits


def test_the_sdk_takes_the_body_without_a_word(gem: Any, caplog: pytest.LogCaptureFixture) -> None:
    """It would warn of a part of the body that is of another type than what it has made in its place."""
    caplog.set_level(logging.INFO, "google_genai")
    seen = gem.answers()
    schema = {"type": "object", "properties": {"grade": {"type": "string"}}}
    many = {
        "system": "Be brief.",
        "temperature": 1,
        "thinking": "low",
        "stop": ["."],
        "media_resolution": "low",
    }
    gem.ask(request=gem.request(gem.image(b"\xff\xd8\xff\xe0"), response_schema=schema, **many))
    assert caplog.text == ""
    assert json.loads(seen[0].content).keys() == {"contents", "systemInstruction", "generationConfig"}


def test_the_sdk_writes_no_line_on_the_screen(gem: Any, monkeypatch: Any, caplog: Any, capfd: Any) -> None:
    """That both variables of AI Studio are set is no news: medbench chooses between them itself."""
    monkeypatch.setenv("GOOGLE_API_KEY", "AIza-canary-of-the-other-variable")
    seen = gem.answers()
    gem.ask()
    assert seen[0].headers["x-goog-api-key"] == "AIza-canary-0123456789abcdef"
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")
