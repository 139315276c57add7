"""What a refusal and a broken exchange are called."""

from __future__ import annotations

import ssl
from typing import Any

import httpx
import pytest


def _google(message: str, delay: str) -> dict[str, Any]:
    detail = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    return {"error": {"message": message, "status": "RESOURCE_EXHAUSTED", "details": [detail]}}


@pytest.mark.parametrize(
    ("status", "said", "kind", "final", "stops"),
    [
        (400, {"error": {"message": "Roles must\nalternate."}}, "bad_request", True, False),
        (400, {"error": {"message": "At most 4 image(s) may\nbe provided."}}, "too_many_images", True, False),
        (400, {"error": {"message": "This model's maximum context length is 2048"}}, "too_long", True, False),
        (400, {"error": "max_tokens=5 cannot be greater than max_model_len=2"}, "too_long", True, False),
        (400, {"error": "Request payload size exceeds the limit: 9 bytes."}, "too_large", True, False),
        (400, {"error": "The request size (9 bytes) exceeds 1.500MB limit."}, "too_large", True, False),
        (413, b"too big", "too_large", True, False),
        (422, {"detail": [{"loc": ["body"], "msg": "Field required"}]}, "bad_request", True, False),
        (401, {"error": "no key"}, "unauthorized", False, True),
        (403, {"error": {"message": "not yours"}}, "unauthorized", False, True),
        (402, {"error": {"message": "pay"}}, "quota", False, True),
        (404, {"object": "error", "message": "The model `m` does not exist."}, "not_found", False, True),
        (405, {"detail": "Method Not Allowed"}, "not_found", False, True),
        (307, b"", "not_found", False, True),
        (408, b"", "timeout", False, False),
        (429, {"error": {"message": "slow down"}}, "rate_limit", False, False),
        (429, {"error": {"message": "rate limit: 0.5 a second"}}, "rate_limit", False, False),
        (429, {"error": {"message": "Quota exceeded, limit: 0, model: x"}}, "quota", False, True),
        (429, {"error": {"message": "q", "quotaId": "RequestsPerDayPerModel"}}, "quota", False, True),
        (429, {"error": {"code": "insufficient_quota"}}, "quota", False, True),
        (500, b"<!DOCTYPE html><p>Oops</p>", "unavailable", False, False),
        (502, b"", "unavailable", False, False),
        (503, b"", "unavailable", False, False),
        (504, b"", "unavailable", False, False),
        (529, b"{]", "unavailable", False, False),
    ],
)
def test_each_status_has_its_kind(
    chat: Any,
    status: int,
    said: object,
    kind: str,
    final: bool,
    stops: bool,
) -> None:
    """What may pass, what is wrong with this request, and what is wrong with all of them are told apart."""
    chat.answers(said, status=status)
    error = chat.fails()
    assert (error.kind, error.final, error.stops, error.status) == (kind, final, stops, status)
    assert error.limited == (kind == "rate_limit")
    assert str(status) in error.reason
    assert "<" not in error.reason


@pytest.mark.parametrize(
    ("status", "said", "headers", "says"),
    [
        (400, {"error": {"message": "At most 4\nimages."}}, {}, "(400): 'At most 4 images.'"),
        (400, {"error": {"message": "x" * 900}}, {}, "x…'"),
        (401, b"", {}, "set the environment variable OPENAI_API_KEY"),
        (404, b"", {}, "http://127.0.0.1:9/v1 knows no 'med-1', or base_url is wrong"),
        (301, b"", {"location": "https://else.where/v1"}, "leads to 'https://else.where/v1'"),
        (302, b"", {"location": "http://[else.where"}, "leads to '…'"),
        (500, b"<html>", {}, "an HTML page"),
    ],
)
def test_a_refusal_says_what_to_do(
    chat: Any,
    status: int,
    said: object,
    headers: dict[str, str],
    says: str,
) -> None:
    """The server's sentence in one line and in quotes, and the name of what to set."""
    chat.answers(said, status=status, headers=headers)
    error = chat.fails()
    assert says in error.reason
    assert len(error.reason) < 500


