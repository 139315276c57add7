"""HTTP clients of one provider, one for each call in flight."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    import httpx

CONNECT_S: Final = 10.0
"""Seconds to get a connection; everything after it is under the client's deadline."""
# uvicorn and others drop a connection that was idle for 5 seconds: it must not be used just then.
IDLE_S: Final = 4.0
"""Seconds after which an idle connection is dropped."""


def transport() -> httpx.AsyncBaseTransport | None:
    """Return what carries the requests; None is the network. Tests put another one here."""
    return None


class Connections:
    """Lends an HTTP client to each call and takes it back; belongs to one event loop.

    httpx looks at all connections of a client with every request. With 32 of them in one client that is half
    of the processor time of a call, so each call in flight has a client, and so a connection, to itself.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._loading = asyncio.Lock()
        self._clients: list[httpx.AsyncClient] = []
        self._free: list[httpx.AsyncClient] = []

    async def load(self) -> None:
        """Load httpx and the certificates, which takes a tenth of a second, in a thread."""
        async with self._loading:
            if self._tls is None:
                self._tls = await asyncio.to_thread(certificates)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """Lend a client, the one used last where several are free: its connection is open still."""
        if self._tls is None:
            await self.load()
        client = self._free.pop() if self._free else self._new()
        try:
            yield client
        finally:
            if not client.is_closed:
                self._free.append(client)

    async def close(self) -> None:
        """Close all connections."""
        clients, self._clients, self._free = self._clients, [], []
        for client in clients:
            await client.aclose()

    def _new(self) -> httpx.AsyncClient:
        import httpx

        assert self._tls is not None
        client = httpx.AsyncClient(
            transport=transport(),
            verify=self._tls,
            limits=httpx.Limits(keepalive_expiry=IDLE_S),
            timeout=httpx.Timeout(None, connect=CONNECT_S),
            # A redirect would take images and key to a server that nobody named.
            follow_redirects=False,
        )
        self._clients.append(client)
        return client


def certificates() -> ssl.SSLContext:
    """Return the certificates that servers are checked with; loads httpx."""
    import httpx

    return httpx.create_ssl_context()
