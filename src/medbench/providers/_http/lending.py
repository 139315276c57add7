"""A transport of httpx that sends each request by a connection that `Connections` lends.

For a library that takes one HTTP client and sends all its calls with it. Its import loads httpx.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import httpx

from medbench.providers._http.body import ENCODINGS, unpacked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from medbench.providers._http.connections import Connections


_PACKED = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers that are no longer true of an unpacked body."""


class LendingTransport(httpx.AsyncBaseTransport):
    """Holds a lent connection from the request to the end of its answer."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; closing the response gives the connection back."""
        async with AsyncExitStack() as held:
            connection = await held.enter_async_context(self._connections.one())
            request.headers["Accept-Encoding"] = ENCODINGS
            response = await connection.handle_async_request(request)
            held.push_async_callback(response.aclose)
            stream = _LentStream(response, held.pop_all())
        headers = [
            (name, value) for name, value in response.headers.multi_items() if name.lower() not in _PACKED
        ]
        return httpx.Response(
            response.status_code, headers=headers, stream=stream, extensions=response.extensions
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._connections.close()


class _LentStream(httpx.AsyncByteStream):
    """The bytes of a response whose connection is lent, unpacked and bounded."""

    def __init__(self, response: httpx.Response, held: AsyncExitStack) -> None:
        self._response, self._held = response, held

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in unpacked(self._response):
            yield part

    async def aclose(self) -> None:
        await self._held.aclose()
