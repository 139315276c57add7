"""HTTP connections of one provider, one for each call in flight."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.request import getproxies

from medbench import network
from medbench.errors import UsageError

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Mapping

    import httpx

CONNECT_S: Final = 10.0
"""Seconds to get a connection; everything after it is under the client's deadline."""
# uvicorn and others drop a connection that was idle for 5 seconds: it must not be used just then.
IDLE_S: Final = 4.0
"""Seconds after which an idle connection is dropped."""
TIMEOUT: Final = {"connect": CONNECT_S, "read": None, "write": None, "pool": None}
"""The same as httpx's transports take it, with a request."""


def transport() -> httpx.AsyncBaseTransport | None:
    """Return what carries the requests; None is the network. Tests put another one here."""
    return None


class Connections:
    """Lends a connection to each call and takes it back; belongs to one event loop.

    A connection is a transport of httpx of which one call at a time makes use. httpx looks at all connections
    of a transport with every request: with 32 in one that is half of the processor time of a call.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._loading = asyncio.Lock()
        self._all: list[httpx.AsyncBaseTransport] = []
        self._free: list[httpx.AsyncBaseTransport] = []

    async def load(self) -> None:
        """Load httpx and the certificates, which takes a tenth of a second, in a thread."""
        async with self._loading:
            if self._tls is None:
                self._tls = await asyncio.to_thread(certificates)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[httpx.AsyncBaseTransport]:
        """Lend a connection, the one used last where several are free: it is open still."""
        if self._tls is None:
            await self.load()
        free = self._free
        connection = free.pop() if free else self._new()
        try:
            yield connection
        finally:
            free.append(connection)

    async def close(self) -> None:
        """Close all connections."""
        connections, self._all, self._free = self._all, [], []
        for connection in connections:
            await connection.aclose()

    def _new(self) -> httpx.AsyncBaseTransport:
        assert self._tls is not None
        connection = transport() or _to_the_network(self._tls)
        self._all.append(connection)
        return connection


def _to_the_network(tls: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    import httpx

    limits = httpx.Limits(keepalive_expiry=IDLE_S)
    if getproxies().keys() - {"no"}:
        # Which of them a request takes is for httpx's client to say; it makes a call a third dearer.
        from medbench.providers._http.proxied import ProxiedTransport

        return ProxiedTransport(tls, limits)
    return httpx.AsyncHTTPTransport(verify=tls, limits=limits)


@asynccontextmanager
async def answered(
    connection: httpx.AsyncBaseTransport, method: str, url: str, headers: Mapping[str, str], **content: Any
) -> AsyncIterator[httpx.Response]:
    """Send a request, and yield the response, whose body is still to come.

    A redirect is a response like others: it would take images and key to a server that nobody named.

    Args:
        connection: One that is lent.
        method: The HTTP method.
        url: Where to.
        headers: Headers beside those that httpx always sends.
        content: What is sent, as `httpx.Request` takes it.
    """
    import httpx

    usual = {"Accept": "*/*", "Connection": "keep-alive", "User-Agent": f"python-httpx/{httpx.__version__}"}
    request = httpx.Request(
        method, _parsed(url), headers={**usual, **headers}, extensions={"timeout": TIMEOUT}, **content
    )
    async with aclosing(await connection.handle_async_request(request)) as response:
        yield response


@lru_cache(maxsize=64)
def _parsed(url: str) -> httpx.URL:
    """Return an address taken apart: the calls of a run go to the same one."""
    import httpx

    return httpx.URL(url)


def certificates() -> ssl.SSLContext:
    """Return the certificates that servers are checked with, read once for all models; loads httpx.

    Raises:
        ProviderError: The environment names certificates, or a proxy, that cannot be used.
    """
    try:
        network.check_network()
        return network.certificates()
    except UsageError as error:
        raise network.as_failure(error) from None
