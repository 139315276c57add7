"""One exchange of JSON: what came back, or a `ProviderError` that says what went wrong."""

from __future__ import annotations

import asyncio
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from medbench.errors import ProviderError
from medbench.providers._http.connection import CONNECT_S
from medbench.providers._http.refusals import one_line, refusal
from medbench.providers._http.service import Service, start_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    import httpx

MAX_BYTES: Final = 16 * 1024 * 1024
"""Most bytes of an answer that are read: a thousand times a long report."""
_IN_THE_LOOP = 256 * 1024
"""Largest answer that is parsed without a thread: about two milliseconds."""


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
