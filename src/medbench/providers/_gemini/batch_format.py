"""The format of a batch's files for Gemini: generateContent requests, and the responses or errors to them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from medbench.errors import ProviderError, UsageError
from medbench.providers import BatchAnswer, Batches, BatchLine, BatchState
from medbench.providers._gemini import sdk
from medbench.providers._gemini.reply import reply_from
from medbench.providers._gemini.request_body import body_of
from medbench.providers._gemini.schema_dialect import response_schema
from medbench.providers._gemini.settings import check
from medbench.providers._http.body import DuplicateKeyError, parsed
from medbench.providers._http.connections import Connections
from medbench.providers._http.images import ImageEncoder
from medbench.providers._http.json_values import count, mapping, name
from medbench.providers._http.limits import check_request, check_size
from medbench.providers._http.refusals import refusal
from medbench.providers._http.service import one_line
from medbench.providers._http.settings import wrong_setting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from medbench.images.recorded import Pictures
    from medbench.providers._gemini.account import Account
    from medbench.providers._http.images import ImageMark
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Request

ENDED: Final = frozenset({"succeeded", "failed", "cancelled", "expired", "partially_succeeded"})
"""States of a job on which nothing more is worked."""
PAGES: Final = 50
"""Pages of a hundred batches that are looked through for one of them."""
_STATUS: Final = {1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400, 13: 500, 14: 503, 16: 401}
"""HTTP status of a code of google.rpc, in which the errors of requests are given."""


class GeminiFormat(Batches):
    """Common part of the batches of Google's two services.

    Args:
        model: The model's file.
        pictures: Reads the images of requests.
        account: Who is asked, and as whom.
        server: Scheme and host of the service.
        loaded: Returns the SDK.
    """

    most_bytes = 1_000_000_000

    def __init__(
        self,
        model: ModelFile,
        pictures: Pictures,
        account: Account,
        server: str,
        loaded: Callable[[], Awaitable[sdk.Sdk]],
    ) -> None:
        self._model, self._account, self._loaded = model, account, loaded
        self._server, self._service = server, account.service
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
            return self._with_key(key, _generate_content(request, marks))

        encoded = await self._encoder.encode(request, document)
        check_size(len(encoded.body), request.model, self._model.limits.body_bytes)
        return BatchLine(encoded.body, encoded.images)

    async def count(self, request: Request) -> int | None:
        """Ask the service to count the text, which it does for nothing."""
        texts = [text for text in (request.system, request.text) if text]
        answer = await self._call(
            lambda client: client.models.count_tokens(model=self._model.id, contents=texts)
        )
        return count({"tokens": answer.total_tokens}, "tokens")

    async def state(self, batch: str) -> BatchState:
        """Return the job's state, and its error."""
        job = await self._job(batch)
        state, said = state_of(job), getattr(job.error, "message", None)
        words = f"{state}: '{one_line(self._service.hide(said), 200)}'" if isinstance(said, str) else state
        return BatchState(state in ENDED, words, state == "succeeded")

    async def cancel(self, batch: str) -> None:
        """Cancel a batch."""
        await self._call(lambda client: client.batches.cancel(name=batch))

    async def close(self) -> None:
        """Close the connections."""
        await self._connections.close()

    def read(self, line: bytes) -> BatchAnswer:
        """Return the response of a line, or the failure that it is."""
        try:
            data = mapping(parsed(line, self._service))
        except (DuplicateKeyError, ValueError, RecursionError):
            return BatchAnswer(None)
        key = self._key_in(data)
        try:
            answer = self._answer(key, data)
        except ProviderError as raised:
            answer = BatchAnswer(key, error=self._service.hidden(raised))
        return answer._replace(text_tokens=_text_tokens(data.get("response", data.get("prediction"))))

    def _with_key(self, key: str, document: dict[str, Any]) -> dict[str, Any]:
        """Return a request's line, which names it."""
        return {"key": key, "request": document}

    def _key_in(self, data: dict[str, Any]) -> str | None:
        """Return the key of the request that a line answers."""
        return name(data.get("key"))

    def _answer(self, key: str | None, data: dict[str, Any]) -> BatchAnswer:
        error, response = data.get("error"), data.get("response")
        if error:
            raise self._refusal(error)
        # An empty response is an answer without a candidate.
        return BatchAnswer(key, None if response is None else reply_from(response, None))

    def _refusal(self, error: object) -> ProviderError:
        """Return the failure that the error of a request means."""
        code = mapping(error).get("code")
        status = _STATUS.get(code, code) if isinstance(code, int) else 500
        return refusal(status, {}, json.dumps({"error": error}).encode(), self._service)

    async def _job(self, batch: str) -> Any:
        """Return a job as the SDK has it."""
        return await self._call(lambda client: client.batches.get(name=batch))

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
            service = loaded.service(self._account)
            raise service.hidden(sdk.failure_of(error, service)) from None


def _text_tokens(response: object) -> int | None:
    """Return the tokens of a request's text, of those that a response says were billed."""
    parts = mapping(mapping(response).get("usageMetadata")).get("promptTokensDetails")
    for part in map(mapping, parts if isinstance(parts, list) else ()):
        if part.get("modality") == "TEXT":
            return count(part, "tokenCount")
    return None


def state_of(job: Any) -> str:
    """Return the state of a job in one word, such as 'running'."""
    state = str(getattr(job.state, "value", job.state) or "unknown")
    return one_line(state.removeprefix("JOB_STATE_").removeprefix("BATCH_STATE_").lower(), 40)


def too_many_batches() -> ProviderError:
    """Return the failure of a search that was given up."""
    reason = f"the service has more than {PAGES * 100:,} batches"
    return ProviderError("unreadable", reason, final=False, later=True)


def _generate_content(request: Request, marks: Sequence[ImageMark]) -> dict[str, Any]:
    """Return a request as batches take it: a schema in the API's own dialect."""
    document = body_of(request, marks)
    config = document.get("generationConfig", {})
    if (schema := config.pop("responseJsonSchema", None)) is not None:
        config["responseSchema"] = response_schema(schema)
    return document
