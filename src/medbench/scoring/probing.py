"""Likeness of two answers to almost the same question: sides, and words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from medbench.scoring.extraction.extract import extract

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

ALMOST: Final = 0.9
"""Share of common words, of all words of two texts, from which they are almost the same."""
MOST_TEXTS: Final = 1_000
"""Texts of which each pair is looked at."""
_WORD = re.compile(r"[^\W_]+")


class Sides(NamedTuple):
    """Findings that two texts name with one side each."""

    both: int
    """Their number."""
    exchanged: int
    """Those that are left in one text and right in the other."""


def sides(one: str, other: str) -> Sides:
    """Compare the sides of the findings of two texts; what a text sees on both sides has none."""
    first, second = _sided(one), _sided(other)
    shared = first.keys() & second.keys()
    return Sides(len(shared), sum(first[name] != second[name] for name in shared))


def _sided(text: str) -> dict[str, str]:
    """Return the name of each finding that is on one side alone, and that side."""
    found: dict[str, set[str]] = {}
    for finding in extract(text):
        if finding.presence in {"present", "uncertain"} and finding.side:
            found.setdefault(finding.concept.name, set()).add(finding.side)
    return {name: next(iter(seen)) for name, seen in found.items() if seen in ({"left"}, {"right"})}


def almost_same(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return True if two texts have almost the same words."""
    few, many = sorted((len(one), len(other)))
    if few < ALMOST * many:
        return False
    common = len(one & other)
    return common >= ALMOST * (few + many - common)


def words(text: str) -> frozenset[str]:
    """Return the words of a text, by which it is compared."""
    return frozenset(_WORD.findall(text.lower()))


def repeated(texts: Sequence[str], topics: Sequence[Hashable]) -> list[bool]:
    """Return for each text, of the first thousand, whether one of another topic has almost the same words."""
    said = [words(text) for text in texts[:MOST_TEXTS]]
    found = [False] * len(said)
    for place, one in enumerate(said):
        for other in range(place):
            new = not (found[place] and found[other]) and topics[place] != topics[other]
            if new and almost_same(one, said[other]):
                found[place] = found[other] = True
    return found
