"""Objects of Google Cloud Storage, by its JSON API: put one, list some, get one."""

from __future__ import annotations

import os
import re
from typing import IO, TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from medbench.errors import ProviderError
from medbench.providers._http.download import download
from medbench.providers._http.exchange import Upload, exchange
from medbench.providers._http.json_values import objects_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from medbench.providers._http.connections import Connections
    from medbench.providers._http.service import Service

HOST: Final = "storage.googleapis.com"
"""Host of all buckets."""
_ADDRESS: Final = re.compile(
    r"gs://(?P<bucket>[a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:/(?P<name>[^\0-\x1f]*))?"
)
_MOST: Final = 1_000
"""Most objects that are listed."""


class Place(NamedTuple):
    """An object of a bucket, or the begin of the names of some."""

    bucket: str
    """The bucket."""
    name: str
    """The name of the object in it; '' for the whole bucket."""

    @classmethod
    def of(cls, address: object) -> Place:
        """Return the place that an address such as 'gs://bucket/folder' names.

        Raises:
            ProviderError: It is none.
        """
        match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
        if match is None:
            raise ProviderError("unreadable", "the service names no place in a bucket", final=False)
        return cls(match["bucket"], (match["name"] or "").strip("/"))

    def __truediv__(self, name: str) -> Place:
        """Return the place of that name below this one."""
        return Place(self.bucket, f"{self.name}/{name}" if self.name else name)

    def __str__(self) -> str:
        return f"gs://{self.bucket}/{self.name}"


class Storage:
    """Google Cloud Storage, or a server that speaks as it does.

    Args:
        server: Scheme and host.
        connections: Lends HTTP connections.
        service: Returns who is asked, with the headers of a token that is good now.
    """

    def __init__(
        self, server: str, connections: Connections, service: Callable[[], Awaitable[Service]]
    ) -> None:
        self._server, self._connections, self._service = server, connections, service

    async def put(self, place: Place, file: Path) -> None:
        """Write a file to a place where nothing is.

        Raises:
            ProviderError: It was not written: something is there, or the service refused.
        """
        # ifGenerationMatch=0: what is in the user's bucket is never overwritten.
        query = f"uploadType=media&ifGenerationMatch=0&name={quote(place.name, safe='')}"
        url = f"{self._server}/upload/storage/v1/b/{place.bucket}/o?{query}"
        service = await self._service()
        with file.open("rb") as opened:
            upload = Upload(opened, os.fstat(opened.fileno()).st_size, "application/jsonl")
            async with self._connections.one() as connection:
                await exchange(connection, url, service, upload)

    async def list(self, folder: Place) -> list[Place]:
        """Return the objects in a folder and below.

        Raises:
            ProviderError: They cannot be listed.
        """
        found: list[Place] = []
        query, token = f"prefix={quote(folder.name + '/', safe='')}&fields=items(name),nextPageToken", ""
        while len(found) < _MOST:
            url = f"{self._server}/storage/v1/b/{folder.bucket}/o?{query}{token}"
            service = await self._service()
            async with self._connections.one() as connection:
                page = await exchange(connection, url, service)
            names = [item.get("name") for item in objects_in(page, "items", may_lack=True)]
            found += [
                Place(folder.bucket, name)
                for name in names
                if isinstance(name, str) and name.startswith(folder.name + "/")
            ]
            if not page.get("nextPageToken"):
                return found
            token = f"&pageToken={quote(str(page['nextPageToken']), safe='')}"
        reason = f"{folder} has more than {_MOST:,} objects"
        raise ProviderError("unreadable", reason, final=False, later=True)

    async def get(self, place: Place, to: IO[bytes]) -> None:
        """Append an object to an open file, ending in a newline.

        Raises:
            ProviderError: It did not come as a whole.
        """
        url = f"{self._server}/storage/v1/b/{place.bucket}/o/{quote(place.name, safe='')}?alt=media"
        service = await self._service()
        async with self._connections.one() as connection:
            await download(connection, url, service, to)
