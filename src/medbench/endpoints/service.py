"""The management calls of Vertex AI: one exchange each, with Google's credentials, to Google's host alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlencode

from medbench.addresses import server_name
from medbench.deadline import in_time
from medbench.errors import ProviderError
from medbench.providers._http.connections import Connections
from medbench.providers._http.exchange import exchange
from medbench.providers._http.json_values import objects_in
from medbench.providers._http.service import Service
from medbench.providers._vertex.credentials import LOGIN, Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.endpoints.place import Place

MAY_PASS: Final = frozenset({"connection", "rate_limit", "timeout", "unavailable"})
"""Kinds of failures after which the same call may succeed."""
_PAGES: Final = 200
"""Most pages of a list: 20,000 things of one kind."""


class VertexService:
    """Asks Vertex AI about one place, and tells it what to do there; belongs to one event loop."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._tokens = Tokens()
        self._connections = Connections()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connections.close()

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """Return what stands at a path, such as 'v1/projects/p/…'.

        Raises:
            ProviderError: It is not there, is not to be seen, or the service does not answer.
        """
        return await self._call(path + (f"?{urlencode(query)}" if query else ""))

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to JSON that is posted.

        Raises:
            ProviderError: It was refused, or it is unknown what became of it (`sent` tells).
        """
        return await self._call(path, json.dumps(body).encode())

    async def delete(self, path: str) -> dict[str, Any]:
        """Return the operation that deletes what stands at a path.

        Raises:
            ProviderError: It was refused, or it is unknown what became of it.
        """
        return await self._call(path, method="DELETE")

    async def pages(self, path: str, key: str, **query: str) -> list[dict[str, Any]]:
        """Return all items of a list, page by page.

        Raises:
            ProviderError: A page did not come.
        """
        found: list[dict[str, Any]] = []
        token = ""
        for _ in range(_PAGES):
            more = {"pageToken": token} if token else {}
            page = await self.get(path, pageSize="100", **query, **more)
            found += objects_in(page, key, may_lack=True)
            token = str(page.get("nextPageToken") or "")
            if not token:
                break
        return found

    async def _call(self, path: str, body: bytes | None = None, method: str | None = None) -> dict[str, Any]:
        """Return the JSON object that answers; a token that is refused is replaced once."""
        while True:
            token = await self._tokens.get()
            service = replace(self._named(path), key=token.secret, headers=token.headers)
            try:
                async with self._connections.one() as connection:
                    url = f"{self.place.url}/{path}"
                    call = exchange(connection, url, service, body, method=method)
                    said = await in_time(call, f"answer of {server_name(self.place.url)}")
            except ProviderError as error:
                if error.status == 401 and self._tokens.refused(token):
                    continue
                raise
            self._tokens.accepted(token)
            if not isinstance(said, dict):
                raise ProviderError("unreadable", f"{self.place.url} answered with no object", final=False)
            return said

    def _named(self, path: str) -> Service:
        place = self.place
        return Service(
            model=path.partition("?")[0].partition("/")[2],
            base_url=place.url,
            key_hint=(
                f"is project '{place.project}' right, the Vertex AI API switched on in it, and has the "
                f"account the role 'Vertex AI User' there? Another account: {LOGIN}"
            ),
            address_hint=f"project '{place.project}' or location '{place.location}' is wrong",
            reach_hint=f"is the network up, and location '{place.location}' right?",
        )
