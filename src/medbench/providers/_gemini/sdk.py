"""The library google-genai, in either of its majors, around an HTTP client of httpx.

The SDK finds the address of a request, brings the credentials and sends it. The client, which its http
options take, has event hooks: they bound the request, and tell what a refusal means before the SDK makes an
error of it that quotes the whole answer.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from medbench.errors import ProviderError
from medbench.providers._http import body, connections, exchange
from medbench.providers._http.limits import check_size
from medbench.providers._http.refusals import refusal
from medbench.providers._http.service import one_line
from medbench.providers._vertex.credentials import application_default

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import ModuleType

    import httpx

    from medbench.providers._gemini.account import Account
    from medbench.providers._http.service import Service

_NO_KEY: Final = "none"
"""Stands where the SDK insists on a key; it never leaves this machine."""
_SECRETS: Final = ("x-goog-api-key", "authorization")
"""Headers that carry a key or a token."""


@dataclass(frozen=True, slots=True)
class Sdk:
    """The library, loaded, and its client for one account."""

    types: ModuleType
    """google.genai.types."""
    client: Any
    """google.genai.Client; belongs to the event loop that first uses it."""
    http: httpx.AsyncClient
    """The HTTP client that it sends with."""
    credentials: Any
    """Credentials for Vertex AI; None for a key."""

    async def generate_content(self, model: str, body: Mapping[str, Any]) -> Any:
        """Return the HTTP response to a generateContent request, as the SDK has it.

        Args:
            model: The model's id.
            body: What is sent, in the words of the API.
        """
        config: dict[str, Any] = {
            # What is in its own words the SDK copies and converts, field by field, in the event loop.
            "http_options": {"extra_body": body},
            "automatic_function_calling": {"disable": True},
            # Parsing is medbench's: the SDK takes an empty body for an answer.
            "should_return_http_response": True,
        }
        if "automatic_continuation" in self.types.GenerateContentConfig.model_fields:
            config["automatic_continuation"] = False
        # It insists on contents; those of the body take their place.
        contents = self.types.Content(role="user")
        answer = await self.client.aio.models.generate_content(model=model, contents=contents, config=config)
        return answer.sdk_http_response

    def service(self, account: Account) -> Service:
        """Return the service with the token that it is asked with, which no message may hold."""
        token = self.credentials.token if self.credentials is not None else None
        return replace(account.service, key=token) if token else account.service


def load(account: Account, body_bytes: int | None) -> Sdk:
    """Load the library and make a client, which takes most of a second: for a thread.

    Args:
        account: Who is asked, and as whom.
        body_bytes: Largest request that is sent; None for any size.

    Raises:
        ProviderError: There is no login to Google's cloud.
    """
    import httpx

    # Both are about choices that medbench makes itself, and would be written between the progress lines.
    quiet = logging.getLogger("google_genai")
    if quiet.level == logging.NOTSET:
        quiet.setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", r"\s*Your application has authenticated using end user credentials")
    genai, types = import_module("google.genai"), import_module("google.genai.types")
    tls = connections.certificates()
    http = _http_client(account, body_bytes, tls)
    credentials = _credentials(account)
    options = types.HttpOptions(
        base_url=account.base_url,
        api_version=account.api_version,
        httpx_async_client=http,
        # Never used, but made by the SDK otherwise, with certificates that it reads once more.
        httpx_client=httpx.Client(verify=tls, trust_env=False),
        async_client_args={"ssl": tls},
    )
    if account.project is None:
        key = account.service.key or _NO_KEY
        client = genai.Client(vertexai=False, api_key=key, http_options=options)
    else:
        client = genai.Client(
            vertexai=True,
            project=account.project,
            location=account.location,
            credentials=credentials,
            http_options=options,
        )
    return Sdk(types, client, http, credentials)


def _credentials(account: Account) -> Any:
    if account.project is None:
        return None
    if not account.wants_credentials:
        # It cannot be refreshed, and need not be: its token goes to that server as it is.
        return import_module("google.oauth2.credentials").Credentials(account.service.key or _NO_KEY)
    import_module("google.auth.transport.requests")  # loaded with the first refresh otherwise
    try:
        return application_default()
    except import_module("google.auth.exceptions").GoogleAuthError as error:
        raise _refused_login(error, account.service) from None


def _http_client(account: Account, body_bytes: int | None, tls: ssl.SSLContext) -> httpx.AsyncClient:
    import httpx

    from medbench.providers._http.lending import LendingTransport

    async def check_request(request: httpx.Request) -> None:
        # Where no key is named for another server, the one that the SDK insists on does not go there.
        if account.base_url and not account.service.key:
            for name in _SECRETS:
                request.headers.pop(name, None)
        # The SDK's 'no limit' would hold for connecting, too.
        request.extensions["timeout"] = connections.TIMEOUT
        check_size(len(request.content), account.service.model, body_bytes)

    async def check_response(response: httpx.Response) -> None:
        error: ProviderError | None = None
        if response.status_code == 200:
            await response.aread()
        else:
            token = response.request.headers.get("authorization", "").removeprefix("Bearer ")
            service = replace(account.service, key=token) if token else account.service
            error = _refused(response.status_code, response.headers, await body.read(response), service)
        # httpx's stream and its response hold each other, and with them the images of the request, until the
        # garbage collector comes by.
        response.stream = httpx.ByteStream(b"")
        if error is not None:
            raise error

    return httpx.AsyncClient(
        transport=LendingTransport(connections.Connections(tls)),
        follow_redirects=False,
        event_hooks={"request": [check_request], "response": [check_response]},
    )


def _refused(status: int, headers: Mapping[str, str], raw: bytes, service: Service) -> ProviderError:
    """Return the failure that a status stands for; Google says in a 400 what others say in a 401 or 403."""
    if 200 < status < 300:
        reason = f"the server answered with status {status} and so without an answer"
        return ProviderError("unreadable", reason, final=False, status=status)
    error = refusal(status, headers, raw, service)
    if error.kind == "not_ready":
        # A country or an account that the API is not open to: every call fails so.
        reason = f"{error.reason}; {service.key_hint}"
        error = ProviderError("unauthorized", reason, final=False, stops=True, status=status)
    return service.hidden(error)


def failure_of(error: Exception, service: Service) -> ProviderError:
    """Return the failure that an error of the SDK means; the SDK's own words quote what it was given."""
    import httpx

    if isinstance(error, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError | OSError):
        return exchange.broken(error, service)
    if type(error).__module__.startswith("google.auth"):
        return _refused_login(error, service)
    words = service.hide(f"{type(error).__name__}: {error}")[:300]
    return ProviderError("provider_fault", " ".join(words.split()), final=False, later=True)


def _refused_login(error: Exception, service: Service) -> ProviderError:
    from google.auth.exceptions import GoogleAuthError, TransportError

    words = one_line(service.hide(str(error)), 160)
    if isinstance(error, TransportError) or (isinstance(error, GoogleAuthError) and error.retryable):
        reason = f"no login to Google's cloud just now: '{words}'"
        return ProviderError("connection", reason, final=False, sent=False)
    reason = f"no login to Google's cloud: '{words}'; {service.key_hint}"
    return ProviderError("unauthorized", reason, final=False, stops=True, sent=False)
