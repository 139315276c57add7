"""Words for a part that several organs have: the cortex of the brain, of a bone or of the kidney.

The organ is that of the nearest other place in the sentence, else of a finding in it that has a usual place,
else of what the text spoke of before; compose.txt says what the word is then.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.paths import wholes
from medbench.scoring.extraction.vocabulary.entries import Place
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.scoring.extraction.phrases.phrases import Phrases

_BEHIND: Final = 5
"""Words that an organ named behind the part is farther away than one before it."""


def settle(phrases: Phrases) -> None:
    """Make a place of every word with several senses: the part that it is, or itself if nothing says."""
    kinds, values = phrases.kinds, phrases.values
    places = [at for at, kind in enumerate(kinds) if kind == "place"]
    for _ in range(kinds.count("sense")):
        at = kinds.index("sense")
        word = values[at].path
        path = part_of(word, [values[near].path for near in _nearest(phrases, at, places)])
        if not path:
            findings = [near for near, kind in enumerate(kinds) if kind == "finding"]
            path = part_of(word, [values[near].place for near in _nearest(phrases, at, findings)])
        kinds[at], values[at] = "place", Place(path or word, "")


def part_of(word: str, organs: Iterable[str]) -> str:
    """Return the part that a word means beside these places; empty where they say nothing of it."""
    for path in organs:
        if path and (part := _part_at(word, path)):
            return part
    return ""


@lru_cache(maxsize=4_000)
def _part_at(word: str, path: str) -> str:
    """Return the part that a word means at a place; empty where it is none there."""
    there, senses = wholes(path), vocabulary().senses[word]
    return next((part for organ, part in senses.items() if organ in there), "")


def _nearest(phrases: Phrases, at: int, others: list[int]) -> list[int]:
    """Return other phrases, the nearest to a part first."""
    if len(others) < 2:
        return others
    starts, start = phrases.starts, phrases.starts[at]

    def distance(other: int) -> int:
        there = starts[other]
        return start - there if there <= start else there - start + _BEHIND

    return sorted(others, key=distance)
