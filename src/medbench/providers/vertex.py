"""An endpoint of Vertex AI Model Garden, such as one with MedGemma: found by its id."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from medbench.addresses import host_of
from medbench.errors import ProviderError
from medbench.providers import NO_KEY, Access, Missing
from medbench.providers._http.address import base_url, key_hint, named_key
from medbench.providers._http.limits import check_request
from medbench.providers._http.provider import HttpProvider
from medbench.providers._http.service import Service
from medbench.providers._openai.chat import chat_completion
from medbench.providers._openai.reply import reply_from
from medbench.providers._openai.settings import KNOWN, check_settings
from medbench.providers._vertex.credentials import Token, Tokens, default_credentials, missing_credentials
from medbench.providers._vertex.endpoint import (
    DEDICATED_BYTES,
    GOOGLES,
    PROJECT,
    Host,
    endpoint_at_other_host,
    endpoint_of,
    find_host,
    google_service,
    missing_part,
)
from medbench.providers._vertex.predictions import reply_from_predictions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.images.recorded import Pictures
    from medbench.providers._http.images import ImageMark
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request

# Two routes lead to an endpoint; the first tells more: usage, why an answer ended, the container's status.
CHAT: Final = "chat/completions"
PREDICT: Final = "predict"
_CONNECT_S = 30.0
_NO_SUCH_ROUTE = frozenset({404, 405, 501})
_COLD = (
    "an endpoint that was just deployed may need 20 minutes to load its model: medbench doctor -m … --wait"
)


class Provider(HttpProvider):
    """Sends chat completions to an endpoint; Google's credentials go to Google's hosts and nowhere else."""

    variables = (PROJECT, "GOOGLE_APPLICATION_CREDENTIALS")
    known_settings = KNOWN

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(model, pictures)
        check_settings(model)
        self._other_host = _other_host(model) if model.base_url else None
        self._endpoint = endpoint_at_other_host(model) if model.base_url else endpoint_of(model)
        self._tokens = Tokens()
        self._host: Host | None = None
        self._finding = asyncio.Lock()
        self._route = CHAT

    @classmethod
    def missing(cls, model: ModelFile) -> Missing | None:
        """Return a part of the endpoint's name, Google's credentials, or the key of another host."""
        if model.base_url:
            return super().missing(model)
        return missing_part(model) or missing_credentials()

    @classmethod
    def access(cls, model: ModelFile) -> Access:
        """Return Google's credentials; at another host, the key that is named for it."""
        if model.base_url:
            return Access("credentials", f"{model.key_env} is set" if model.key_env else NO_KEY)
        return default_credentials(model.project)

    @classmethod
    def hosts(cls, model: ModelFile) -> tuple[str, ...]:
        """Return the named host, or the two kinds of Google's at which an endpoint may answer."""
        if model.base_url:
            return (host_of(model.base_url),)
        full = (model.endpoint or "").split("/")
        return (f"{full[3] if len(full) == 6 else model.location}-aiplatform.googleapis.com", f"*{GOOGLES}")

    @classmethod
    def most_bytes(cls, model: ModelFile) -> int | None:
        """Return what a dedicated host of Google's takes; a shared one takes less, which the call is told."""
        return model.limits.body_bytes or (None if model.base_url else DEDICATED_BYTES)

    def why_no_batches(self) -> str:
        """Return what is reported of batch jobs with such models."""
        return (
            "batch jobs of Vertex AI with such a model are paid by the hour, and are reported to give 'id' "
            "in place of each answer (Google-Health/medgemma #80)"
        )

    async def ask(self, request: Request) -> Reply:
        """Return the endpoint's answer to one chat completion."""
        check_request(request, self._model.limits)
        if self._other_host is not None:
            service = self._other_host
            try:
                return await self._by_a_route(request, service, Host(service.base_url, None))
            except ProviderError as error:
                raise self._explained(error, None) from None
        token = await self._tokens.get()
        host = await self._google_host(token)
        try:
            reply = await self._by_a_route(request, self._google(host, token), host)
        except ProviderError as error:
            raise self._explained(error, token) from None
        self._tokens.accepted(token)
        return reply

    async def connect(self) -> None:
        """Fetch a token and find the endpoint's host; what takes too long or fails is left to the first call.

        Otherwise the first calls would be measured with it.
        """
        await super().connect()
        if self._other_host is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CONNECT_S):
                    await self._google_host(await self._tokens.get())

    async def _by_a_route(self, request: Request, service: Service, host: Host) -> Reply:
        """Return the answer by the first route, or by the second where there is none, as is remembered."""
        if self._route == CHAT:
            try:
                return await self._chat(request, service, host)
            except ProviderError as error:
                if error.status not in _NO_SUCH_ROUTE:
                    raise
        try:
            reply = await self._predict(request, service, host)
        except ProviderError as error:
            self._route = CHAT if error.status in _NO_SUCH_ROUTE else PREDICT
            raise
        self._route = PREDICT
        return reply

    async def _chat(self, request: Request, service: Service, host: Host) -> Reply:
        def document(marks: Sequence[ImageMark]) -> dict[str, Any]:
            # The endpoint knows which model it holds; the name that it gave it is in the answer.
            return chat_completion(request, marks, model="")

        url = f"{host.url}/v1beta1/{self._endpoint.name}/chat/completions"
        read = partial(reply_from, service=service)
        reply = await self._post(request, url, service, document, read, body_bytes=host.body_bytes)
        return reply.model_copy(update={"route": CHAT})

    async def _predict(self, request: Request, service: Service, host: Host) -> Reply:
        def document(marks: Sequence[ImageMark]) -> dict[str, Any]:
            fields = chat_completion(request, marks, model="")
            del fields["model"]
            return {"instances": [{"@requestFormat": "chatCompletions", **fields}]}

        url = f"{host.url}/v1/{self._endpoint.name}:predict"
        read = partial(reply_from_predictions, service=service)
        reply = await self._post(request, url, service, document, read, body_bytes=host.body_bytes)
        return reply.model_copy(update={"route": PREDICT})

    async def _google_host(self, token: Token) -> Host:
        """Return Google's host for this endpoint, which the first call looks up."""
        async with self._finding:
            if self._host is None:
                try:
                    async with self._connections.one() as connection:
                        self._host = await find_host(connection, self._endpoint, token)
                except ProviderError as error:
                    raise self._explained(error, token) from None
            return self._host

    def _google(self, host: Host, token: Token) -> Service:
        service = google_service(self._endpoint, host.url, self._endpoint.name)
        return replace(service, key=token.secret, headers=token.headers)

    def _explained(self, error: ProviderError, token: Token | None) -> ProviderError:
        """Return the error with what is known of endpoints; a token that is refused is replaced once."""
        if error.status == 401 and token is not None and self._tokens.refused(token):
            return ProviderError("unauthorized", error.reason, final=False, status=401)
        if error.status == 503:
            error.reason = f"{error.reason}; {_COLD}"
        return error


def _other_host(model: ModelFile) -> Service:
    """Return the host that a model file names in place of Google's; it may have a key of its own."""
    url, key = base_url(model, "http://localhost:18960"), named_key(model)
    return Service(
        model.id,
        url,
        key,
        key_hint(model.key_env),
        address_hint="base_url or endpoint is wrong: base_url ends before /v1",
        headers={"Authorization": f"Bearer {key}"} if key else {},
    )
