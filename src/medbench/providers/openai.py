"""Any server that speaks OpenAI's chat completions: vLLM, SGLang, llama.cpp, Ollama, LM Studio, LiteLLM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import ProviderError
from medbench.providers import Missing
from medbench.providers import Provider as Base
from medbench.providers._http.address import base_url, key_hint, key_in, named_key
from medbench.providers._http.connection import Connection
from medbench.providers._http.exchange import exchange
from medbench.providers._http.limits import check_context, check_images, check_size
from medbench.providers._http.service import Service
from medbench.providers._openai.chat import Encoder, body, check_settings
from medbench.providers._openai.reply import reply_from

if TYPE_CHECKING:
    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request

_ROUTE = "/chat/completions"
_EXAMPLE = "http://localhost:8000/v1"


class Provider(Base):
    """Sends text and images in one user message; the key comes from the environment and goes nowhere else."""

    variables = ("OPENAI_API_KEY",)

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(model, pictures)
        self._limits = model.limits
        address = base_url(model, _EXAMPLE)
        self._url = address if address.endswith(_ROUTE) else address + _ROUTE
        check_settings(model)
        variable = self.variables[0] if model.key_env is None else model.key_env
        key = key_in(variable) if model.key_env is None else named_key(model)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._service = Service(model.id, address, key, key_hint(variable))
        self._connection = Connection(address)
        self._encoder = Encoder(pictures)

    @classmethod
    def missing(cls, model: ModelFile) -> Missing | None:
        """A server that is not named, or the key that the model file names."""
        if not model.base_url:
            return Missing("server", f'base_url = "{_EXAMPLE}"')
        return super().missing(model)

    async def ask(self, request: Request) -> Reply:
        """The model's answer to one chat completion."""
        check_images(request, self._limits)
        check_context(request, self._limits)
        client = await self._connection.client()
        sent = await self._encoder.encode(body(request), request)
        check_size(len(sent.body), request.model, self._limits)
        data = await exchange(client, self._url, self._service, self._headers, sent.body)
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
