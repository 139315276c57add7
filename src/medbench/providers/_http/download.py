"""A file of a server, written to the disk as it comes."""

from __future__ import annotations

import asyncio
from typing import IO, TYPE_CHECKING, Final

from medbench.errors import ProviderError
from medbench.providers import GARBLED
from medbench.providers._http.body import raw_parts, read
from medbench.providers._http.connections import answered
from medbench.providers._http.exchange import broken
from medbench.providers._http.refusals import refusal

if TYPE_CHECKING:
    import httpx

    from medbench.providers._http.service import Service

_ENDS: Final = frozenset({b"", b"\n", b"\r", b" ", b"}"})
"""Last bytes of a whole file of JSON lines: a connection that just closes does not say what is missing."""
MAX_FILE_BYTES: Final = 4 * 1024**3
"""Most bytes of a file that are written: no server decides how much of a disk is filled."""


async def download(connection: httpx.AsyncBaseTransport, url: str, service: Service, to: IO[bytes]) -> None:
    """Append a file of JSON lines of a server to an open one, ending in a newline.

    Raises:
        ProviderError: It did not come as a whole.
    """
    import httpx

    # Not packed: a few bytes could stand for more than any disk holds.
    headers = {"Accept-Encoding": "identity", **service.headers}
    try:
        async with answered(connection, "GET", url, headers) as response:
            last = await _written(response, service, to)
    except ProviderError as error:
        raise service.hidden(error) from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise broken(error, service) from None
    if last not in _ENDS:
        reason = "the server's file ends in the middle of a line"
        raise ProviderError("connection", reason, final=False)
    if last not in {b"", b"\n"}:
        to.write(b"\n")


async def _written(response: httpx.Response, service: Service, to: IO[bytes]) -> bytes:
    """Write a response's body to a file, and return its last byte."""
    if response.status_code != 200:
        raise refusal(response.status_code, response.headers, await read(response), service)
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise ProviderError(GARBLED, "the server's file is packed, unasked", final=False)
    left, last = MAX_FILE_BYTES, b""
    async for part in raw_parts(response):
        left -= len(part)
        if left < 0:
            reason = f"the server's file has more than {MAX_FILE_BYTES // 1024**3} GB"
            raise ProviderError("unreadable", reason, final=False, later=True)
        await asyncio.to_thread(to.write, part)
        last = part[-1:] or last
    return last
