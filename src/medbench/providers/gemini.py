"""Gemini, by Google's SDK google-genai: with a key of AI Studio, or on Vertex AI with the login of gcloud."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from medbench.errors import ProviderError, UsageError
from medbench.images.transform import NONE
from medbench.providers import Access, Missing
from medbench.providers import Provider as Base
from medbench.providers._gemini import account as _gemini_account
from medbench.providers._gemini import sdk as _genai
from medbench.providers._gemini.reply import parsed, reply_from
from medbench.providers._gemini.settings import ORDERS, check, config_of
from medbench.providers._http.exchange import broken
from medbench.providers._http.limits import check_context, check_images
from medbench.registry import shipped_models

if TYPE_CHECKING:
    from medbench.images.recorded import Pictures
    from medbench.providers._http.service import Service
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request

_ENCODED_AT_A_TIME = 2
"""Requests that are read and encoded at a time: with more threads, the event loop waits its turn too long."""


@dataclass(frozen=True, slots=True)
class _Connected:
    """What is there once the SDK is loaded."""

    sdk: _genai.Sdk
    http: Any
    client: Any


class Provider(Base):
    """Sends text and images in one user turn; the SDK neither retries nor goes on by itself."""

    variables = _gemini_account.KEYS
    price_service = "google"
    counts_thoughts_apart = True

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(model, pictures)
        _check_not_retired(model)
        check(model.settings)
        self._account = _gemini_account.account(model)
        self._connected: _Connected | None = None
        self._connecting = asyncio.Lock()
        self._encoding = asyncio.Semaphore(_ENCODED_AT_A_TIME)

    @classmethod
    def missing(cls, model: ModelFile) -> Missing | None:
        """A key of AI Studio; on Vertex AI, a project or Google's credentials."""
        if model.base_url or model.key_env:
            return super().missing(model)
        return _gemini_account.missing_at_google(model)

    @classmethod
    def access(cls, model: ModelFile) -> Access:
        """A key, or on Vertex AI Google's credentials."""
        return _gemini_account.access(model) or super().access(model)

    async def ask(self, request: Request) -> Reply:
        """The model's answer to one generateContent."""
        check_images(request, self._model.limits)
        check_context(request, self._model.limits)
        _check_settings(request)
        connected = self._connected or await self._connect()
        call = _genai.Call(self._account.service, self._model.limits)
        async with self._encoding:
            asked = await asyncio.to_thread(self._prepared, request, call, connected.sdk)
        token = _genai.CALL.set(call)
        try:
            answer = await self._asked(connected, asked, call)
            said = answer.sdk_http_response
            data = await parsed(said.body or "", (said.headers or {}).get("content-type", ""), call.service)
            return reply_from(data, call.digests)
        except ProviderError as error:
            raise call.service.hidden(error) from None
        finally:
            _genai.CALL.reset(token)

    async def connect(self) -> None:
        """Load the SDK and make the clients of the running event loop; the first call does it otherwise.

        Loading takes most of a second, in which calls in flight would wait: where several providers run at
        the same time, all of them connect before the first call.

        Raises:
            ProviderError: There is no login to Google's cloud.
        """
        await self._connect()

    async def _connect(self) -> _Connected:
        async with self._connecting:
            if self._connected is None:
                sdk = await asyncio.to_thread(_genai.load, self._account)
                http = _genai.new_client(sdk, self._account)
                client = await asyncio.to_thread(_genai.new_sdk_client, sdk, self._account, http)
                self._connected = _Connected(sdk, http, client)
            return self._connected

    async def close(self) -> None:
        """Close the connections."""
        connected, self._connected = self._connected, None
        if connected is not None:
            await connected.http.aclose()

    def _prepared(self, request: Request, call: _genai.Call, sdk: _genai.Sdk) -> dict[str, Any]:
        """What the SDK is asked; in a thread, since reading, hashing and base64 take their time."""
        transform = str(request.settings.get("image_transform") or NONE)
        sent = [self._pictures.to_send(image, transform) for image in request.images]
        call.digests = tuple(image.sha256 for image in sent)
        images = [call.mark(image.data) for image in sent]
        text: list[dict[str, Any]] = [{"text": request.text}]
        first = request.settings.get("order") or ORDERS[0]
        parts = text + images if first == ORDERS[0] else images + text
        config = config_of(request.settings, request.system)
        level = config.get("thinking_config", {}).get("thinking_level")
        if level is not None and level not in sdk.types.ThinkingLevel.__members__:
            reason = (
                f"the installed google-genai knows no thinking '{level.lower()}'; pip install -U google-genai"
            )
            raise ProviderError("setting", reason, final=False, stops=True, sent=False)
        ours = {"automatic_continuation": False, "should_return_http_response": True}
        known = sdk.types.GenerateContentConfig.model_fields
        config |= {name: value for name, value in ours.items() if name in known}
        config["automatic_function_calling"] = {"disable": True}
        return {
            "model": request.model,
            "contents": [sdk.content(role="user", parts=[sdk.part(**part) for part in parts])],
            "config": sdk.config(**config),
        }

    async def _asked(self, connected: _Connected, asked: dict[str, Any], call: _genai.Call) -> Any:
        """The SDK's response, unread; whatever the SDK raises as what it is."""
        try:
            return await connected.client.aio.models.generate_content(**asked)
        except ProviderError:
            raise
        except Exception as error:  # noqa: BLE001 - the SDK's own errors quote what they were given
            raise _failure(error, call.service, connected.sdk) from None


def _failure(error: Exception, service: Service, sdk: _genai.Sdk) -> ProviderError:
    if isinstance(error, sdk.http.HTTPError | sdk.http.InvalidURL | sdk.http.StreamError | OSError):
        return broken(error, service, sdk.http)
    if type(error).__module__.startswith("google.auth"):
        return _genai.refused_login(error, service)
    reason = service.hide(f"{type(error).__name__}: {error}")[:300]
    return ProviderError("provider_fault", " ".join(reason.split()), final=False, later=True)


def _check_settings(request: Request) -> None:
    """A system's settings may be others than the model file's: --set changes them."""
    try:
        check(request.settings)
    except UsageError as error:
        reason = f"{error.message} {error.hint}"
        raise ProviderError("setting", reason, final=False, stops=True, sent=False) from None


def _check_not_retired(model: ModelFile) -> None:
    """Google answers for some models that are gone with another one, which nobody asked for.

    Another server, such as a mock or a recording, may well go on under the old name.
    """
    if model.base_url or not model.is_retired(datetime.now(UTC).date()):
        return
    names = [name for name, other in shipped_models().items() if other.get("id") == model.successor]
    hint = f"-m {names[0]}   ({model.successor})" if names else f'id = "{model.successor}"'
    raise UsageError(
        f"'{model.id}' was shut down on {model.retires}.", hint if model.successor else "medbench models"
    )
