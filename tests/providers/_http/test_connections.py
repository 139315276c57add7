"""HTTP connections: each call in flight has one, and a free one is used again."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest

from medbench.errors import ProviderError
from medbench.providers._http import connections
from medbench.providers._http.connections import CONNECT_S, Connections, answered

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_calls_in_flight_share_no_connection() -> None:
    """Each has one to itself; the one that was given back last is lent again first."""

    async def scenario() -> None:
        lent = Connections()
        async with lent.one() as first, lent.one() as second:
            assert first is not second
        async with lent.one() as third:
            assert third is first
            async with lent.one() as fourth:
                assert fourth is second
        await lent.close()

    asyncio.run(scenario())


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), asyncio.CancelledError()])
def test_a_connection_comes_back_after_an_error(error: BaseException) -> None:
    """A call that fails or is given up leaves its connection to the next one."""

    async def scenario() -> None:
        lent = Connections()
        with pytest.raises(type(error)):
            async with lent.one() as first:
                raise error
        async with lent.one() as second:
            assert second is first
        await lent.close()

    asyncio.run(scenario())


def test_all_are_closed_also_those_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing ends every connection; closing twice is closing once, and none of them is lent again."""
    closed: list[Any] = []

    class Counted(httpx.MockTransport):
        async def aclose(self) -> None:
            closed.append(self)

    monkeypatch.setattr(connections, "transport", lambda: Counted(lambda _: httpx.Response(200)))

    async def scenario() -> None:
        lent = Connections()
        async with lent.one() as first, lent.one() as second:
            await lent.close()
        await lent.close()
        assert closed == [first, second]
        async with lent.one() as another:
            assert another not in closed

    asyncio.run(scenario())


def test_a_request_has_the_headers_that_httpx_sends() -> None:
    """Servers that look at them see the same as from httpx's client; time-outs go with the request."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    async def scenario() -> None:
        network, timeout = httpx.MockTransport(answer), httpx.Timeout(None, connect=CONNECT_S)
        given: dict[str, Any] = {"headers": {"Accept-Encoding": "gzip", "X": "y"}, "content": b"{}"}
        async with httpx.AsyncClient(transport=network, timeout=timeout) as client:
            await client.post("http://server/v1", **given)
        async with answered(network, "POST", "http://server/v1", **given) as response:
            assert response.status_code == 200

    asyncio.run(scenario())
    assert {*seen[0].headers.items()} == {*seen[1].headers.items()}
    assert seen[0].extensions == seen[1].extensions


def test_the_certificates_are_read_once_for_calls_that_begin_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first calls of a run wait for one another; connecting beforehand leaves them nothing to load."""
    loads: list[int] = []
    real = connections.certificates

    def counted() -> Any:
        loads.append(1)
        return real()

    monkeypatch.setattr(connections, "certificates", counted)

    async def call(lent: Connections) -> None:
        async with lent.one():
            await asyncio.sleep(0)

    async def scenario() -> None:
        lent = Connections()
        await asyncio.gather(*(call(lent) for _ in range(8)))
        await lent.close()

    asyncio.run(scenario())
    assert len(loads) == 1


def test_models_share_the_certificates_until_others_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Read anew for another file, and for the same file once it was changed."""
    first, second = tmp_path / "first.pem", tmp_path / "second.pem"
    for file in (first, second):
        shutil.copy(certifi.where(), file)
        os.utime(file, (1, 1))
    monkeypatch.setenv("SSL_CERT_FILE", str(first))
    read = connections.certificates()
    assert connections.certificates() is read
    monkeypatch.setenv("SSL_CERT_FILE", str(second))
    other = connections.certificates()
    assert other is not read
    os.utime(second, (2, 2))
    assert connections.certificates() is not other
    second.write_text("no certificate\n")
    with pytest.raises(ProviderError, match="which holds no certificates"):
        connections.certificates()


@pytest.fixture
def proxy() -> Any:
    """A server's address that counts who connects to it, as an HTTP proxy that answers for everyone."""

    class Proxy:
        def __init__(self) -> None:
            self.lines: list[bytes] = []

        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.lines.append(await reader.readline())
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
            await writer.drain()
            writer.close()

    return Proxy()


def test_a_proxy_of_the_environment_is_used(proxy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go through HTTP_PROXY where it is set."""

    async def scenario() -> None:
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        lent = Connections()
        async with (
            lent.one() as connection,
            answered(connection, "GET", "http://nowhere.test/x", {}) as response,
        ):
            assert await response.aread() == b"{}"
        await lent.close()
        server.close()
        await server.wait_closed()

    asyncio.run(scenario())
    assert proxy.lines == [b"GET http://nowhere.test/x HTTP/1.1\r\n"]
