"""Mentions of one thing: if two can be of it, and what they say together."""

from __future__ import annotations

from medbench.scoring.extraction.merging.other_names import BACKWARD
from medbench.scoring.extraction.observed import Finding
from medbench.scoring.extraction.places.concepts import belongs
from medbench.scoring.extraction.places.paths import touch
from medbench.scoring.extraction.sentences.emphasis import INCIDENTAL


def can_be_in_one_place(first: Finding, second: Finding) -> bool:
    """Return True if two findings can be in one place."""
    if not second.places and second.concept.is_general and second.words in BACKWARD:
        # 'The lesion' is that of before, wherever this one is.
        return not second.concept.place
    for one, other in ((first, second), (second, first)):
        if one.places and not other.places:
            return any(belongs(other.concept, place) for place in one.places)
    anywhere = not second.concept.place and first.span == second.span
    return bool(first.places) or anywhere or belongs(first.concept, second.concept.place)


def is_same(first: Finding, second: Finding) -> bool:
    """Return True if two mentions can be of one thing: no side, place or size speaks against it."""
    if first.side and second.side and first.side != second.side:
        return False
    if first.places and second.places and not touch(first.places, second.places):
        return False
    if first.size_mm and second.size_mm:
        smaller, larger = sorted((first.size_mm, second.size_mm))
        return smaller >= 0.8 * larger
    return not (first.sequence and second.sequence and first.sequence != second.sequence)


def joined(first: Finding, second: Finding) -> Finding:
    """Return two mentions as one finding: the first, with what only the second says."""
    return Finding(
        first.concept,
        first.presence,
        first.side or second.side,
        _narrower(first.places, second.places),
        first.size_mm or second.size_mm,
        first.severity or second.severity,
        max(first.number, second.number),
        first.change or second.change,
        first.sequence or second.sequence,
        first.words,
        first.span,
        first.is_conclusion or second.is_conclusion,
        _emphasis(first.emphasis, second.emphasis),
        first.on_film and second.on_film,
    )


def _emphasis(first: int, second: int) -> int:
    """Return the greater emphasis; what is incidental stays so when it is only named again."""
    greater = max(first, second)
    return INCIDENTAL if greater <= 0 and INCIDENTAL in {first, second} else greater


def _narrower(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Return the places with the longest path; where that is as long, the first ones."""
    if not second or first == second:
        return first
    return max(first, second, key=lambda places: max(map(len, places), default=0))
