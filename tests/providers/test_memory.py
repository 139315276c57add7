"""No body that a server sends takes more than 64 MB over the limit of an answer, by whichever provider."""

from __future__ import annotations

import gc
import gzip
import json
import tracemalloc
import zlib
from contextlib import suppress
from functools import cache

import httpx
import pytest
from service import Service

from medbench.errors import ProviderError
from medbench.providers._http.body import MAX_BYTES, MAX_VALUES

ALLOWED = MAX_BYTES + 64 * 2**20
EMOJI = "\N{GRINNING FACE}"


@pytest.fixture(params=["chat", "gem", "claude"])
def service(request: pytest.FixtureRequest) -> Service:
    """Each way of speaking to a server; endpoints of Vertex AI are asked as chat is."""
    made: Service = request.getfixturevalue(request.param)
    made.answers()
    made.ask()  # libraries that are loaded with the first call are no part of an answer
    return made


@cache
def _filled(start: str, part: str, end: str) -> bytes:
    """As many parts as an answer may have bytes."""
    many = (MAX_BYTES - len(start) - len(end)) // len(part.encode())
    return f"{start}{(part * many).rstrip(',')}{end}".encode()


@cache
def _bomb() -> bytes:
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packed.compress(bytes(2**20)) for _ in range(128)) + packed.flush()


BODIES = {
    "empty lists": ('{"x":[', "[],", "]}"),
    "objects": ('{"x":[', '{"a":1},', "]}"),
    "numbers": ('{"x":[', "1.5,", "]}"),
    "texts": ('{"x":[', '"\N{GRINNING FACE}",', "]}"),
    "lists in lists": ("", "[", ""),
    "spaces": ("", " ", "{}"),
    "error": ('{"error":{"message":"', EMOJI, '"}}'),
}


def _peak(service: Service) -> int:
    """Bytes that an answer takes at most, from the first of them to the reply or failure."""
    tracemalloc.start()
    with suppress(ProviderError):
        service.ask()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_unfolds_takes_little(service: Service, name: str, status: int) -> None:
    """Empty lists in an answer of 4 MB would take 100 MB: it is refused by its separators."""
    service.answers(_filled(*BODIES[name]), status=status, headers={"content-type": "application/json"})
    assert _peak(service) < ALLOWED


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("packing", ["gzip", "gzip, gzip"])
def test_a_bomb_takes_little(service: Service, packing: str, status: int) -> None:
    """128 MB in 128 kB, packed once or twice, as an answer or as an error."""
    data = _bomb() if packing == "gzip" else gzip.compress(_bomb())
    headers = {"content-type": "application/json", "content-encoding": packing}
    service.answers(data, status=status, headers=headers)
    assert _peak(service) < ALLOWED


@pytest.mark.parametrize("text", [EMOJI, "\\u4e2d", "A mass. "], ids=["wide", "escaped", "words"])
def test_the_longest_answer_takes_little(service: Service, text: str) -> None:
    """A text that just fits is read, four bytes a character in memory or not."""
    start, end = json.dumps(service.usual()).split("A mass.")
    service.answers(_filled(start, text, end), headers={"content-type": "application/json"})
    assert _peak(service) < ALLOWED
    assert len(service.ask().text) > MAX_BYTES // 8


def test_a_call_leaves_no_images_to_the_garbage_collector(service: Service) -> None:
    """What it held is freed at once: requests in cycles would pile up between two collections."""
    service.ask()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        service.ask()
        gc.collect()
        left = {type(each) for each in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert not left & {httpx.Request, httpx.Response}


def test_an_answer_may_have_many_values(service: Service) -> None:
    """Those of a real one are few; up to the limit it is read, above it is a failure that says so."""
    service.answers({**service.usual(), "more": [0] * (MAX_VALUES - 1_000)})
    assert service.ask().text == "A mass."
    service.answers({**service.usual(), "more": [0] * (MAX_VALUES + 1)})
    assert f"more than {MAX_VALUES:,} values" in service.fails().reason