@pytest.mark.parametrize(
    ("said", "header", "low", "high"),
    [
        (b"", "2", 2, 2),
        (b"", "0.5", 0.5, 0.5),
        (b"", "-3", None, None),
        (b"", "0", None, None),
        (b"", "0.001", None, None),
        (b"", "Wed, 21 Oct 2015 07:28:00 GMT", None, None),
        (b"", "Fri, 31 Dec 2999 23:59:59 -0000", 1e9, 1e11),
        (b"", "soon", None, None),
        (b"", "inf", None, None),
        (_google("busy", "7.5s"), "2", 7.5, 7.5),
        ([_google("busy", "3s")], "", 3, 3),
        (_google("busy", "whenever"), "4", 4, 4),
    ],
)
def test_how_long_to_wait_is_read(
    chat: Any,
    said: object,
    header: str,
    low: float | None,
    high: float | None,
) -> None:
    """Retry-After in seconds or as a date, Google's RetryInfo; the longest holds, nonsense is none."""
    chat.answers(said, status=429, headers={"retry-after": header})
    wait = chat.fails().wait_s
    if low is None or high is None:
        assert wait is None
    else:
        assert wait is not None
        assert low <= wait <= high


def test_an_overload_that_google_calls_exhausted_is_a_limit(chat: Any) -> None:
    """A 503 RESOURCE_EXHAUSTED asks for fewer calls at a time, as a 429 does."""
    chat.answers(_google("busy", "1s"), status=503)
    error = chat.fails()
    assert (error.kind, error.limited, error.wait_s) == ("unavailable", True, 1)


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (httpx.ConnectTimeout(""), "timeout"),
        (httpx.ReadTimeout(""), "timeout"),
        (httpx.ConnectError("All connection attempts failed"), "connection"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "connection"),
        (httpx.ProxyError("403 Forbidden"), "connection"),
        (httpx.RemoteProtocolError("Server disconnected"), "connection"),
        (httpx.RemoteProtocolError("illegal status line"), "garbled"),
        (httpx.ReadError(""), "connection"),
        (httpx.DecodingError("bad gzip"), "garbled"),
        (ConnectionResetError(104, "Connection reset by peer"), "connection"),
    ],
)
def test_each_broken_exchange_has_its_kind(chat: Any, raised: Exception, kind: str) -> None:
    """What the network does to a call may pass, and says which server it was."""
    chat.answers(raised)
    error = chat.fails()
    assert (error.kind, error.final, error.stops) == (kind, False, False)
    assert "http://127.0.0.1:9/v1" in error.reason


def test_a_part_of_an_answer_is_no_answer(chat: Any) -> None:
    """A 206 may hold the start of a text that would read as a whole one."""
    chat.answers(chat.answer(), status=206)
    error = chat.fails()
    assert (error.kind, error.final, error.stops, error.status) == ("partial", False, False, 206)
    assert "206" in error.reason


@pytest.mark.parametrize(
    ("kind", "under", "expected"),
    [
        (httpx.ConnectError, ssl.SSLError("wrong version number"), ("garbled", False)),
        (httpx.ConnectError, ssl.SSLCertVerificationError("self-signed"), ("garbled", False)),
        (httpx.ReadError, ssl.SSLError("decryption failed or bad record mac"), ("connection", True)),
        (httpx.WriteError, ssl.SSLError("bad record mac"), ("connection", True)),
        (httpx.ReadError, ssl.SSLEOFError("EOF occurred"), ("connection", True)),
    ],
)
def test_what_breaks_after_the_handshake_may_have_been_sent(
    kind: type[httpx.TransportError], under: Exception, expected: tuple[str, bool]
) -> None:
    """A record that cannot be deciphered may be of an answer that is billed."""
    from medbench.providers._http.exchange import broken
    from medbench.providers._http.service import Service

    error = kind("it broke")
    error.__cause__ = under
    failure = broken(error, Service(model="m", base_url="https://example.org"))
    assert (failure.kind, failure.sent) == expected
