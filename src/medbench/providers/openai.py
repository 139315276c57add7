"""Any server that speaks OpenAI's chat completions: vLLM, SGLang, llama.cpp, Ollama, LM Studio, LiteLLM."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from medbench.providers import Missing
from medbench.providers._http.address import base_url, key_hint, key_in, named_key
from medbench.providers._http.limits import check_request
from medbench.providers._http.provider import HttpProvider
from medbench.providers._http.service import Service
from medbench.providers._openai.batches import OpenAIBatches
from medbench.providers._openai.chat import chat_completion
from medbench.providers._openai.reply import reply_from
from medbench.providers._openai.settings import KNOWN, check_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.images.recorded import Pictures
    from medbench.providers._http.images import ImageMark
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request

_ROUTE: Final = "/chat/completions"
_EXAMPLE: Final = "http://localhost:8000/v1"


class Provider(HttpProvider):
    """Sends text and images in one user message; the key comes from the environment and goes nowhere else."""

    variables = ("OPENAI_API_KEY",)
    takes_schema = True
    known_settings = KNOWN

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(model, pictures)
        server = base_url(model, _EXAMPLE)
        check_settings(model)
        self._url = server if server.endswith(_ROUTE) else server + _ROUTE
        variable = self.variables[0] if model.key_env is None else model.key_env
        key = key_in(variable) if model.key_env is None else named_key(model)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._service = Service(model.id, server, key, key_hint(variable), headers=headers)
        self._read = partial(reply_from, service=self._service)

    @classmethod
    def missing(cls, model: ModelFile) -> Missing | None:
        """Return a server that is not named, or the key that the model file names."""
        if not model.base_url:
            return Missing("server", f'base_url = "{_EXAMPLE}"')
        return super().missing(model)

    async def listed(self) -> tuple[str, ...]:
        """Return the models of the server."""
        return await self._list(f"{self._url.removesuffix(_ROUTE)}/models", self._service)

    def batches(self) -> OpenAIBatches:
        """Return the server's batches, which it may not have; it says so when one is sent."""
        server = self._url.removesuffix(_ROUTE)
        return OpenAIBatches(server, self._service, self._connections, self._encoder, self._model.limits)

    async def ask(self, request: Request) -> Reply:
        """Return the model's answer to one chat completion."""
        check_request(request, self._model.limits)

        def document(marks: Sequence[ImageMark]) -> dict[str, Any]:
            return chat_completion(request, marks, model=request.model)

        return await self._post(request, self._url, self._service, document, self._read)
