"""Connections in several small pools: httpcore looks at each connection of a pool with every request.

With 32 connections in one pool that is the largest part of what a call costs this process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

if TYPE_CHECKING:
    import ssl
    from types import ModuleType

LANES = 64
"""Pools: up to so many calls have one each."""


def behind_proxy() -> bool:
    """Whether the environment names a proxy; hosts that need none, NO_PROXY, are no proxy."""
    return bool(getproxies().keys() - {"no"})


def lanes(library: ModuleType, verify: ssl.SSLContext, limits: Any) -> Any:
    """What carries requests over the least busy of several pools; None for the library's own single pool.

    Args:
        library: httpx, or httpx2 which is of the same make.
        verify: Certificates.
        limits: Of connections, as that library takes them.
    """
    if behind_proxy():
        return None  # the library sends nothing to a proxy once it is given what carries its requests

    class Lanes(library.AsyncBaseTransport):  # type: ignore[misc, name-defined] # whichever library it is
        """Several pools of one kind."""

        def __init__(self) -> None:
            self._pools = [library.AsyncHTTPTransport(verify=verify, limits=limits) for _ in range(LANES)]
            self._waiting = [0] * LANES

        async def handle_async_request(self, request: Any) -> Any:
            # Until the headers are there: reading what follows them takes no time to speak of.
            lane = self._waiting.index(min(self._waiting))
            self._waiting[lane] += 1
            try:
                return await self._pools[lane].handle_async_request(request)
            finally:
                self._waiting[lane] -= 1

        async def aclose(self) -> None:
            for pool in self._pools:
                await pool.aclose()

    return Lanes()
