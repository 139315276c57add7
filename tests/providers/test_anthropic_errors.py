"""Claude: what a refusal is called, how long it is waited for; a real server on the loopback."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from medbench.client.client import Client
from medbench.client.retry import Policy
from medbench.pricing.prices import Prices
from medbench.providers import anthropic
from medbench.schema.response import CallFor, Response
from medbench.store.ledger import Ledger

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"

ERRORS = [
    (400, "invalid_request_error", "messages: at least one is needed", "bad_request", True, False),
    (400, "invalid_request_error", "prompt is too long: 205351 tokens > 200000", "too_long", True, False),
    (400, "invalid_request_error", "Your credit balance is too low to access", "quota", False, True),
    (400, "invalid_request_error", "You have reached your specified API usage limits", "quota", False, True),
    (401, "authentication_error", "invalid x-api-key", "unauthorized", False, True),
    (402, "billing_error", "pay", "quota", False, True),
    (403, "permission_error", "not yours", "unauthorized", False, True),
    (404, "not_found_error", "model: claude-9", "not_found", False, True),
    (413, "request_too_large", "Request exceeds the maximum size", "too_large", True, False),
    (429, "rate_limit_error", "would exceed the rate limit of your organization", "rate_limit", False, False),
    (429, "rate_limit_error", "monthly spend limit reached", "quota", False, True),
    (500, "api_error", "Internal server error", "unavailable", False, False),
    (504, "timeout_error", "timed out", "unavailable", False, False),
    (529, "overloaded_error", "Overloaded", "unavailable", False, False),
]


@pytest.mark.parametrize("inside", [False, True], ids=["status", "in a 200"])
@pytest.mark.parametrize(("status", "type_", "message", "kind", "final", "stops"), ERRORS)
def test_each_error_has_its_kind(
    claude: Any, status: int, type_: str, message: str, kind: str, final: bool, stops: bool, inside: bool
) -> None:
    """An error is told by its status, or where a proxy sends it with a 200, by its type."""
    claude.answers(claude.error(type_, message), status=200 if inside else status)
    error = claude.fails()
    assert (error.kind, error.final, error.stops, error.status) == (kind, final, stops, status)
    assert error.limited == (kind == "rate_limit")
    assert f"'{message}'" in error.reason
    assert "(request req_42)" in error.reason, "Anthropic's support asks for it"


@pytest.mark.parametrize("status", [429, 529])
def test_how_long_to_wait_is_read(claude: Any, status: int) -> None:
    """Retry-After is kept to, for too many requests and for an overload."""
    claude.answers(claude.error("rate_limit_error"), status=status, headers={"retry-after": "7"})
    assert claude.fails().wait_s == 7


@pytest.mark.parametrize("kind", [None, 7, "a_new_error"])
def test_an_unknown_error_in_a_200_may_pass(claude: Any, kind: object) -> None:
    """Nothing says that it is the request's fault: it is asked again."""
    claude.answers({"type": "error", "error": {"type": kind, "message": "odd"}})
    assert (claude.fails().kind, claude.fails().final) == ("unavailable", False)


class _Server:
    """A server on the loopback that says one thing after the other; the last for ever."""

    def __init__(self, *says: tuple[int, dict[str, Any], str]) -> None:
        self.says, self.heads = list(says), list[bytes]()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
                status, data, header = self.says[min(len(self.heads), len(self.says) - 1)]
                self.heads.append(head)
                raw = json.dumps(data).encode()
                lines = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{header}"
                writer.write(f"{lines}content-length: {len(raw)}\r\n\r\n".encode() + raw)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _through_the_client(claude: Any, folder: Path, server: _Server) -> tuple[Response, list[float]]:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def run() -> Response:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        model = claude.model(id="claude-sonnet-5-5", base_url=f"http://127.0.0.1:{port}")
        provider = anthropic.Provider(model, claude.pictures)
        with Ledger(folder) as ledger:
            client = Client(provider, model, ledger, policy=Policy(), sleep=sleep, prices=Prices(model))
            try:
                request = claude.request(claude.image(PNG + b"1"), claude.image(JPEG + b"2"))
                return await client.ask(request, CallFor(case_id="c", stage="single"), 0)
            finally:
                await client.close()
                listening.close()
                await listening.wait_closed()

    return asyncio.run(run()), waits


def test_an_overload_is_waited_out_over_a_real_connection(claude: Any, tmp_path: Path) -> None:
    """A 529, a 429 that says how long, then an answer: three tries, one line, priced by the list."""
    server = _Server(
        (529, claude.error("overloaded_error"), ""),
        (429, claude.error("rate_limit_error"), "retry-after: 5\r\n"),
        (200, claude.message(model="claude-sonnet-5-5-20260930"), ""),
    )
    response, waits = _through_the_client(claude, tmp_path, server)
    assert response.text == "A mass."
    assert [attempt.outcome for attempt in response.attempts] == ["unavailable", "rate_limit", "ok"]
    assert [attempt.status for attempt in response.attempts] == [529, 429, None]
    assert waits[0] >= 1, "an overload is given more time"
    assert waits[1] >= 5
    assert response.cost is not None
    assert response.cost.usd > 0
    assert response.cost.basis.startswith("tokens, genai-prices")
    assert len({head.partition(b"\r\n")[0] for head in server.heads}) == 1


def test_a_wrong_key_stops_the_provider(claude: Any, tmp_path: Path) -> None:
    """One call goes out; the others would fail alike, and the line can be typed again."""
    server = _Server((401, claude.error("authentication_error", "invalid x-api-key"), ""))
    response, waits = _through_the_client(claude, tmp_path, server)
    assert response.failure is not None
    assert (response.failure.kind, response.failure.final) == ("unauthorized", False)
    assert len(server.heads) == 1
    assert waits == []
