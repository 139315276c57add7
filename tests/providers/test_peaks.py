"""No body that a server sends takes more than 64 MB over the limit of an answer, by whichever provider."""

from __future__ import annotations

import gzip
import importlib
import json
import zlib
from contextlib import suppress
from functools import cache

import pytest
from peaks import PeakOf
from service import Service

from medbench.errors import ProviderError
from medbench.providers._http.body import MAX_BYTES

ALLOWED = MAX_BYTES + 64 * 2**20
EMOJI = "\N{GRINNING FACE}"


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """Load the largest library before allocations are traced, which takes a third of the time."""
    importlib.import_module("google.genai")


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


def _asked(asked_before: Service) -> None:
    with suppress(ProviderError):
        asked_before.ask()


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_unfolds_takes_little(
    asked_before: Service, peak_of: PeakOf, name: str, status: int
) -> None:
    """Empty lists in an answer of 4 MB would take 100 MB: it is refused by its separators."""
    asked_before.answers(_filled(*BODIES[name]), status=status, headers={"content-type": "application/json"})
    assert peak_of(lambda: _asked(asked_before)) < ALLOWED


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("packing", ["gzip", "gzip, gzip"])
def test_a_bomb_takes_little(asked_before: Service, peak_of: PeakOf, packing: str, status: int) -> None:
    """128 MB in 128 kB, packed once or twice, as an answer or as an error."""
    data = _bomb() if packing == "gzip" else gzip.compress(_bomb())
    headers = {"content-type": "application/json", "content-encoding": packing}
    asked_before.answers(data, status=status, headers=headers)
    assert peak_of(lambda: _asked(asked_before)) < ALLOWED


@pytest.mark.parametrize("text", [EMOJI, "\\u4e2d", "A mass. "], ids=["wide", "escaped", "words"])
def test_the_longest_answer_takes_little(asked_before: Service, peak_of: PeakOf, text: str) -> None:
    """A text that just fits is read, four bytes a character in memory or not."""
    start, end = json.dumps(asked_before.usual()).split("A mass.")
    asked_before.answers(_filled(start, text, end), headers={"content-type": "application/json"})
    assert peak_of(lambda: _asked(asked_before)) < ALLOWED
    assert len(asked_before.ask().text) > MAX_BYTES // 8
