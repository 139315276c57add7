"""One exchange of JSON: what came back, or a `ProviderError` that says what went wrong."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from medbench.errors import ProviderError
from medbench.providers._http.lanes import behind_proxy, lanes
from medbench.providers._http.refusals import one_line, refusal

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import ModuleType

    import httpx

CONNECT_S: Final = 10.0
"""Seconds to get a connection; everything after it is under the client's deadline."""
MAX_BYTES: Final = 16 * 1024 * 1024
"""Most bytes of an answer that are read: a thousand times a long report."""
_IN_THE_LOOP = 256 * 1024
"""Largest answer that is parsed without a thread: about two milliseconds."""
_SECRET_LENGTH = 16
"""Shorter keys ('EMPTY', 'lm-studio') are words that an answer may hold; they are hidden in messages only."""


@dataclass(frozen=True, slots=True)
class Service:
    """Who is asked: what messages call it, and what they must never hold."""

    model: str
    """Exact id of the model."""
    base_url: str
    """Server, as the model file says it."""
    key: str | None = None
    """Key or token that goes with the request."""
    key_hint: str = ""
    """What to set where it is missing or wrong."""
    address_hint: str = "base_url is wrong: it often ends in /v1"
    """What else may be wrong where a model or a route is not found."""
    reach_hint: str = "is the server running, and base_url right?"
    """What to look at where nobody answers."""

    def hide(self, text: str) -> str:
        """The text without the key, also where it was escaped for an address."""
        if not self.key or len(self.key) < 4:
            return text
        return text.replace(self.key, "…").replace(quote(self.key, safe=""), "…")

    def cleaned(self, raw: bytes) -> bytes:
        """An answer without the key: a server that repeats what it was sent must not get it into a record."""
        if not self.key or len(self.key) < _SECRET_LENGTH:
            return raw
        return raw.replace(self.key.encode(), "…".encode())

    def hidden(self, error: ProviderError) -> ProviderError:
        """The error with a reason that does not hold the key."""
        error.reason = self.hide(error.reason)
        error.args = (error.reason,)
        return error


def transport() -> httpx.AsyncBaseTransport | None:
    """What carries the requests; None is the network. Tests put another one here."""
    return None


def ssl_context(library: str = "httpx", address: str | None = None) -> ssl.SSLContext:
    """Certificates, and the libraries that the first request would load: for a thread.

    Together they take a tenth of a second, in which an event loop could answer nobody.

    Args:
        library: 'httpx' or 'httpx2', which is of the same make.
        address: The one server that is asked. One that is reached without TLS needs no certificates: none are
            loaded, so that nothing else is trusted either.
    """
    import ssl

    import anyio.lowlevel
    import h11  # noqa: F401 - httpcore loads it with the first connection

    import_module(library.replace("httpx", "httpcore"))  # httpx loads it with the first client
    anyio.run(anyio.lowlevel.checkpoint)  # loads what anyio needs for asyncio
    if address and address.lower().startswith("http://") and not behind_proxy():
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made: ssl.SSLContext = import_module(library).create_ssl_context()
    return made


def client_options(verify: ssl.SSLContext, library: ModuleType) -> dict[str, Any]:
    """What every client of a provider is made with."""
    # How many calls run at a time is decided by medbench's client: a second limit here would make calls
    # wait unseen. Idle connections are dropped before uvicorn's 5 seconds make the server drop them.
    limits = library.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=4.0)
    return {
        "transport": transport() or lanes(library, verify, limits),
        "verify": verify,
        "limits": limits,
        "timeout": library.Timeout(None, connect=CONNECT_S),
        # A redirect would take images and key to a server that nobody named.
        "follow_redirects": False,
    }


def new_client(verify: ssl.SSLContext) -> httpx.AsyncClient:
    """A client of the running event loop; it belongs to that loop and is closed there."""
    import httpx

    return httpx.AsyncClient(**client_options(verify, httpx))


