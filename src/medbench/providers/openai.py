"""Any server that speaks OpenAI's chat completions: vLLM, SGLang, llama.cpp, Ollama, LM Studio, LiteLLM."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from medbench.errors import ProviderError, UsageError
from medbench.providers import _address, _http
from medbench.providers._chat import OURS, body, encoded, reply_from
from medbench.providers._limits import check_images, check_size

if TYPE_CHECKING:
    import httpx

    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request

KEY = "OPENAI_API_KEY"
"""Where the key is found unless the model file names another variable."""
_ROUTE = "/chat/completions"
_ENCODED_AT_A_TIME = 2
"""Requests that are read and encoded at a time: with more threads, the event loop waits its turn too long."""


class Provider:
    """Sends text and images in one user message; the key comes from the environment and goes nowhere else."""

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        self._model, self._pictures = model, pictures
        base_url = _address.base_url(model, "http://localhost:8000/v1")
        self._url = base_url if base_url.endswith(_ROUTE) else base_url + _ROUTE
        wrong = sorted(OURS & model.settings.keys())
        if wrong:
            raise UsageError(
                f"'{wrong[0]}' is set by medbench and cannot stand in [settings].", "leave that line out"
            )
        key = _address.key_in(KEY) if model.key_env is None else _address.named_key(model)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        name = KEY if model.key_env is None else model.key_env
        hint = f"set the environment variable {name}" if name else 'name its variable: key_env = "…"'
        self._service = _http.Service(model.id, base_url, key, hint)
        self._client: httpx.AsyncClient | None = None
        self._connecting = asyncio.Lock()
        self._encoding = asyncio.Semaphore(_ENCODED_AT_A_TIME)

    async def ask(self, request: Request) -> Reply:
        """The model's answer to one chat completion."""
        check_images(request, self._model.limits)
        client = self._client or await self._connected()
        async with self._encoding:
            sent = await asyncio.to_thread(self._encoded, request)
        data = await _http.post(client, self._url, sent, self._service, self._headers)
        try:
            # Pictures.read found each image to have this digest, and no byte of it was changed.
            return reply_from(data, tuple(image.sha256 for image in request.images))
        except ProviderError as error:
            raise self._service.hidden(error) from None

    async def _connected(self) -> httpx.AsyncClient:
        """The client of the running event loop, made by the first of the calls that ask for it."""
        async with self._connecting:
            if self._client is None:
                self._client = _http.new_client(await asyncio.to_thread(_http.ssl_context))
            return self._client

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _encoded(self, request: Request) -> bytes:
        """The request's bytes; in a thread, since reading, hashing and base64 take their time."""
        document = body(request)
        sent = encoded(document, [self._pictures.read(image) for image in request.images])
        check_size(len(sent), request.model, self._model.limits)
        return sent
