"""Batches in OpenAI's format: a file of chat completions, which `vllm run-batch` reads and writes as well."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.errors import ProviderError
from medbench.providers import BatchAnswer, Batches, BatchLine, BatchState
from medbench.providers._http.body import DuplicateKeyError, parsed
from medbench.providers._http.download import download
from medbench.providers._http.error_documents import error_in_answer
from medbench.providers._http.exchange import Form, exchange
from medbench.providers._http.json_values import count, mapping, name, objects_in
from medbench.providers._http.limits import check_request, check_size
from medbench.providers._http.refusals import refusal, sentence
from medbench.providers._http.service import one_line
from medbench.providers._openai.chat import chat_completion
from medbench.providers._openai.reply import reply_from

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from medbench.providers._http.connections import Connections
    from medbench.providers._http.images import ImageEncoder, ImageMark
    from medbench.providers._http.service import Service
    from medbench.schema.model import Limits
    from medbench.schema.response import Request

ROUTE: Final = "/v1/chat/completions"
_NAME: Final = "medbench"
"""Key of a batch's metadata under which its name stands."""
_ENDED: Final = frozenset({"failed", "completed", "expired", "cancelled"})
_NOT_RUN: Final = frozenset({"batch_expired", "batch_cancelled"})
"""Errors of requests that nobody worked on."""
_PASSING: Final = frozenset({408, 425, 429})
"""Statuses below 500 of a counter that is there."""
_PAGES: Final = 50
"""Pages of a hundred batches that are looked through for one of them."""


class ChatBatches(Batches):
    """The format of a batch's files, however they travel.

    Args:
        service: Who is asked, as messages name it.
        encoder: Makes requests with their images.
        limits: Of the model.
    """

    def __init__(self, service: Service, encoder: ImageEncoder, limits: Limits) -> None:
        self._service, self._encoder, self._limits = service, encoder, limits

    async def line(self, key: str, request: Request) -> BatchLine:
        """Return a chat completion under its key."""
        check_request(request, self._limits)

        def document(marks: Sequence[ImageMark]) -> dict[str, Any]:
            body = chat_completion(request, marks, model=request.model)
            return {"custom_id": key, "method": "POST", "url": ROUTE, "body": body}

        encoded = await self._encoder.encode(request, document)
        check_size(len(encoded.body), request.model, self._limits.body_bytes)
        return BatchLine(encoded.body, encoded.images)

    def read(self, line: bytes) -> BatchAnswer:
        """Return the chat completion of a line, or the failure that it is."""
        try:
            data = mapping(parsed(line, self._service))
        except (DuplicateKeyError, ValueError, RecursionError):
            return BatchAnswer(None)
        key = name(data.get("custom_id"))
        try:
            return self._answer(key, data)
        except ProviderError as error:
            return BatchAnswer(key, error=self._service.hidden(error))

    def _answer(self, key: str | None, data: dict[str, Any]) -> BatchAnswer:
        error, response = data.get("error"), mapping(data.get("response"))
        if name(mapping(error).get("code")) in _NOT_RUN:
            return BatchAnswer(key)
        status = response.get("status_code")
        if status not in (None, 200, "200"):
            # vLLM leaves the body out, and says in the error what went wrong.
            said, number = response.get("body") or error, int(status) if str(status).isdecimal() else 500
            raise refusal(number, {}, json.dumps(said).encode(), self._service)
        if error and (found := error_in_answer({"error": error}, self._service)):
            raise found
        return BatchAnswer(key, reply_from(response.get("body"), None, self._service))


class Counter(NamedTuple):
    """A way in which a server counts the tokens of a text."""

    url: str
    """Where it is asked."""
    text: str
    """Field of the text."""
    tokens: str
    """Field of the answer with their number."""


