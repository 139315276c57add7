"""One HTTP client to the outside, a connection for each call in flight inside."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable

import httpx
import pytest

from medbench.providers._http import connections
from medbench.providers._http.connections import Connections
from medbench.providers._http.lending import LendingTransport

BODY = gzip.compress(b"The lungs are clear.")


def _answer(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/broken":
        raise httpx.ConnectError("refused", request=request)
    return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(BODY))


@pytest.fixture
def lent(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Connections]:
    """Connections to a server that answers in gzip."""
    monkeypatch.setattr(connections, "transport", lambda: httpx.MockTransport(_answer))
    return Connections


def test_an_answer_is_decoded_once(lent: Callable[[], Connections]) -> None:
    """The connection passes the bytes on as they came; the client decodes them."""

    async def scenario() -> str:
        async with httpx.AsyncClient(transport=LendingTransport(lent())) as client:
            return (await client.get("http://server/")).text

    assert asyncio.run(scenario()) == "The lungs are clear."


def test_a_connection_is_held_until_the_answer_is_read(lent: Callable[[], Connections]) -> None:
    """While one answer is open another call has a connection to itself; afterwards both are free."""

    async def scenario() -> tuple[int, int]:
        inside = lent()
        async with httpx.AsyncClient(transport=LendingTransport(inside)) as client:
            async with client.stream("GET", "http://server/"):
                await client.get("http://server/")
            await client.get("http://server/")
            async with inside.one() as one, inside.one() as other:
                used = {one, other}
            async with inside.one() as one, inside.one() as other, inside.one() as third:
                return len({one, other} & used), len({third} & used)

    assert asyncio.run(scenario()) == (2, 0)


def test_a_connection_comes_back_after_an_error(lent: Callable[[], Connections]) -> None:
    """A request that fails leaves its connection to the next one, and its error to the caller."""

    async def scenario() -> bool:
        inside = lent()
        async with httpx.AsyncClient(transport=LendingTransport(inside)) as client:
            async with inside.one() as known:
                pass
            with pytest.raises(httpx.ConnectError, match="refused"):
                await client.get("http://server/broken")
            async with inside.one() as again:
                return again is known

    assert asyncio.run(scenario())
