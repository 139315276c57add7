"""Tells where a finding is from what it only lies beside: 'a mass posterior to the bladder'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.neighbours import FAR, before_sides
from medbench.scoring.extraction.phrases.phrases import END

if TYPE_CHECKING:
    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.phrases.phrases import Phrases

_DIRECTIONS: Final = frozenset(
    {"anterior", "posterior", "medial", "lateral", "superior", "inferior", "caudal", "cephalad", "cranial",
     "dorsal", "ventral", "anteromedial", "anterolateral", "posteromedial", "posterolateral", "inferolateral",
     "superolateral", "inferomedial", "superomedial", "behind", "distal", "proximal", "just"}
)  # fmt: skip
"""First words of what leads to a place that a finding is not in, but lies beside."""
_CLOSE: Final = frozenset(
    {"adjacent", "near", "next", "close", "proximity", "above", "below", "separate", "distinct", "discrete",
     "abutting", "abuts", "abut", "contiguous", "surrounding", "encasing", "overlying", "overlies",
     "between"}
)  # fmt: skip
"""The same, for a lesion; the inflamed fat around an organ is that organ's."""
AWAY: Final = frozenset(
    {"above", "below", "from", "superior", "inferior", "cephalad", "caudal", "distal", "proximal", "beyond",
     "anterior", "posterior", "lateral", "medial"}
)  # fmt: skip
"""First words of what a distance leads to a place by: '3 cm above the bifurcation'."""
_ASPECT, _MASS, _BONE = "aspect", "mass", "bone"
"""A mass at an aspect of a bone is of the soft parts: it is not said to be in it."""


def is_beside(phrases: Phrases, index: int, draft: Draft) -> bool:
    """Return True if a place only says what a finding lies beside: 'a mass posterior to the bladder'."""
    before = _leading(phrases, index)
    if phrases.kinds[before] != "in" or phrases.starts[before + 1] - phrases.ends[before] > FAR:
        return False
    word = phrases.values[before].word
    if _is_away(phrases, before) or (word in {"above", "below"} and draft.places):
        return True
    if word == _ASPECT:
        at = phrases.kinds[before - 1] == "in" and phrases.values[before - 1].word == "at"
        return at and draft.concept.name == _MASS and phrases.values[index].path.startswith(_BONE)
    if _is_reached(phrases, before):
        return True
    return word in _DIRECTIONS or (word in _CLOSE and draft.concept.kin in {"lesion", "hemorrhage"})


def _is_away(phrases: Phrases, before: int) -> bool:
    """True for the preposition of a distance: 'a tear 5 cm above the insertion into the calcaneus'."""
    at = before - 1 if phrases.kinds[before - 1] == "in" else before
    return phrases.kinds[at - 1] == "size" and phrases.values[at].word in AWAY


def _leading(phrases: Phrases, index: int) -> int:
    """Return what leads to a place: before its side, and before a place that it is listed with."""
    before = before_sides(phrases, index - 1)
    if phrases.kinds[before] == "and" and phrases.kinds[before - 1] == "place":
        before = before_sides(phrases, before - 2)
    return before


def _is_reached(phrases: Phrases, at: int) -> bool:
    """True for the preposition of where something only extends to: 'extends into the pelvis'."""
    if phrases.values[at].word == "extending":
        return True
    extends = phrases.kinds[at - 1] == "verb" and phrases.values[at - 1].word.startswith("extend")
    return extends and phrases.starts[at] - phrases.ends[at - 1] <= 1


def is_adjective(phrases: Phrases, index: int) -> bool:
    """Return True if a place only tells what an unknown word is of: 'with pleural tagging'."""
    before = phrases.kinds[index - 1]
    alone = before == "break" and phrases.starts[index] - phrases.ends[index - 1] == 0
    unknown = phrases.starts[index + 1] == phrases.ends[index] + 1
    return alone and unknown and phrases.kinds[index + 1] == END
