"""The library google-genai, in either of its majors, with an HTTP client of ours inside it.

The SDK builds the request, finds its address and brings the credentials. Our client, which it is handed by
its own option for that, puts in the images, reads no more than an answer can have, and says what a refusal
means.
"""

from __future__ import annotations

import base64
import logging
import secrets
import warnings
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from medbench.errors import ProviderError
from medbench.providers._http import connection
from medbench.providers._http.exchange import read
from medbench.providers._http.limits import check_size
from medbench.providers._http.refusals import one_line, refusal
from medbench.providers._openai.chat import mime_type
from medbench.providers._vertex.credentials import application_default

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import ModuleType

    from medbench.providers._gemini.account import Account
    from medbench.providers._http.service import Service
    from medbench.schema.model import Limits

_NO_KEY: Final = "none"
"""Stands where the SDK insists on a key; it never leaves this machine."""
# The address, Accept-Encoding and the like are the library's; these two carry secrets.
_SECRETS: Final = ("x-goog-api-key", "authorization")


@dataclass(slots=True)
class Call:
    """What our HTTP client must know of the call that it is sent."""

    service: Service
    limits: Limits
    images: dict[bytes, bytes] = field(default_factory=dict)
    """The base64 text of each image by the mark that stands for it in the SDK's request."""
    digests: tuple[str, ...] = ()
    """Sha256 of each image that is sent."""
    sent: bool = False
    """Whether its request was sent; a second one would be a retry, or a continuation."""

    def mark(self, image: bytes) -> dict[str, Any]:
        """A part of a request that stands for an image: its mark, which the SDK encodes in its place.

        Megabytes never pass through the SDK, which would copy, encode and check them in the event loop. A
        mark is random, so no prompt can hold one, and the same in each of the two alphabets of base64.
        """
        mark = secrets.token_hex(16)
        self.images[mark.encode()] = base64.b64encode(image)
        return {"inline_data": {"data": base64.b64decode(mark), "mime_type": mime_type(image)}}

    def filled(self, content: bytes) -> bytes:
        """The SDK's request with the images in the places of their marks.

        Raises:
            RuntimeError: The SDK asks twice, or has no place for an image: nothing is sent.
        """
        if self.sent:
            raise RuntimeError("google-genai would send a second request for one call")
        self.sent, parts, rest = True, [], content
        for mark, image in self.images.items():
            before, found, rest = rest.partition(b'"' + mark + b'"')
            if not found:
                raise RuntimeError("no place for an image in the request of google-genai")
            parts += [before, b'"', image, b'"']
        self.images.clear()
        return b"".join([*parts, rest])


CALL: ContextVar[Call] = ContextVar("medbench_gemini_call")
"""The call of the running task."""


@dataclass(frozen=True, slots=True)
class Sdk:
    """The libraries, loaded."""

    genai: ModuleType
    types: ModuleType
    config: type[Any]
    """GenerateContentConfig, Content and Part, with `in` answered at once."""
    content: type[Any]
    part: type[Any]
    http: ModuleType
    """httpx for google-genai 2, httpx2 for google-genai 3."""
    verify: ssl.SSLContext
    credentials: Any
    """What Vertex AI, or a server that speaks as it does, is asked with; None for a key."""


def load(account: Account) -> Sdk:
    """Load everything that a call needs: for a thread, since it takes most of a second.

    Raises:
        ProviderError: There is no login to Google's cloud.
    """
    # Both are about a choice that medbench makes itself, and would be written between the progress lines.
    logging.getLogger("google_genai._api_client").addFilter(_is_news)
    warnings.filterwarnings("ignore", r"\s*Your application has authenticated using end user credentials")
    genai, types = import_module("google.genai"), import_module("google.genai.types")
    library = "httpx2" if int(version("google-genai").partition(".")[0]) >= 3 else "httpx"
    verify = connection.ssl_context(library, account.base_url)
    sdk = Sdk(
        genai,
        types,
        config=_asked_quickly(types.GenerateContentConfig),
        content=_asked_quickly(types.Content),
        part=_asked_quickly(types.Part),
        http=import_module(library),
        verify=verify,
        credentials=_credentials(account),
    )
    _rehearse(sdk)
    return sdk


def _rehearse(sdk: Sdk) -> None:
    """Let the SDK build what it checks requests and answers with, which it does at the first of each.

    That takes it a tenth of a second, in which calls in flight would wait. Nothing leaves this process.
    """
    nobody = sdk.http.MockTransport(lambda _: sdk.http.Response(200, json={"candidates": []}))
    options = sdk.types.HttpOptions(
        base_url="http://localhost",
        httpx_client=sdk.http.Client(transport=nobody),
        httpx_async_client=sdk.http.AsyncClient(transport=nobody),
        async_client_args={"ssl": sdk.verify},
    )
    client = sdk.genai.Client(vertexai=False, api_key=_NO_KEY, http_options=options)
    image = sdk.part(inline_data={"data": b"", "mime_type": "image/png"})
    asked = [sdk.content(role="user", parts=[sdk.part(text="?"), image])]
    config = sdk.config(should_return_http_response=True, automatic_function_calling={"disable": True})
    client.models.generate_content(model="none", contents=asked, config=config)


