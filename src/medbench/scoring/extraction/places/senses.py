"""Words for a part that several organs have: the cortex of the brain, of a bone or of the kidney.

The organ is that of the nearest other place in the sentence, else of a finding in it that has a usual place,
else of what the text spoke of before; compose.txt says what the word is then.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.paths import within
from medbench.scoring.extraction.vocabulary.entries import Place
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.scoring.extraction.phrases.phrases import Phrases

_BEHIND: Final = 5
"""Words that an organ named behind the part is farther away than one before it."""


def settle(phrases: Phrases) -> None:
    """Make a place of every word with several senses: the part that it is, or itself if nothing says."""
    kinds, values, starts = phrases.kinds, phrases.values, phrases.starts
    places = [(starts[at], values[at].path) for at, kind in enumerate(kinds) if kind == "place"]
    usual = [(starts[at], values[at].place) for at, kind in enumerate(kinds) if kind == "finding"]
    for at, kind in enumerate(kinds):
        if kind == "sense":
            word, start = values[at].path, starts[at]
            path = part_of(word, _nearest(start, places)) or part_of(word, _nearest(start, usual))
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
    senses = vocabulary().senses[word]
    return next((part for organ, part in senses.items() if within(path, organ)), "")


def _nearest(at: int, places: list[tuple[int, str]]) -> list[str]:
    def distance(place: tuple[int, str]) -> int:
        return at - place[0] if place[0] <= at else place[0] - at + _BEHIND

    return [path for _, path in sorted(places, key=distance)]
