"""Organs that are missing or prominent: 'absence of the left kidney', 'prominent lymph nodes'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.kinds import PLACED, SIDES
from medbench.scoring.extraction.phrases.neighbours import CLOSING, before_sides, is_head
from medbench.scoring.extraction.phrases.phrases import END

if TYPE_CHECKING:
    from medbench.scoring.extraction.phrases.phrases import Phrases

_VARIABLE: Final = ("brain", "?ventricle")
"""Beginnings of places that are prominent with age: ventricles, which may be the heart's, and sulci."""
DENYING: Final = frozenset({"absent-either", "absent-before", *SIDES})
"""Kinds of what stands before a place that is missing."""


def is_missing(phrases: Phrases, index: int) -> bool:
    """Return True for a place that is said to be absent before it: 'absence of the left kidney'."""
    at = before_sides(phrases, index - 1)
    denied = phrases.kinds[at] in {"absent-either", "absent-before"}
    absent = denied and phrases.values[at].word in {"absent", "absence"}
    return absent and phrases.starts[at + 1] - phrases.ends[at] <= 2 and is_head(phrases, index)


def place_that_is_missing(phrases: Phrases, index: int) -> bool:
    """Return True if a place stands right before 'absent', and nothing is said to be in it."""
    kinds = phrases.kinds
    place = index - 2 if kinds[index - 1] == "verb" else index - 1
    at = before_sides(phrases, place - 1)
    return kinds[place] == "place" and is_head(phrases, place) and kinds[at] != "in"


def is_prominent(phrases: Phrases, index: int) -> bool:
    """Return True if 'prominent' says that a place is large: 'prominent pelvic lymph nodes'."""
    kinds, values = phrases.kinds, phrases.values
    if values[index].word != "prominent":
        return False
    if kinds[index - 1] == "verb" and phrases.starts[index] == phrases.ends[index - 1]:
        return _is_said_of_place(phrases, index)
    at = index
    while kinds[at + 1] in PLACED and phrases.starts[at + 1] - phrases.ends[at] <= 1:
        at += 1
    # The ventricles and sulci of an atrophic brain are prominent too.
    return kinds[at] == "place" and is_head(phrases, at) and not values[at].path.startswith("brain")


def _is_said_of_place(phrases: Phrases, index: int) -> bool:
    """True if an adjective behind a verb is all that is said of a place: 'the hila are prominent'."""
    kinds, place = phrases.kinds, index - 2
    if kinds[place] != "place" or phrases.starts[index - 1] != phrases.ends[place]:
        return False
    alone = kinds[index + 1] in {*CLOSING, END, "break"} and phrases.starts[index + 1] == phrases.ends[index]
    return alone and "finding" not in kinds[:place] and not phrases.values[place].path.startswith(_VARIABLE)