def _asked_quickly(model: type[Any]) -> type[Any]:
    """One of the SDK's models that answers `in` at once.

    For every field that it looks for, the SDK first asks whether its name is in the model. pydantic answers
    by walking through all fields, and always with no, since they are attributes: half of the time that the
    SDK takes for a request.
    """

    class Asked(model):  # type: ignore[misc] # whichever it is
        def __contains__(self, name: object) -> bool:
            return False

    return Asked


def _is_news(record: logging.LogRecord) -> bool:
    return "Both GOOGLE_API_KEY and GEMINI_API_KEY are set" not in record.getMessage()


def _credentials(account: Account) -> Any:
    if account.project is None:
        return None
    if not account.wants_credentials:
        # It has no way to be refreshed, and no need: what it holds goes to that server as it is.
        return import_module("google.oauth2.credentials").Credentials(account.service.key or _NO_KEY)
    import_module("google.auth.transport.requests")  # loaded with the first refresh otherwise
    try:
        return application_default()
    except import_module("google.auth.exceptions").GoogleAuthError as error:
        raise refused_login(error, account.service) from None


def refused_login(error: Exception, service: Service) -> ProviderError:
    """What it means that Google's cloud gave no token."""
    said = one_line(service.hide(str(error)), 160)
    if getattr(error, "retryable", False) or type(error).__name__ == "TransportError":
        reason = f"no login to Google's cloud just now: '{said}'"
        return ProviderError("connection", reason, final=False, sent=False)
    reason = f"no login to Google's cloud: '{said}'; {service.key_hint}"
    return ProviderError("unauthorized", reason, final=False, stops=True, sent=False)


def new_client(sdk: Sdk, account: Account) -> Any:
    """The HTTP client that the SDK sends with; it belongs to the running event loop."""
    library = sdk.http

    class Sender(library.AsyncClient):  # type: ignore[misc, name-defined] # whichever library is installed
        """Puts in the images, and takes what comes back for what it is."""

        def build_request(self, *args: Any, content: bytes | None = None, **how: Any) -> Any:
            call = CALL.get()
            # The SDK's 'no limit' would hold for connecting, too.
            how.pop("timeout", None)
            headers = {name.lower(): value for name, value in (how.pop("headers", None) or {}).items()}
            token = headers.get("authorization", "").removeprefix("Bearer ")
            if account.base_url and not account.service.key:
                headers = {name: value for name, value in headers.items() if name not in _SECRETS}
            elif token:
                call.service = replace(call.service, key=token)
            body = call.filled(content or b"")
            check_size(len(body), call.service.model, call.limits)
            return super().build_request(*args, content=body, headers=headers, **how)

        async def send(self, request: Any, *, stream: bool = False, **how: Any) -> Any:
            del stream
            call = CALL.get()
            response = await super().send(request, stream=True, **how)
            try:
                raw = await read(response)
            finally:
                await response.aclose()
            if response.status_code != 200:
                raise _refused(response.status_code, response.headers, raw, call.service)
            # Made anew: what was unpacked already must not say that it is packed.
            headers = {"content-type": response.headers.get("content-type", "")}
            return library.Response(200, headers=headers, content=call.service.cleaned(raw), request=request)

    return Sender(**connection.client_options(sdk.verify, library))


def new_sdk_client(sdk: Sdk, account: Account, client: Any) -> Any:
    """The SDK's client around ours; for a thread, since making it takes some hundredths of a second."""
    options = sdk.types.HttpOptions(
        base_url=account.base_url,
        api_version=account.api_version,
        httpx_async_client=client,
        httpx_client=sdk.http.Client(verify=sdk.verify),
        # For its websockets, which nothing here opens, it would read certificates again.
        async_client_args={"ssl": sdk.verify},
        retry_options=None,
    )
    if account.project is None:
        key = account.service.key or _NO_KEY
        return sdk.genai.Client(vertexai=False, api_key=key, http_options=options)
    return sdk.genai.Client(
        vertexai=True,
        project=account.project,
        location=account.location,
        credentials=sdk.credentials,
        http_options=options,
    )


def _refused(status: int, headers: Mapping[str, str], raw: bytes, service: Service) -> ProviderError:
    """The failure that a status stands for; Google says in a 400 what others say in a 401 or 403."""
    if 200 < status < 300:
        reason = f"the server answered with status {status} and so without an answer"
        return ProviderError("unreadable", reason, final=False, status=status)
    error = refusal(status, headers, raw, service)
    if status == 400 and (b"API_KEY_INVALID" in raw or b"FAILED_PRECONDITION" in raw):
        # A key that is wrong, or a country or an account that the API is not open to: every call fails so.
        reason = f"{error.reason}; {service.key_hint}"
        error = ProviderError("unauthorized", reason, final=False, stops=True, status=status)
    return service.hidden(error)
