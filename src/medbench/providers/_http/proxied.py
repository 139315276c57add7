"""A transport of httpx that sends each request by the proxy which the environment names for it.

Its import loads httpx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from medbench.errors import UsageError
from medbench.network import as_failure, check_direct

if TYPE_CHECKING:
    import ssl


class ProxiedTransport(httpx.AsyncBaseTransport):
    """Sends with a client of httpx, which knows HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY."""

    def __init__(self, tls: ssl.SSLContext, limits: httpx.Limits) -> None:
        self._client = httpx.AsyncClient(verify=tls, limits=limits, follow_redirects=False)
        self._checked: set[str] = set()
        """Hosts that no exception means which httpx does not read."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request.

        Raises:
            ProviderError: An exception from the proxies means the host, and httpx does not read it.
        """
        if (host := request.url.host) not in self._checked:
            try:
                check_direct(host)
            except UsageError as error:
                raise as_failure(error) from None
            self._checked.add(host)
        return await self._client.send(request, stream=True)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
