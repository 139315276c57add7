"""Gives every place, side, size and degree of a clause to the finding that is nearest.

A descriptor ('enhancing') yields to the thing it describes; a preposition leads a place to what precedes
it; a size behind 'measuring' or 'diameter of' belongs to what precedes, if need be in an earlier clause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.scoring.extraction.drafts import ANYWHERE, DESCRIPTORS, PLACED, SIDES, TAKEN, TRAITS

if TYPE_CHECKING:
    from medbench.scoring.extraction.drafts import Draft, Sentence
    from medbench.scoring.extraction.phrases import Phrases

_NEAR = 6
"""How far, in words, a degree, number or change may stand from its finding."""
_BESIDE, _AGAINST, _FAR = 4.0, 6.0, 50.0
"""What a descriptor, the wrong direction, a descriptor's size add to a distance."""


def attach(sentence: Sentence, attributes: list[int], found: list[Draft]) -> None:
    """Give the attributes of a clause to its findings.

    Args:
        sentence: The sentence as far as it was read before this clause.
        attributes: Which of its phrases to give away.
        found: The clause's findings, at least one.
    """
    said, sides = sentence.said, sentence.sides
    alone, first = len(found) == 1, found[0]
    for index in attributes:
        side = sides.get(index, "")
        if side == TAKEN:
            continue
        kind, value = said.kinds[index], said.values[index]
        measured = kind == "size" and _is_measured(said, index)
        if measured and said.ends[index] <= first.start and (earlier := sentence.thing()) is not None:
            earlier.take(kind, value)
        elif not alone:
            best, distance = _nearest(sentence, index, found, backward=measured or _is_led(said, index))
            if kind in ANYWHERE or distance <= _NEAR:
                best.take(kind, value, side)
        elif kind in PLACED:
            first.take(kind, value, side)
            if first.concept.kin in TRAITS and said.starts[index] >= first.end:
                _share(kind, value, side, sentence.thing())
        elif kind == "size" or _gap(said, index, first) <= _NEAR:
            first.take(kind, value)


def carry(sentence: Sentence, attributes: list[int], earlier: Draft) -> None:
    """Give the places, sides and sizes of a clause without a finding to the last thing found before."""
    said, sides = sentence.said, sentence.sides
    for index in attributes:
        kind, side = said.kinds[index], sides.get(index, "")
        if kind in ANYWHERE and side != TAKEN and not (kind == "size" and earlier.size):
            earlier.take(kind, said.values[index], side)


def _nearest(sentence: Sentence, index: int, found: list[Draft], *, backward: bool) -> tuple[Draft, float]:
    kind, along, first = sentence.said.kinds[index], sentence.along(), sentence.first
    at = along[index - first]
    beside = _FAR if kind == "size" else _BESIDE if kind in PLACED else 0.0
    best, least = found[0], 1e9
    for draft in found:
        distance = along[draft.at - first] - at
        if distance < 0:
            distance = -distance
        elif backward:
            distance += _AGAINST
        if beside and draft.concept.kin in DESCRIPTORS:
            distance += beside
        if distance < least:
            best, least = draft, distance
    return best, least


def _share(kind: str, value: Any, side: str, thing: Draft | None) -> None:
    """Where only a trait of the last finding has a place behind it, the place is that finding's too."""
    if thing is not None and thing.concept.kin not in TRAITS and not thing.places:
        thing.take(kind, value, side)


def _is_measured(said: Phrases, index: int) -> bool:
    return said.kinds[index - 1] == "measure" and said.starts[index] - said.ends[index - 1] <= 2


def _is_led(said: Phrases, index: int) -> bool:
    """Whether a preposition leads an attribute to what precedes it: 'mass in the left lobe'."""
    at = index - 2 if said.kinds[index - 1] in SIDES else index - 1
    return said.kinds[at] == "in" and said.starts[index] - said.ends[at] <= 3


def _gap(said: Phrases, index: int, draft: Draft) -> int:
    if said.ends[index] <= draft.start:
        return draft.start - said.ends[index]
    return said.starts[index] - draft.end
