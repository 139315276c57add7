"""Gives every place, side, size and degree of a clause to the finding that is nearest.

A descriptor ('enhancing') yields to the thing it describes; a preposition leads a place to what precedes
it; a size behind 'measuring' or 'diameter of' belongs to what precedes, if need be in an earlier clause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.finding_1.extraction.drafts import ANYWHERE, DESCRIPTORS, PLACED, SIDES, TAKEN, TRAITS

if TYPE_CHECKING:
    from medbench.scoring.finding_1.extraction.drafts import Draft, Sentence
    from medbench.scoring.finding_1.extraction.phrases import Phrase

_NEAR = 6
"""Most words between a finding and its degree, number or change."""
_DESCRIPTOR, _BACKWARD, _DESCRIPTOR_SIZE = 4.0, 6.0, 50.0
"""Added to a distance: for a descriptor, in the wrong direction, for a descriptor's size."""


def attach(sentence: Sentence, attributes: list[int], findings: list[Draft]) -> None:
    """Give the attributes of a clause to its findings.

    Args:
        sentence: The sentence as far as it was read before this clause.
        attributes: Numbers of the phrases to give away.
        findings: The clause's findings, at least one.
    """
    phrases, first = sentence.phrases, findings[0]
    for index in attributes:
        side = sentence.sides.get(index, "")
        if side == TAKEN:
            continue
        phrase = phrases[index]
        kind, value = phrase.kind, phrase.value
        measured = kind == "size" and _is_measured(phrases, index)
        if measured and phrase.end <= first.start and (earlier := sentence.last_thing()) is not None:
            earlier.take(kind, value)
        elif len(findings) > 1:
            backward = measured or _is_led(phrases, index)
            nearest, distance = _nearest(sentence, index, findings, backward=backward)
            if kind in ANYWHERE or distance <= _NEAR:
                nearest.take(kind, value, side)
        elif kind in PLACED:
            first.take(kind, value, side)
            if first.concept.kin in TRAITS and phrase.start >= first.end:
                _share(phrase, side, sentence.last_thing())
        elif kind == "size" or _words_between(phrase, first) <= _NEAR:
            first.take(kind, value)


def carry(sentence: Sentence, attributes: list[int], earlier: Draft) -> None:
    """Give the places, sides and sizes of a clause without a finding to the last finding before."""
    for index in attributes:
        phrase, side = sentence.phrases[index], sentence.sides.get(index, "")
        kind = phrase.kind
        if kind in ANYWHERE and side != TAKEN and not (kind == "size" and earlier.size):
            earlier.take(kind, phrase.value, side)


def _nearest(sentence: Sentence, index: int, findings: list[Draft], *, backward: bool) -> tuple[Draft, float]:
    kind, offsets = sentence.phrases[index].kind, sentence.offsets()
    aside = _DESCRIPTOR_SIZE if kind == "size" else _DESCRIPTOR if kind in PLACED else 0.0
    nearest, least = findings[0], 1e9
    for draft in findings:
        distance = offsets[draft.at] - offsets[index]
        if distance < 0:
            distance = -distance
        elif backward:
            distance += _BACKWARD
        if aside and draft.concept.kin in DESCRIPTORS:
            distance += aside
        if distance < least:
            nearest, least = draft, distance
    return nearest, least


def _share(phrase: Phrase, side: str, thing: Draft | None) -> None:
    """Where only a trait of the last finding has a place behind it, the place is that finding's too."""
    if thing is not None and thing.concept.kin not in TRAITS and not thing.places:
        thing.take(phrase.kind, phrase.value, side)


def _is_measured(phrases: list[Phrase], index: int) -> bool:
    """True if a size stands behind 'measuring' or the like."""
    before = phrases[index - 1]
    return before.kind == "measure" and phrases[index].start - before.end <= 2


def _is_led(phrases: list[Phrase], index: int) -> bool:
    """True if a preposition leads an attribute to what precedes it: 'mass in the left lobe'."""
    before = phrases[index - 1]
    if before.kind in SIDES:
        before = phrases[index - 2]
    return before.kind == "in" and phrases[index].start - before.end <= 3


def _words_between(phrase: Phrase, draft: Draft) -> int:
    return draft.start - phrase.end if phrase.end <= draft.start else phrase.start - draft.end