class Connection:
    """The connections of one provider: made by the first of its calls, in the event loop of the run.

    Args:
        address: The one server that is asked; None where there may be several.
    """

    def __init__(self, address: str | None = None) -> None:
        self._address = address
        self._client: httpx.AsyncClient | None = None
        self._connecting = asyncio.Lock()

    async def client(self) -> httpx.AsyncClient:
        """The client of the running event loop."""
        async with self._connecting:
            if self._client is None:
                self._client = new_client(await asyncio.to_thread(ssl_context, address=self._address))
            return self._client

    async def close(self) -> None:
        """Close what is open."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


async def exchange(
    client: httpx.AsyncClient,
    url: str,
    service: Service,
    headers: Mapping[str, str],
    body: bytes | None = None,
) -> object:
    """Send JSON, or ask for some, and read the JSON that comes back.

    Args:
        client: Made by `new_client`.
        url: Where to.
        service: Who is asked.
        headers: What goes with it beside the content type, such as 'Authorization'.
        body: The JSON to post; None gets what is there.

    Raises:
        ProviderError: There is no JSON. The service's key is never part of the reason.
    """
    import httpx

    method, sent = ("GET" if body is None else "POST"), {"Accept": "application/json", **headers}
    if body is not None:
        sent["Content-Type"] = "application/json"
    try:
        async with client.stream(method, _taken_apart(url), content=body, headers=sent) as response:
            raw = await read(response)
            status, said = response.status_code, response.headers
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
        raise service.hidden(broken(error, service, httpx)) from None
    if not 200 <= status < 300:
        raise service.hidden(refusal(status, said, raw, service))
    raw = service.cleaned(raw)
    try:
        return await _parsed(raw, said.get("content-type", ""), service)
    except ProviderError as error:
        raise service.hidden(error) from None


@lru_cache(maxsize=16)
def _taken_apart(url: str) -> httpx.URL:
    """The address, which is the same for every call of a run."""
    import httpx

    return httpx.URL(url)


async def read(response: httpx.Response) -> bytes:
    """The body, unless it is larger than any answer: then the rest is left where it is."""
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > MAX_BYTES:
            reason = f"the server's answer has more than {MAX_BYTES // 2**20} MB: it was not read"
            raise ProviderError("unreadable", reason, final=False, status=response.status_code)
        parts.append(part)
    return b"".join(parts)


async def _parsed(raw: bytes, content_type: str, service: Service) -> object:
    kind = content_type.partition(";")[0].strip().lower()
    if not raw.strip():
        raise _unreadable("the server answered with an empty body")
    if kind and "json" not in kind:
        begins = start_of(raw, service)
        raise _unreadable(f"the server answered with '{one_line(kind)}' in place of JSON, beginning {begins}")
    try:
        # A thread is worth it only where parsing would hold up other calls.
        return json.loads(raw) if len(raw) <= _IN_THE_LOOP else await asyncio.to_thread(json.loads, raw)
    except (ValueError, RecursionError):
        raise _unreadable(
            f"the server's {len(raw):,} bytes are not whole JSON; they begin {start_of(raw, service)}"
        ) from None


def _unreadable(reason: str) -> ProviderError:
    return ProviderError("unreadable", reason, final=False, status=200)


def start_of(said: bytes | str, service: Service) -> str:
    """How an answer begins, in quotes, for a message."""
    text = said[:4096].decode("utf-8", "replace") if isinstance(said, bytes) else said[:4096]
    # The key is hidden before the text is cut: half a key is still one.
    return f"'{one_line(service.hide(text), 60)}'"


def broken(error: Exception, service: Service, library: ModuleType) -> ProviderError:
    """What a failed exchange was, in words of its own.

    Args:
        error: What the HTTP library raised.
        service: Who was asked.
        library: httpx, or httpx2 which has classes of its own with the same names.
    """
    where, said = service.base_url, one_line(service.hide(str(error))) or type(error).__name__
    if isinstance(error, library.ConnectTimeout):
        reason = f"no connection to {where} within {CONNECT_S:g} s"
        return ProviderError("timeout", reason, final=False, sent=False)
    if isinstance(error, library.TimeoutException | TimeoutError):
        return ProviderError("timeout", f"{where} took too long ({type(error).__name__})", final=False)
    if isinstance(error, library.DecodingError):
        return ProviderError("unreadable", f"the answer of {where} cannot be unpacked: {said}", final=False)
    if isinstance(error, library.ProxyError):
        return ProviderError("connection", f"the proxy to {where} refused: {said}", final=False, sent=False)
    if isinstance(error, library.ConnectError):
        reason = f"no connection to {where}: {said}; {service.reach_hint}"
        return ProviderError("connection", reason, final=False, sent=False)
    return ProviderError("connection", f"the connection to {where} broke: {said}", final=False)
