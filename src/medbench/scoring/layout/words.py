"""The words by which a layout is read, from `words.txt`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def _kinds() -> dict[str, tuple[str, ...]]:
    lines = (files("medbench.scoring.layout") / "words.txt").read_text("utf-8").splitlines()
    rows = (line.split(" | ", 1) for line in lines if not line.startswith("#"))
    return {kind: tuple(words.split("; ")) for kind, words in rows}


def words_of(kind: str) -> tuple[str, ...]:
    """Return the words or patterns of a kind, in their order."""
    return _kinds()[kind]
