"""Finds which of several findings an attribute belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.kinds import ATTRIBUTES, PLACED, SIDES
from medbench.scoring.extraction.vocabulary.kin import DESCRIPTORS

if TYPE_CHECKING:
    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.drafts.sentence_state import Sentence
    from medbench.scoring.extraction.phrases.phrases import Phrases

_DESCRIPTOR: Final = 4.0
_BACKWARD: Final = 6.0
_DESCRIPTOR_SIZE: Final = 50.0
"""Added to a distance: for a descriptor, in the wrong direction, for a descriptor's size."""
_PARTICIPLES: Final = ("ing", "ed")


def nearest_of(
    sentence: Sentence, index: int, findings: list[Draft], *, backward: bool
) -> tuple[Draft, float]:
    """Return the finding that an attribute is nearest to, and how far that is.

    Args:
        sentence: The sentence as far as it was read.
        index: Number of the attribute.
        findings: Those of its clause.
        backward: True if it rather belongs to what precedes it.
    """
    kind, offsets = sentence.phrases.kinds[index], sentence.offsets()
    aside = _DESCRIPTOR_SIZE if kind == "size" else _DESCRIPTOR if kind in PLACED else 0.0
    nearest, least, here = findings[0], 1e9, offsets[index]
    if kind == "place" and _closes_list(sentence.phrases, index) and findings[0].at < index:
        # 'A thinned and irregular ligament and fluid': the ligament is thinned.
        findings = [draft for draft in findings if draft.at < index]
    for draft in findings:
        distance = offsets[draft.at] - here
        if distance < 0:
            distance = -distance
        elif backward:
            distance += _BACKWARD
        if aside and draft.concept.kin in DESCRIPTORS:
            distance += aside
        if distance < least:
            nearest, least = draft, distance
    return nearest, least


def _closes_list(phrases: Phrases, index: int) -> bool:
    """True for a place right behind which 'and' leads to the next finding."""
    joint, following = index + 1, index + 2
    joined = phrases.kinds[joint] == "and" and phrases.starts[joint] == phrases.ends[index]
    return joined and phrases.kinds[following] == "finding"


def right_behind(phrases: Phrases, index: int, findings: list[Draft]) -> Draft | None:
    """Return the finding right behind an attribute, or behind others of it: 'a 3 cm left mass'."""
    kinds, starts, ends, tokens = phrases.kinds, phrases.starts, phrases.ends, phrases.tokens
    at = index + 1
    if kinds[index] == "size" and kinds[at] == "in" and phrases.values[at].word == "of":
        at += 1  # '5 mm of midline shift'.
    while kinds[at] in ATTRIBUTES and starts[at] == ends[at - 1]:
        at += 1
    if kinds[at] != "finding" or starts[at] != ends[at - 1]:
        return None
    joined = kinds[at + 1] == "finding" and starts[at + 1] == ends[at]
    if joined and phrases.values[at].kin in DESCRIPTORS and not tokens[ends[index] - 1].endswith("ly"):
        at += 1  # 'The large enhancing mass', but 'a markedly enhancing mass'.
    if kinds[index] in PLACED and tokens[ends[at] - 1].endswith(_PARTICIPLES):
        return None  # 'A mass at the left hilum obstructing the bronchus'.
    return next((draft for draft in findings if draft.at == at), None)


def is_led(phrases: Phrases, index: int) -> bool:
    """Return True if a preposition leads an attribute to what precedes it: 'mass in the left lobe'."""
    before = index - 2 if phrases.kinds[index - 1] in SIDES else index - 1
    return phrases.kinds[before] == "in" and phrases.starts[index] - phrases.ends[before] <= 3
