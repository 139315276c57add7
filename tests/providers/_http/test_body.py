"""The body of a response is bounded while it is unpacked."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest
from peaks import PeakOf

from medbench.errors import ProviderError
from medbench.providers._http.body import MAX_BYTES, DuplicateKeyError, parsed, read
from medbench.providers._http.service import Service

KEY = "sk-secret/of-sixteen+letters"


class Body(httpx.AsyncByteStream):
    """A body that comes in pieces of 64 kB, as from a network."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._data), 65_536):
            yield self._data[start : start + 65_536]


def body(data: bytes, packing: str = "") -> bytes:
    """Read a body that is packed so."""
    headers = {"content-encoding": packing} if packing else {}
    return asyncio.run(read(httpx.Response(200, headers=headers, stream=Body(data))))


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
def test_what_was_packed_comes_out(size: int) -> None:
    """Gzip, deflate and plain bodies are read whole, whatever the pieces."""
    data = bytes(number * 7 % 251 for number in range(size))
    assert body(data) == body(gzip.compress(data), "gzip") == body(zlib.compress(data), "deflate") == data


def test_a_bomb_is_not_unpacked(peak_of: PeakOf) -> None:
    """A quarter of a gigabyte of nothing takes little more memory than an answer may have."""
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packed.compress(bytes(2**20)) for _ in range(256)) + packed.flush()

    def unpack() -> None:
        with pytest.raises(ProviderError, match="more than 4 MB"):
            body(bomb, "gzip")

    assert peak_of(unpack) < MAX_BYTES + 64 * 2**20


@pytest.mark.parametrize(
    ("data", "packing", "words"),
    [
        (gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "gzip, gzip", "was not asked for"),
        (b"{}", "br", "was not asked for"),
        (b"not gzip at all", "gzip", "not .gzip., as it says"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-10], "gzip", "ends in the middle"),
        (bytes(MAX_BYTES + 1), "", "more than 4 MB"),
    ],
    ids=["twice", "another way", "no gzip", "torn", "too long"],
)
def test_what_cannot_be_unpacked_is_a_failure(data: bytes, packing: str, words: str) -> None:
    """Packed twice, in another way, torn or too long: the reason says which."""
    with pytest.raises(ProviderError, match=words):
        body(data, packing)


@pytest.mark.parametrize("written", [KEY, KEY.replace("/", "\\/"), KEY.replace("s", "\\u0073")])
def test_no_spelling_of_json_hides_the_key(written: str) -> None:
    """The key is taken out of decoded texts, also out of lists."""
    service = Service("m", "http://x", KEY)
    found = parsed(f'{{"a": ["{written}", ["x{written}"]], "b": "{written}"}}', service)
    assert found == {"a": ["…", ["x…"]], "b": "…"}


def test_a_key_that_stands_twice_is_an_error() -> None:
    """Of two values nobody knows which is meant."""
    with pytest.raises(DuplicateKeyError, match="content"):
        parsed('{"x": [{"content": 1, "content": 1}]}', Service("m", "http://x"))
