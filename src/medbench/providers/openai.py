"""Any server that speaks OpenAI's chat completions: vLLM, SGLang, llama.cpp, Ollama, LM Studio, LiteLLM."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from medbench.errors import ProviderError, UsageError
from medbench.providers import _http
from medbench.providers._chat import OURS, body, encoded, reply_from

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
        base_url = _base_url(model)
        self._url = base_url if base_url.endswith(_ROUTE) else base_url + _ROUTE
        wrong = sorted(OURS & model.settings.keys())
        if wrong:
            raise UsageError(
                f"'{wrong[0]}' is set by medbench and cannot stand in [settings].", "leave that line out"
            )
        key = _key(model)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        name = KEY if model.key_env is None else model.key_env
        hint = f"set the environment variable {name}" if name else 'name its variable: key_env = "…"'
        self._service = _http.Service(model.id, base_url, key, hint)
        self._client: httpx.AsyncClient | None = None
        self._connecting = asyncio.Lock()
        self._encoding = asyncio.Semaphore(_ENCODED_AT_A_TIME)

    async def ask(self, request: Request) -> Reply:
        """The model's answer to one chat completion."""
        self._check_images(request)
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
        most = self._model.limits.body_bytes
        if most is not None and len(sent) > most:
            reason = (
                f"the request has {len(sent):,} bytes, but '{request.model}' takes {most:,}; "
                "send fewer images: --images spread"
            )
            raise ProviderError("too_large", reason, final=True)
        return sent

    def _check_images(self, request: Request) -> None:
        most, asked = self._model.limits.images, len(request.images)
        if most is not None and asked > most:
            how = "--images spread" if most else "--images none"
            reason = f"{asked} images asked for, but '{request.model}' takes {most}; try {how}"
            raise ProviderError("too_many_images", reason, final=True)


def _base_url(model: ModelFile) -> str:
    """The server's address; one with a password in it is refused, since addresses stand in messages."""
    example = 'base_url = "http://localhost:8000/v1"'
    if not model.base_url:
        raise UsageError(f"the model file of '{model.id}' does not say where its server is.", example)
    try:
        parts = urlsplit(model.base_url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise UsageError(f"base_url of '{model.id}' is no address.", example) from None
    if parts.username or parts.password or parts.query:
        raise UsageError(
            f"base_url of '{model.id}' holds a user, a password or a query.",
            'keep keys in the environment only: key_env = "NAME_OF_A_VARIABLE"',
        )
    if not usable:
        raise UsageError(f"base_url '{model.base_url}' is no address of a server.", example)
    return model.base_url.rstrip("/")


def _key(model: ModelFile) -> str | None:
    """The key, where there is one.

    Raises:
        UsageError: The variable that the model file names is not set, or holds no key; it is not shown.
    """
    name = KEY if model.key_env is None else model.key_env
    key = os.environ.get(name, "").strip() if name else ""
    if model.key_env and not key:
        raise UsageError(f"'{model.id}' needs a key, and '{name}' is not set.", f"export {name}=…")
    # An illegal header would be quoted, key and all, by the error of the library that refuses it.
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        raise UsageError(f"'{name}' holds no key: it has spaces or letters that no key has.", "set it again")
    return key or None
