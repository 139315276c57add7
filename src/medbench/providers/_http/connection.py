"""The HTTP client of a provider, and what it is made with."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from medbench.providers._http.lanes import behind_proxy, lanes

if TYPE_CHECKING:
    import ssl
    from types import ModuleType

    import httpx


CONNECT_S: Final = 10.0
"""Seconds to get a connection; everything after it is under the client's deadline."""


def transport() -> httpx.AsyncBaseTransport | None:
    """What carries the requests; None is the network. Tests put another one here."""
    return None


def ssl_context(library: str = "httpx", address: str | None = None) -> ssl.SSLContext:
    """Certificates, and the libraries that the first request would load: for a thread.

    Together they take a tenth of a second, in which an event loop could answer nobody.

    Args:
        library: 'httpx' or 'httpx2', which is of the same make.
        address: The one server that is asked. One that is reached without TLS needs no certificates: none are
            loaded, so that nothing else is trusted either.
    """
    import ssl

    import anyio.lowlevel
    import h11  # noqa: F401 - httpcore loads it with the first connection

    import_module(library.replace("httpx", "httpcore"))  # httpx loads it with the first client
    anyio.run(anyio.lowlevel.checkpoint)  # loads what anyio needs for asyncio
    if address and address.lower().startswith("http://") and not behind_proxy():
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made: ssl.SSLContext = import_module(library).create_ssl_context()
    return made


def client_options(verify: ssl.SSLContext, library: ModuleType) -> dict[str, Any]:
    """What every client of a provider is made with."""
    # How many calls run at a time is decided by medbench's client: a second limit here would make calls
    # wait unseen. Idle connections are dropped before uvicorn's 5 seconds make the server drop them.
    limits = library.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=4.0)
    return {
        "transport": transport() or lanes(library, verify, limits),
        "verify": verify,
        "limits": limits,
        "timeout": library.Timeout(None, connect=CONNECT_S),
        # A redirect would take images and key to a server that nobody named.
        "follow_redirects": False,
    }


def new_client(verify: ssl.SSLContext) -> httpx.AsyncClient:
    """A client of the running event loop; it belongs to that loop and is closed there."""
    import httpx

    return httpx.AsyncClient(**client_options(verify, httpx))


class Connection:
    """The connections of one provider: made by the first of its calls, in the event loop of the run.

    Args:
        address: The one server that is asked; None where there may be several.
    """

    def __init__(self, address: str | None = None) -> None:
        self._address = address
        self._client: httpx.AsyncClient | None = None
        self._connecting = asyncio.Lock()

    async def client(self) -> httpx.AsyncClient:
        """The client of the running event loop."""
        async with self._connecting:
            if self._client is None:
                self._client = new_client(await asyncio.to_thread(ssl_context, address=self._address))
            return self._client

    async def close(self) -> None:
        """Close what is open."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
