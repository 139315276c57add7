"""An endpoint of Vertex AI Model Garden, such as one with MedGemma: found by its id."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from medbench.errors import ProviderError
from medbench.providers import Access, Missing
from medbench.providers import Provider as Base
from medbench.providers._http.address import base_url, key_hint, named_key
from medbench.providers._http.connection import Connection
from medbench.providers._http.exchange import exchange
from medbench.providers._http.limits import check_context, check_images, check_size
from medbench.providers._http.service import Service
from medbench.providers._openai.chat import Encoder, body, check_settings
from medbench.providers._openai.reply import reply_from
from medbench.providers._vertex.credentials import Token, Tokens, default_credentials, missing_credentials
from medbench.providers._vertex.endpoint import (
    PROJECT,
    Host,
    endpoint_elsewhere,
    endpoint_of,
    find_host,
    google_service,
    missing_part,
)
from medbench.providers._vertex.predictions import reply_from_predictions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request

CHAT: Final = "chat/completions"
PREDICT: Final = "predict"
"""The two routes of an endpoint; the first says more: usage, why an answer ended, the container's status."""
_CONNECT_S = 30.0
_NO_SUCH_ROUTE = frozenset({404, 405, 501})
_COLD = (
    "an endpoint that was just deployed may need 20 minutes to load its model: medbench doctor -m … --wait"
)


@dataclass(frozen=True, slots=True)
class _Reach:
    """Where one call goes, and with what."""

    host: Host
    service: Service
    headers: Mapping[str, str]
    token: Token | None


class Provider(Base):
    """Sends chat completions to an endpoint; Google's credentials go to Google's hosts and nowhere else."""

    variables = (PROJECT, "GOOGLE_APPLICATION_CREDENTIALS")

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(model, pictures)
        check_settings(model)
        self._own = _other_host(model) if model.base_url else None
        self._endpoint = endpoint_elsewhere(model) if model.base_url else endpoint_of(model)
        self._tokens = Tokens()
        self._host: Host | None = None
        self._finding = asyncio.Lock()
        self._route = CHAT
        self._connection = Connection(self._own.service.base_url if self._own else None)
        self._encoder = Encoder(pictures)

    @classmethod
    def missing(cls, model: ModelFile) -> Missing | None:
        """A part of the endpoint's name, Google's credentials, or the key of another host."""
        if model.base_url:
            return super().missing(model)
        return missing_part(model) or missing_credentials()

    @classmethod
    def access(cls, model: ModelFile) -> Access:
        """Google's credentials; at another host, the key that is named for it."""
        if model.base_url:
            return Access("credentials", f"{model.key_env} is set" if model.key_env else "none is sent")
        return default_credentials(model.project)

    async def ask(self, request: Request) -> Reply:
        """The endpoint's answer to one chat completion."""
        check_images(request, self._model.limits)
        check_context(request, self._model.limits)
        reach = self._own or await self._googles()
        try:
            reply = await self._by_a_route(request, reach)
        except ProviderError as error:
            raise reach.service.hidden(self._explained(error, reach.token)) from None
        if reach.token is not None:
            self._tokens.accepted(reach.token)
        return reply

    async def connect(self) -> None:
        """Fetch a token and find the endpoint's host; what takes too long or fails is left to the first call.

        Otherwise the first calls would be measured with it.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(_CONNECT_S):
                await (self._connection.client() if self._own else self._googles())

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    async def _by_a_route(self, request: Request, reach: _Reach) -> Reply:
        """The answer by the first route, or by the second where there is no such route, as is remembered."""
        if self._route == CHAT:
            try:
                return await self._chat(request, reach)
            except ProviderError as error:
                if error.status not in _NO_SUCH_ROUTE:
                    raise
        try:
            reply = await self._predict(request, reach)
        except ProviderError as error:
            self._route = CHAT if error.status in _NO_SUCH_ROUTE else PREDICT
            raise
        self._route = PREDICT
        return reply

    async def _chat(self, request: Request, reach: _Reach) -> Reply:
        url = f"{reach.host.url}/v1beta1/{self._endpoint.name}/chat/completions"
        # The endpoint knows which model it holds; the name that it gave it is in the answer.
        said, images = await self._send(url, body(request, model=""), request, reach)
        return reply_from(said, images).model_copy(update={"route": CHAT})

    async def _predict(self, request: Request, reach: _Reach) -> Reply:
        url = f"{reach.host.url}/v1/{self._endpoint.name}:predict"
        fields = {key: value for key, value in body(request).items() if key != "model"}
        document = {"instances": [{"@requestFormat": "chatCompletions", **fields}]}
        said, images = await self._send(url, document, request, reach)
        return reply_from_predictions(said, images).model_copy(update={"route": PREDICT})

    async def _send(
        self, url: str, document: Mapping[str, Any], request: Request, reach: _Reach
    ) -> tuple[object, tuple[str, ...]]:
        """What came back, and the digests of the images that were sent."""
        client = await self._connection.client()
        sent = await self._encoder.encode(document, request)
        most = self._model.limits.body_bytes or reach.host.body_bytes
        check_size(len(sent.body), request.model, self._model.limits.model_copy(update={"body_bytes": most}))
        said = await exchange(client, url, reach.service, reach.headers, sent.body)
        return said, sent.images

    async def _googles(self) -> _Reach:
        """Google's host for this endpoint, looked up by the first call, and a token."""
        token = await self._tokens.get()
        async with self._finding:
            if self._host is None:
                client = await self._connection.client()
                try:
                    self._host = await find_host(client, self._endpoint, token)
                except ProviderError as error:
                    raise self._explained(error, token) from None
        service = google_service(self._endpoint, self._host.url, self._endpoint.name)
        return _Reach(self._host, replace(service, key=token.secret), token.headers, token)

    def _explained(self, error: ProviderError, token: Token | None) -> ProviderError:
        """The error with what is known of endpoints; a token that is refused is replaced once."""
        if error.status == 401 and token is not None and self._tokens.refused(token):
            return ProviderError("unauthorized", error.reason, final=False, status=401)
        if error.status == 503:
            error.reason = f"{error.reason}; {_COLD}"
        return error


def _other_host(model: ModelFile) -> _Reach:
    """The host that a model file names in place of Google's; it may have a key of its own."""
    url, key = base_url(model, "http://localhost:18960"), named_key(model)
    service = Service(
        model.id,
        url,
        key,
        key_hint(model.key_env),
        address_hint="base_url or endpoint is wrong: base_url ends before /v1",
    )
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return _Reach(Host(url, None), service, headers, None)
