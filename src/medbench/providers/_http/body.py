"""The body of a response, unpacked and bounded while it comes, so that no server decides how much is held."""

from __future__ import annotations

import json
import zlib
from asyncio import to_thread
from typing import TYPE_CHECKING, Any, Final, cast

from medbench.errors import ProviderError
from medbench.providers import GARBLED
from medbench.providers._http.service import one_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import httpx

    from medbench.providers._http.service import Service

MAX_BYTES: Final = 4 * 1024 * 1024
"""Most bytes of an answer that are read, packed or unpacked: several times what any model writes at most."""
MAX_VALUES: Final = 200_000
"""Most values of an answer's JSON, by its separators: of 3 bytes in a body a list takes 64 in memory."""
ENCODINGS: Final = "gzip, deflate"
"""Packings that are asked for; each is unpacked a piece at a time."""
_PARSED_IN_LOOP: Final = 256 * 1024
"""Longest answer that is parsed without a thread: about two milliseconds."""
_WINDOW: Final = {"gzip": 31, "x-gzip": 31, "deflate": 47}


class DuplicateKeyError(ValueError):
    """An object of JSON has a key twice: which of the two values is meant cannot be known."""


async def unpacked(response: httpx.Response) -> AsyncIterator[bytes]:
    """Yield the body as it comes, unpacked.

    Raises:
        ProviderError: It is larger than any answer, or packed in a way that was not asked for.
    """
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing in {"", "identity"}:
        packed = None
    elif packing in _WINDOW:
        packed = zlib.decompressobj(_WINDOW[packing])
    else:
        raise _garbled(response, f"packed as '{one_line(packing, 40)}', which was not asked for")
    came = left = MAX_BYTES
    # The bytes as they come: httpx would unpack each piece whole, however large it becomes.
    async for part in raw_parts(response):
        came -= len(part)
        if came < 0:
            raise too_long(response.status_code)
        if packed is not None:
            try:
                # One byte more than is left tells a body that is too long from one that just fits.
                part = packed.decompress(part, left + 1)  # noqa: PLW2901 - the same piece, unpacked
            except zlib.error as error:
                raise _garbled(response, f"not '{packing}', as it says: {error}") from None
        left -= len(part)
        if left < 0:
            raise too_long(response.status_code)
        yield part
    if packed is not None and not packed.eof:
        reason = "the server's answer is packed and ends in the middle"
        raise ProviderError("unreadable", reason, final=False, status=response.status_code)


def raw_parts(response: httpx.Response) -> httpx.AsyncByteStream:
    """Return the body as it comes, packed or not."""
    return cast("httpx.AsyncByteStream", response.stream)


async def read(response: httpx.Response) -> bytes:
    """Return the whole body, unpacked.

    Raises:
        ProviderError: It is larger than any answer, or cannot be unpacked.
    """
    return b"".join([part async for part in unpacked(response)])


def too_long(status: int) -> ProviderError:
    """Return the error for an answer with more bytes than are read."""
    reason = f"the server's answer has more than {MAX_BYTES // 2**20} MB: it was not read"
    return ProviderError("unreadable", reason, final=False, later=True, status=status)


async def json_of(raw: bytes | str, service: Service) -> Any:
    """Return the JSON of an answer, parsed in a thread where it would hold up other calls.

    Raises:
        ProviderError: It has more values than any answer, or an object has a key twice.
        ValueError, RecursionError: It is not JSON.
    """
    if is_crowded(raw):
        reason = f"the server's answer has more than {MAX_VALUES:,} values: it was not read"
        raise ProviderError("unreadable", reason, final=False, later=True, status=200)
    try:
        return parsed(raw, service) if len(raw) <= _PARSED_IN_LOOP else await to_thread(parsed, raw, service)
    except DuplicateKeyError as error:
        reason = f"an object of the server's answer has the key '{one_line(str(error), 60)}' twice"
        raise ProviderError("duplicate_key", reason, final=False, later=True, status=200) from None


def is_crowded(raw: bytes | str) -> bool:
    """Return True if JSON has more values than any answer: in memory they take many times its bytes."""
    if isinstance(raw, str):
        return sum(map(raw.count, ",[{")) > MAX_VALUES
    return sum(map(raw.count, (b",", b"[", b"{"))) > MAX_VALUES


def parsed(raw: bytes | str, service: Service) -> Any:
    """Return the JSON of an answer without the service's key, which a server may repeat.

    Raises:
        DuplicateKeyError: An object has a key twice.
        ValueError, RecursionError: It is not JSON.
    """

    def checked(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found = {key: service.cleaned(value) for key, value in pairs}
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            raise DuplicateKeyError(next(key for key in keys if keys.count(key) > 1))
        return found

    return service.cleaned(json.loads(raw, object_pairs_hook=checked))


def _garbled(response: httpx.Response, words: str) -> ProviderError:
    reason = f"the server's answer is {words}; look at the proxy or the server that packs it"
    return ProviderError(GARBLED, reason, final=False, status=response.status_code)
