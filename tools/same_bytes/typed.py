"""Run `medbench ARGS` with ids that depend on the command and its number alone: typed.py NUMBER ARGS."""

from __future__ import annotations

import collections
import hashlib
import itertools
import secrets
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER = int(sys.argv[1])
sys.argv = ["medbench", *sys.argv[2:]]
_COUNTS: dict[int | None, Iterator[int]] = collections.defaultdict(itertools.count)


def token_hex(nbytes: int | None = None) -> str:
    """Return the next id; ids of different lengths are counted apart."""
    text = f"{sys.argv} {NUMBER} {nbytes} {next(_COUNTS[nbytes])}"
    return hashlib.sha256(text.encode()).hexdigest()[: 2 * (nbytes or 32)]


def time_ns() -> int:
    """Return a moment of this command."""
    return 1_800_000_000_000_000_000 + NUMBER * 1_000_000_000


secrets.token_hex = token_hex
time.time_ns = time_ns

from medbench.__main__ import main  # noqa: E402 - after the clock and the ids were replaced

main()
