"""The organ that a statement speaks of, before an adjective or a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.kinds import SIDES
from medbench.scoring.extraction.phrases.neighbours import COMPARED
from medbench.scoring.extraction.places.paths import IMAGES, WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases

FORM: Final = frozenset(
    {"contour", "contours", "outline", "outlines", "margin", "margins", "border", "borders", "surface",
     "surfaces", "architecture", "echotexture", "texture", "configuration", "shape", "course", "morphology",
     "appearance", "silhouette", "shadow", "shadows", "caliber", "pattern", "position", "location",
     "orientation", "angle", "edge", "edges", "size", "signal", "intensity", "echogenicity", "attenuation",
     "density", "wall", "walls", "relationship", "axis", "perfusion", "flow", "vascularity", "metabolism",
     "volume", "bulk", "height", "diameter", "width", "thickness", "fiber", "fibers", "tissue", "tissues"}
)  # fmt: skip
"""Nouns that stand for the organ itself: 'the irregular contour of the liver'."""
_OPENING: Final = frozenset(
    {"|", ",", "and", ":", "break", ";", "(", "absent-before", "not", "verb", "uncertain-before"}
)


def subject_before(phrases: Phrases, at: int, tokens: Sequence[str]) -> int:
    """Return a place if it is what the clause speaks of, and not only where a finding is."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    if kinds[at] == "," and "," in kinds[:at]:
        at -= kinds[at - 1 :: -1].index(",") + 2  # 'The ureters, especially the left, are kinked'.
    behind = at + 1
    while kinds[at] in SIDES:
        at -= 1
    organ = at
    if kinds[organ] != "place" or phrases.values[organ].path in {IMAGES, WHOLE}:
        return organ_of_side(phrases, behind)
    between = tokens[ends[organ] : starts[organ + 1]]
    if any(word not in FORM and not word.endswith("ly") and word != ")" for word in between):
        return -1
    while (
        kinds[at] in {"place", *SIDES}
        or (kinds[at] == "in" and kinds[at - 1] in {"place", "and"})
        or (kinds[at] in {"and", ","} and kinds[at - 1] in {"place", ",", "and"})
    ):
        at -= 1
    if kinds[at] == "in" and phrases.values[at].word == "of":
        # 'The contour of the liver is irregular'.
        at -= 1
    compared = at == 1 and is_compared(phrases, organ)
    return organ if kinds[at] in _OPENING or compared else -1


def organ_of_side(phrases: Phrases, index: int) -> int:
    """Return the organ named before a side that stands alone: 'compared with the left kidney, the right is'.

    Args:
        phrases: Those of the sentence.
        index: Number of the phrase behind the side.
    """
    kinds, at = phrases.kinds, index - 1
    while kinds[at] in SIDES:
        at -= 1
    if at == index - 1 or kinds[at] not in {",", "break", "("} or "finding" in kinds[:at]:
        return -1
    return next((place for place in range(at, 0, -1) if kinds[place] == "place"), -1)


def is_compared(phrases: Phrases, index: int) -> bool:
    """Return True if what an organ is compared with stands first: 'compared to the right, the left'."""
    return phrases.kinds[1] == "in" and phrases.values[1].word in COMPARED and index > 1