class OpenAIBatches(ChatBatches):
    """The batches of one server.

    Args:
        server: Its address, such as 'https://api.openai.com/v1'.
        service: The same, as messages name it.
        connections: Lends HTTP connections.
        encoder: Makes requests with their images.
        limits: Of the model.
    """

    def __init__(
        self,
        server: str,
        service: Service,
        connections: Connections,
        encoder: ImageEncoder,
        limits: Limits,
    ) -> None:
        super().__init__(service, encoder, limits)
        self._server, self._connections = server, connections
        self._counters: tuple[Counter, ...] = (
            Counter(f"{server}/responses/input_tokens", "input", "input_tokens"),
            Counter(f"{server.removesuffix('/v1')}/tokenize", "prompt", "count"),
        )

    async def count(self, request: Request) -> int | None:
        """Ask the counter of OpenAI's API, or of vLLM; a server has one of them, or none."""
        text = "\n".join(text for text in (request.system, request.text) if text)
        for counter in self._counters:
            body = json.dumps({"model": request.model, counter.text: text}).encode()
            try:
                async with self._connections.one() as connection:
                    answer = await exchange(connection, counter.url, self._service, body)
            except ProviderError as error:
                if error.status is None or error.status >= 500 or error.status in _PASSING:
                    raise
                continue
            if (tokens := count(answer, counter.tokens)) is not None:
                self._counters = (counter,)
                return tokens
        self._counters = ()
        return None

    async def upload(self, name: str, file: Path) -> str:
        """Upload the file under the batch's name."""
        with file.open("rb") as opened:
            form = Form({"purpose": "batch"}, f"{name}.jsonl", opened)
            answer = await self._exchange("/files", form)
        return _id_in(answer, "file")

    async def create(self, name: str, file: Path, uploaded: str) -> str:
        """Create a batch of the uploaded file, with its name in the metadata."""
        del file
        wanted = {
            "input_file_id": uploaded,
            "endpoint": ROUTE,
            "completion_window": "24h",
            "metadata": {_NAME: name},
        }
        return _id_in(await self._exchange("/batches", json.dumps(wanted).encode()), "batch")

    async def find(self, name: str, uploaded: str) -> str | None:
        """Look for a batch by the name in its metadata, or by its file: some servers lose metadata."""
        after = ""
        for _ in range(_PAGES):
            page = await self._exchange(f"/batches?limit=100{after}")
            batches = objects_in(page, "data")
            for batch in batches:
                of_file = bool(uploaded) and batch.get("input_file_id") == uploaded
                if of_file or mapping(batch.get("metadata")).get(_NAME) == name:
                    return _id_in(batch, "batch")
            if not batches or not page.get("has_more"):
                return None
            after = f"&after={batches[-1].get('id')}"
        reason = f"the server has more than {_PAGES * 100:,} batches"
        raise ProviderError("unreadable", reason, final=False, later=True)

    async def state(self, batch: str) -> BatchState:
        """Return the batch's status, how many requests are done, and its first error."""
        answer = await self._batch(batch)
        status, counts = name(answer.get("status")) or "unknown", mapping(answer.get("request_counts"))
        words = one_line(status, 40)
        if isinstance(counts.get("total"), int):
            words += f", {counts.get('completed')} of {counts['total']} done"
        errors = mapping(answer.get("errors")).get("data")
        if isinstance(errors, list) and errors:
            words += f": '{one_line(self._service.hide(sentence(errors[0])), 200)}'"
        return BatchState(status in _ENDED, words, status == "completed")

    async def cancel(self, batch: str) -> None:
        """Cancel a batch."""
        await self._exchange(f"/batches/{batch}/cancel", b"{}")

    async def download(self, batch: str, to: Path) -> None:
        """Write the output file, and after it the error file."""
        answer = await self._batch(batch)
        with to.open("wb") as file:
            for kind in ("output_file_id", "error_file_id"):
                if (source := name(answer.get(kind))) is not None:
                    async with self._connections.one() as connection:
                        url = f"{self._server}/files/{source}/content"
                        await download(connection, url, self._service, file)

    async def _batch(self, batch: str) -> dict[str, Any]:
        answer = await self._exchange(f"/batches/{batch}")
        _id_in(answer, "batch")
        return mapping(answer)

    async def _exchange(self, path: str, body: bytes | Form | None = None) -> Any:
        async with self._connections.one() as connection:
            return await exchange(connection, self._server + path, self._service, body)


def _id_in(answer: object, what: str) -> str:
    """Return the id of what a server says that it made; it becomes a part of an address."""
    found = mapping(answer).get("id")
    if isinstance(found, str) and found and found.replace("-", "").replace("_", "").isalnum():
        return found
    raise ProviderError("unreadable", f"the server's answer is not a valid {what}: it has no id", final=False)
