"""Connections lie in several small pools, each request goes to the least busy one."""

from __future__ import annotations

import asyncio
import ssl
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from medbench.images.recorded import Pictures
from medbench.providers._http import connection
from medbench.providers._http import lanes as _lanes
from medbench.schema.model import ModelFile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


class _Pool(httpx.AsyncBaseTransport):
    """Answers when it is told to."""

    made: list[_Pool]

    def __init__(self, **_: Any) -> None:
        self.asked = 0
        self.closed = False
        self.go = asyncio.Event()
        self.made.append(self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await self.go.wait()
        if request.url.path == "/broken":
            raise httpx.ConnectError("refused")
        return httpx.Response(200)

    async def aclose(self) -> None:
        self.closed = True


def _pools(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, list[_Pool]]:
    _Pool.made = []
    monkeypatch.setattr(httpx, "AsyncHTTPTransport", _Pool)
    return _lanes.lanes(httpx, ssl.create_default_context(), httpx.Limits()), _Pool.made


def test_requests_go_where_fewest_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many requests as lanes take one each; the next goes to the one that has answered."""

    async def scenario() -> None:
        transport, pools = _pools(monkeypatch)
        request = httpx.Request("GET", "http://x.test/")
        calls = [asyncio.create_task(transport.handle_async_request(request)) for _ in range(_lanes.LANES)]
        await asyncio.sleep(0)
        assert [pool.asked for pool in pools] == [1] * _lanes.LANES
        pools[5].go.set()
        await calls[5]
        calls[5] = asyncio.create_task(transport.handle_async_request(request))
        await asyncio.sleep(0)
        assert pools[5].asked == 2
        for pool in pools:
            pool.go.set()
        assert {(await call).status_code for call in calls} == {200}
        await transport.aclose()
        assert all(pool.closed for pool in pools)

    asyncio.run(scenario())


def test_a_lane_is_free_again_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that fails, or is given up, leaves no lane busy."""

    async def scenario() -> None:
        transport, pools = _pools(monkeypatch)
        pools[0].go.set()
        with pytest.raises(httpx.ConnectError):
            await transport.handle_async_request(httpx.Request("GET", "http://x.test/broken"))
        pools[0].go.clear()
        given_up = asyncio.create_task(transport.handle_async_request(httpx.Request("GET", "http://x.test/")))
        await asyncio.sleep(0)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        pools[0].go.set()
        await transport.handle_async_request(httpx.Request("GET", "http://x.test/"))
        assert [pool.asked for pool in pools[:2]] == [3, 0]

    asyncio.run(scenario())


def test_a_proxy_of_the_environment_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library asks no proxy once it is given a transport, so where there is one it makes its own."""
    assert connection.client_options(connection.ssl_context(), httpx)["transport"] is not None
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    assert connection.client_options(connection.ssl_context(), httpx)["transport"] is not None, (
        "no proxy is named"
    )
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    assert connection.client_options(connection.ssl_context(), httpx)["transport"] is None


@pytest.mark.parametrize(
    ("provider", "base_url", "address"),
    [
        ("openai", "https://x.test/v1", "https://x.test/v1"),
        ("vertex", "https://x.test", "https://x.test"),
        ("vertex", None, None),
        ("gemini", "https://x.test", "https://x.test"),
        ("gemini", None, None),
    ],
)
def test_certificates_are_those_for_the_address(
    provider: str, base_url: str | None, address: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each provider says whom it asks; where that is one of several hosts of Google, all are loaded."""
    told: list[str | None] = []

    def context(library: str = "httpx", address: str | None = None) -> ssl.SSLContext:
        told.append(address)
        return ssl.create_default_context()

    monkeypatch.setattr(connection, "ssl_context", context)
    monkeypatch.setenv("GEMINI_API_KEY", "k")
    place: dict[str, Any] = (
        {"project": "project", "location": "us-central1", "endpoint": "1234567890"}
        if provider == "vertex"
        else {}
    )
    key = {} if base_url is None else {"key_env": ""}
    model = ModelFile(provider=provider, id="m", base_url=base_url, **key, **place)
    made = import_module(f"medbench.providers.{provider}").Provider(model, Pictures(tmp_path))

    async def scenario() -> None:
        if provider == "vertex" and base_url is None:
            await made._connection.client()  # finding Google's host needs a login
        else:
            await made.connect()
        await made.close()

    asyncio.run(scenario())
    assert told == [address]


def test_a_server_without_tls_needs_no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """None are loaded for an http address, and so nothing is trusted; a proxy may be reached by TLS."""
    assert connection.ssl_context("httpx", "HTTP://localhost:8000/v1").cert_store_stats()["x509_ca"] == 0
    assert connection.ssl_context("httpx", "HTTP://localhost:8000/v1").verify_mode == ssl.CERT_REQUIRED
    for address in ("https://x.test/v1", None):
        assert connection.ssl_context("httpx", address).cert_store_stats()["x509_ca"] > 0
    monkeypatch.setenv("HTTP_PROXY", "https://proxy.test:3128")
    assert connection.ssl_context("httpx", "http://localhost:8000/v1").cert_store_stats()["x509_ca"] > 0
