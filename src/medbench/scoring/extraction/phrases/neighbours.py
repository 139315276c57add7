"""Neighbours of a phrase, as rules of several rooms ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.kinds import SIDES

if TYPE_CHECKING:
    from medbench.scoring.extraction.phrases.phrases import Phrases

FAR: Final = 3
"""Most words between a preposition and its place."""
CLOSING: Final = frozenset({",", ":", ")", "?"})
COMPARED: Final = frozenset({"relative", "compared", "comparison", "opposed", "contrast", "unlike"})
"""First words of what only compares: 'compared with the left kidney'."""


def before_sides(phrases: Phrases, at: int) -> int:
    """Return the phrase before a row of sides."""
    while phrases.kinds[at] in SIDES:
        at -= 1
    return at


def is_head(phrases: Phrases, index: int) -> bool:
    """Return True if no unknown word follows a place, as in 'lung markings', nor a finding."""
    return phrases.starts[index + 1] == phrases.ends[index] and phrases.kinds[index + 1] != "finding"
