"""Gemini, by Google's SDK google-genai: with a key of AI Studio, or on Vertex AI with the login of gcloud."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from medbench.errors import ProviderError, UsageError
from medbench.providers import Access, Missing
from medbench.providers import Provider as Base
from medbench.providers._gemini import account, sdk
from medbench.providers._gemini.batches import GeminiBatches
from medbench.providers._gemini.reply import parsed, reply_from
from medbench.providers._gemini.request_body import body_of
from medbench.providers._gemini.settings import check
from medbench.providers._gemini.vertex_batches import VertexBatches
from medbench.providers._http.connections import Connections
from medbench.providers._http.exchange import exchange
from medbench.providers._http.images import ImageWork, images_to_send, mime_type
from medbench.providers._http.limits import check_request
from medbench.providers._http.listing import ids_in
from medbench.providers._http.settings import wrong_setting
from medbench.registry import shipped_models

if TYPE_CHECKING:
    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request


class Provider(Base):
    """Sends text and images in one user turn; the SDK neither retries nor goes on by itself."""

    variables = account.KEYS
    price_service = "google"
    takes_schema = True
    counts_thoughts_apart = True

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(model, pictures)
        _check_not_retired(model)
        check(model.settings)
        self._account = account.account(model)
        self._sdk: sdk.Sdk | None = None
        self._loading, self._work = asyncio.Lock(), ImageWork()

    @classmethod
    def missing(cls, model: ModelFile) -> Missing | None:
        """Return a key of AI Studio; on Vertex AI, a project or Google's credentials."""
        if model.base_url or model.key_env:
            return super().missing(model)
        return account.missing_at_google(model)

    @classmethod
    def access(cls, model: ModelFile) -> Access:
        """Return a key, or on Vertex AI Google's credentials."""
        return account.access(model) or super().access(model)

    async def connect(self) -> None:
        """Load the SDK, which takes most of a second; the first call does it otherwise.

        Raises:
            ProviderError: There is no login to Google's cloud.
        """
        await self._loaded()

    @classmethod
    def address(cls, model: ModelFile) -> str | None:
        """Return the server of the model file, or of the variables that Google's SDK reads."""
        return account.address(model)

    @classmethod
    def hosts(cls, model: ModelFile) -> tuple[str, ...]:
        """Return the named server's host, or those of Google's services."""
        return account.hosts(model)

    async def listed(self) -> tuple[str, ...] | None:
        """Return the models of AI Studio, or of the named server; Vertex AI has no such list."""
        if self._account.project:
            return None
        service = self._account.service
        service = replace(service, headers={"x-goog-api-key": service.key} if service.key else {})
        connections = Connections()
        try:
            async with connections.one() as connection:
                url = f"{account.server(self._model)}/v1beta/models?pageSize=1000"
                return ids_in(await exchange(connection, url, service))
        finally:
            await connections.close()

    def batches(self) -> GeminiBatches | VertexBatches | None:
        """Return the batches of AI Studio, or of Vertex AI, where the model has a bucket for them."""
        if self.missing_for_batches() is not None:
            return None
        kind = VertexBatches if self._account.project else GeminiBatches
        server = account.server(self._model)
        return kind(self._model, self._pictures, self._account, server, self._loaded)

    def missing_for_batches(self) -> Missing | None:
        """Return the bucket, which Vertex AI reads requests from."""
        if self._model.bucket or not self._account.project:
            return None
        return Missing("bucket", 'bucket = "gs://BUCKET/FOLDER" of the model in medbench.toml')

    async def ask(self, request: Request) -> Reply:
        """Return the model's answer to one generateContent."""
        check_request(request, self._model.limits)
        _check_settings(request)
        loaded = await self._loaded()
        body, images_sent = await self._work.do(request, lambda: self._prepared(request))
        try:
            response = await loaded.generate_content(request.model, body)
        except ProviderError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises
            service = loaded.service(self._account)
            raise service.hidden(sdk.failure_of(error, service)) from None
        service = loaded.service(self._account)
        try:
            answer = await parsed(response.body or "", response.headers or {}, service)
            return reply_from(answer, images_sent, service)
        except ProviderError as error:
            raise service.hidden(error) from None

    async def close(self) -> None:
        """Close the connections."""
        loaded, self._sdk = self._sdk, None
        if loaded is not None:
            await loaded.http.aclose()

    async def _loaded(self) -> sdk.Sdk:
        async with self._loading:
            if self._sdk is None:
                self._sdk = await asyncio.to_thread(sdk.load, self._account, self._model.limits.body_bytes)
            return self._sdk

    def _prepared(self, request: Request) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return the body of a request, and the digest of each image in it; for a thread unless light."""
        images = images_to_send(self._pictures, request)
        encoded = ((mime_type(image.data), b64encode(image.data).decode()) for image in images)
        return body_of(request, encoded), tuple(image.sha256 for image in images)


def _check_settings(request: Request) -> None:
    """Check the settings of a system, which --set may have changed."""
    try:
        check(request.settings)
    except UsageError as error:
        raise wrong_setting(error) from None


def _check_not_retired(model: ModelFile) -> None:
    """Refuse a model that is gone: Google answers for some of them with another one, which nobody asked for.

    Another server, such as a mock or a recording, may well go on under the old name.
    """
    if model.base_url or not model.is_retired(datetime.now(UTC).date()):
        return
    names = [name for name, other in shipped_models().items() if other.get("id") == model.successor]
    hint = f"-m {names[0]}   ({model.successor})" if names else f'id = "{model.successor}"'
    raise UsageError(
        f"'{model.id}' was shut down on {model.retires}.", hint if model.successor else "medbench models"
    )
