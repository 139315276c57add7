"""Batches of Gemini's API: a file of generateContent requests, each with its key.

Requests that stand in the call itself are not used: their answers come without a key, and out of order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from medbench.errors import ProviderError
from medbench.providers._gemini.account import address
from medbench.providers._gemini.batch_format import PAGES, GeminiFormat, too_many_batches
from medbench.providers._http.download import download
from medbench.providers._http.exchange import exchange
from medbench.providers._http.json_values import mapping, objects_in

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.providers._http.service import Service


class GeminiBatches(GeminiFormat):
    """The batches of a key of AI Studio, or of a server that speaks as it does."""

    async def upload(self, name: str, file: Path) -> str:
        """Upload the file under the batch's name."""
        config: dict[str, Any] = {"display_name": name, "mime_type": "application/jsonl"}
        if address(self._model):  # another server says where to upload, which must not lead elsewhere
            config["http_options"] = {"base_url": self._server}
        uploaded = await self._call(lambda client: client.files.upload(file=file, config=config))
        return _checked(uploaded.name, "files/")

    async def create(self, name: str, file: Path, uploaded: str) -> str:
        """Create a batch of the uploaded file, under its display name."""
        del file
        model, config = self._model.id, {"display_name": name}
        created = await self._call(
            lambda client: client.batches.create(model=model, src=uploaded, config=config)
        )
        return _checked(created.name, "batches/")

    async def find(self, name: str, uploaded: str) -> str | None:
        """Look for a batch by its display name, or by its file, which the SDK's own list leaves out."""
        token = ""
        for _ in range(PAGES):
            url = f"{self._server}/{self._account.api_version}/batches?pageSize=100{token}"
            async with self._connections.one() as connection:
                page = await exchange(connection, url, self._keyed())
            for batch in objects_in(page, "operations", may_lack=True):
                facts = mapping(batch.get("metadata"))
                of_file = bool(uploaded) and mapping(facts.get("inputConfig")).get("fileName") == uploaded
                if of_file or facts.get("displayName") == name:
                    return _checked(batch.get("name"), "batches/")
            if not page.get("nextPageToken"):
                return None
            token = f"&pageToken={quote(str(page['nextPageToken']), safe='')}"
        raise too_many_batches()

    async def download(self, batch: str, to: Path) -> None:
        """Write the file of responses, if there is one."""
        source = getattr((await self._job(batch)).dest, "file_name", None)
        with to.open("wb") as file:
            if source is None:
                return
            path = f"{self._account.api_version}/{_checked(source, 'files/')}:download?alt=media"
            url = f"{self._server}/{path}"
            async with self._connections.one() as connection:
                await download(connection, url, self._keyed(), file)

    def _keyed(self) -> Service:
        service = self._service
        return replace(service, headers={"x-goog-api-key": service.key} if service.key else {})


def _checked(name: object, prefix: str) -> str:
    """Return the name of what a service says that it has; it becomes a part of an address."""
    if isinstance(name, str) and name.startswith(prefix):
        rest = name.removeprefix(prefix).replace("-", "").replace("_", "")
        if rest.isascii() and rest.isalnum():
            return name
    raise ProviderError("unreadable", f"the server's answer names none of its {prefix[:-1]}", final=False)
