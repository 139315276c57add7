"""Batches of Gemini's API: a file of generateContent requests, each with its key.

Requests that stand in the call itself are not used: their answers come without a key, and out of order.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from medbench.errors import ProviderError, UsageError
from medbench.providers import BatchAnswer, Batches, BatchLine, BatchState
from medbench.providers._gemini import sdk
from medbench.providers._gemini.reply import reply_from
from medbench.providers._gemini.settings import check, config_of
from medbench.providers._http.body import DuplicateKeyError, parsed
from medbench.providers._http.connections import Connections
from medbench.providers._http.download import download
from medbench.providers._http.exchange import exchange
from medbench.providers._http.images import ImageEncoder
from medbench.providers._http.json_values import mapping, name
from medbench.providers._http.limits import check_request, check_size
from medbench.providers._http.refusals import refusal
from medbench.providers._http.settings import in_order, wrong_setting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from medbench.images.recorded import Pictures
    from medbench.providers._gemini.account import Account
    from medbench.providers._http.images import ImageMark
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Request

_ENDED: Final = frozenset({"succeeded", "failed", "cancelled", "expired", "partially_succeeded"})
_STATUS: Final = {1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400, 13: 500, 14: 503, 16: 401}
"""HTTP status of a code of google.rpc, in which the errors of requests are given."""
_PAGES: Final = 50
"""Pages of a hundred batches that are looked through for one of them."""


class GeminiBatches(Batches):
    """The batches of a key of AI Studio, or of a server that speaks as it does.

    Args:
        model: The model's file.
        pictures: Reads the images of requests.
        account: Who is asked, and as whom.
        host: Host of the service.
        loaded: Returns the SDK.
    """

    most_bytes = 1_000_000_000

    def __init__(
        self,
        model: ModelFile,
        pictures: Pictures,
        account: Account,
        host: str,
        loaded: Callable[[], Awaitable[sdk.Sdk]],
    ) -> None:
        self._model, self._account, self._loaded = model, account, loaded
        self._server = account.base_url or f"https://{host}"
        self._service = service = account.service
        self._with_key = replace(service, headers={"x-goog-api-key": service.key} if service.key else {})
        self._connections = Connections()
        self._encoder = ImageEncoder(pictures)

    async def line(self, key: str, request: Request) -> BatchLine:
        """Return a generateContent request under its key."""
        check_request(request, self._model.limits)
        try:
            check(request.settings)
        except UsageError as error:
            raise wrong_setting(error) from None

        def document(marks: Sequence[ImageMark]) -> dict[str, Any]:
            return {"key": key, "request": _generate_content(request, marks)}

        encoded = await self._encoder.encode(request, document)
        check_size(len(encoded.body), request.model, self._model.limits.body_bytes)
        return BatchLine(encoded.body, encoded.images)

    async def upload(self, name: str, file: Path) -> str:
        """Upload the file under the batch's name."""
        config: dict[str, Any] = {"display_name": name, "mime_type": "application/jsonl"}
        if self._account.base_url:  # the server is told where to upload, which must not lead elsewhere
            config["http_options"] = {"base_url": self._account.base_url}
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
        for _ in range(_PAGES):
            url = f"{self._server}/{self._account.api_version}/batches?pageSize=100{token}"
            async with self._connections.client() as client:
                page = mapping(await exchange(client, url, self._with_key))
            listed = page.get("operations")
            for batch in map(mapping, listed if isinstance(listed, list) else ()):
                facts = mapping(batch.get("metadata"))
                of_file = bool(uploaded) and mapping(facts.get("inputConfig")).get("fileName") == uploaded
                if of_file or facts.get("displayName") == name:
                    return _checked(batch.get("name"), "batches/")
            if not page.get("nextPageToken"):
                return None
            token = f"&pageToken={quote(str(page['nextPageToken']), safe='')}"
        reason = f"the server has more than {_PAGES * 100:,} batches"
        raise ProviderError("unreadable", reason, final=False, later=True)

    async def state(self, batch: str) -> BatchState:
        """Return the job's state."""
        job = await self._call(lambda client: client.batches.get(name=batch))
        state = str(getattr(job.state, "value", job.state) or "unknown")
        words = state.removeprefix("JOB_STATE_").removeprefix("BATCH_STATE_").lower()
        return BatchState(words in _ENDED, words)

    async def cancel(self, batch: str) -> None:
        """Cancel a batch."""
        await self._call(lambda client: client.batches.cancel(name=batch))

    async def download(self, batch: str, to: Path) -> None:
        """Write the file of responses, if there is one."""
        job = await self._call(lambda client: client.batches.get(name=batch))
        source = getattr(job.dest, "file_name", None)
        with to.open("wb") as file:
            if source is None:
                return
            path = f"{self._account.api_version}/{_checked(source, 'files/')}:download?alt=media"
            url = f"{self._server}/{path}"
            async with self._connections.client() as client:
                await download(client, url, self._with_key, file)

    async def close(self) -> None:
        """Close the connections."""
        await self._connections.close()

    def read(self, line: bytes) -> BatchAnswer:
        """Return the response of a line, or the failure that it is."""
        try:
            data = mapping(parsed(line, self._service))
        except (DuplicateKeyError, ValueError, RecursionError):
            return BatchAnswer(None)
        key, error = name(data.get("key")), data.get("error")
        try:
            if error:
                code = mapping(error).get("code")
                status = _STATUS.get(code, code) if isinstance(code, int) else 500
                raise refusal(status, {}, json.dumps({"error": error}).encode(), self._service)
            response = data.get("response")  # an empty one is an answer without a candidate
            return BatchAnswer(key, None if response is None else reply_from(response, None))
        except ProviderError as raised:
            return BatchAnswer(key, error=self._service.hidden(raised))

    async def _call(self, call: Callable[[Any], Awaitable[Any]]) -> Any:
        """Return what a call of the SDK returns.

        Raises:
            ProviderError: It failed.
        """
        loaded = await self._loaded()
        try:
            return await call(loaded.client.aio)
        except ProviderError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises
            raise self._service.hidden(sdk.failure_of(error, self._service)) from None


def _generate_content(request: Request, marks: Sequence[ImageMark]) -> dict[str, Any]:
    """Return a request as the API takes it, which is not as the SDK does."""
    config = config_of(request.settings, request.system)
    images = [{"inlineData": {"mimeType": mark.mime_type, "data": mark.data}} for mark in marks]
    parts = in_order(request.settings, request.text, images, lambda text: {"text": text})
    document: dict[str, Any] = {"contents": [{"role": "user", "parts": parts}]}
    if (system := config.pop("system_instruction", None)) is not None:
        document["systemInstruction"] = {"parts": [{"text": system}]}
    if "thinking_config" in config:
        config["thinking_config"] = _camel(config["thinking_config"])
    return {**document, "generationConfig": _camel(config)} if config else document


def _camel(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields under the names that they have in JSON; what they hold is left as it is."""
    words = ((key.split("_"), value) for key, value in fields.items())
    return {first + "".join(map(str.capitalize, rest)): value for (first, *rest), value in words}


def _checked(name: object, prefix: str) -> str:
    """Return the name of what a service says that it has; it becomes a part of an address."""
    if isinstance(name, str) and name.startswith(prefix):
        rest = name.removeprefix(prefix).replace("-", "").replace("_", "")
        if rest.isascii() and rest.isalnum():
            return name
    raise ProviderError("unreadable", f"the server's answer names none of its {prefix[:-1]}", final=False)
