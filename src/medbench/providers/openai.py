"""Any server that speaks OpenAI's chat completions: vLLM, SGLang, llama.cpp, Ollama, LM Studio, LiteLLM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import ProviderError
from medbench.providers._http import address as _address
from medbench.providers._http import exchange as _http
from medbench.providers._http.limits import check_context, check_images, check_size
from medbench.providers._openai.chat import Encoder, body, check_settings, reply_from

if TYPE_CHECKING:
    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request

KEY = "OPENAI_API_KEY"
"""Where the key is found unless the model file names another variable."""
_ROUTE = "/chat/completions"
_EXAMPLE = "http://localhost:8000/v1"


class Provider:
    """Sends text and images in one user message; the key comes from the environment and goes nowhere else."""

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        self._limits = model.limits
        base_url = _address.base_url(model, _EXAMPLE)
        self._url = base_url if base_url.endswith(_ROUTE) else base_url + _ROUTE
        check_settings(model)
        key = _address.key_in(KEY) if model.key_env is None else _address.named_key(model)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        hint = _address.key_hint(KEY if model.key_env is None else model.key_env)
        self._service = _http.Service(model.id, base_url, key, hint)
        self._connection = _http.Connection(base_url)
        self._encoder = Encoder(pictures)

    @staticmethod
    def missing(model: ModelFile) -> tuple[str, str] | None:
        """What is missing to use a model in one word, and what to type; None where nothing is."""
        if not model.base_url:
            return "server", f'base_url = "{_EXAMPLE}"'
        return _address.missing_key(model)

    async def ask(self, request: Request) -> Reply:
        """The model's answer to one chat completion."""
        check_images(request, self._limits)
        check_context(request, self._limits)
        client = await self._connection.client()
        sent = await self._encoder.encode(body(request), request)
        check_size(len(sent.body), request.model, self._limits)
        data = await _http.exchange(client, self._url, self._service, self._headers, sent.body)
        try:
            return reply_from(data, sent.images)
        except ProviderError as error:
            raise self._service.hidden(error) from None

    async def connect(self) -> None:
        """Load the network library and the certificates; the first call does it otherwise."""
        await self._connection.client()

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()
