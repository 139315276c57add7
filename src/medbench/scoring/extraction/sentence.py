"""Reads one sentence: divides it into clauses, reads these, and makes findings of what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.scoring.extraction.clauses import Clauses
from medbench.scoring.extraction.drafts import IMAGES, NORMAL, SIDES, WHOLE
from medbench.scoring.extraction.phrases import last_size
from medbench.scoring.extraction.places import VAGUE, belongs, composed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts import Draft
    from medbench.scoring.extraction.observed import Said, Side
    from medbench.scoring.extraction.phrases import Phrases

Subject = tuple[tuple[str, ...], "Side"]
"""Places and side that what is said without a place belongs to."""

_NOBODY: Subject = ((), "")
_SPEAKING = frozenset({"finding", "normal"})
_LONGEST_HEADING = 11
_NAMES = frozenset({"consistent", "compatible", "in", "representing"})
"""First words of what only names the finding before: 'consistent with', 'in keeping with'."""


def read_sentence(
    said: Phrases, first: int, last: int, tokens: Sequence[str]
) -> tuple[list[Said], float | None]:
    """The findings of a sentence, and a size that belongs to none of them.

    Args:
        said: The phrases of the text.
        first: The sentence's first phrase.
        last: The phrase behind its last.
        tokens: The tokens of the text.
    """
    kinds = said.kinds[first:last]
    if _SPEAKING.isdisjoint(kinds):
        return [], last_size(said, range(first, last))
    sentence = Clauses(said, first, last)
    start, names_the_last = first, False
    if "break" in kinds:
        for index, kind in enumerate(kinds, first):
            if kind == "break":
                sentence.read(start, index, names_the_last=names_the_last)
                start = index + 1
                names_the_last = said.values[index].word in _NAMES
    sentence.read(start, last, names_the_last=names_the_last)
    drafts = [draft for draft in sentence.drafts if not draft.dropped]
    return (_settled(drafts, tokens, _subject_of(said, first, last)) if drafts else []), sentence.loose


def _settled(drafts: list[Draft], tokens: Sequence[str], subject: Subject) -> list[Said]:
    """What the drafts of a sentence say; without a subject, a place said of one holds for the next."""
    found: list[Said] = []
    before = subject
    for draft in drafts:
        alone = subject[0] or draft.concept.place or draft.concept is NORMAL
        found.append(_finished(draft, tokens, subject if alone else before))
        before = (draft.places, draft.side)
    return found


def heading_of(said: Phrases, first: int, last: int) -> Subject | None:
    """Place and side that a short line gives to what stands under it."""
    if said.starts[last] - said.ends[first - 1] > _LONGEST_HEADING:
        return None
    subject = _subject_of(said, first, last)
    return subject if subject[0] else None


def _subject_of(said: Phrases, first: int, last: int) -> Subject:
    """The place that a sentence starts with, before any finding, and its side."""
    side: Any = ""
    for index in range(first, last):
        kind = said.kinds[index]
        if kind == "finding":
            break
        if kind in SIDES:
            side = kind
        elif kind == "place":
            place = said.values[index]
            if place.path not in {IMAGES, WHOLE}:
                return (place.path,), place.side or side
    return _NOBODY


def _finished(draft: Draft, tokens: Sequence[str], subject: Subject) -> Said:
    """What a draft says: at the subject's place where it has none, by the name that it has there."""
    concept, places, side = draft.concept, draft.places, draft.side
    if len(places) > 1:
        places = tuple(path for path in places if path not in VAGUE) or places[:1]
    beside = subject[0]
    if places or not beside or not belongs(concept, beside[0]):
        concept = composed(concept, places)
    else:
        concept = composed(concept, beside)
        if belongs(concept, beside[0]):
            places, side = beside, side or subject[1]
    draft.places, draft.side = places, side
    return (
        concept,
        draft.presence,
        side,
        places,
        draft.size,
        draft.severity,
        draft.number,
        draft.change,
        draft.sequence,
        draft.words or " ".join(tokens[draft.start : draft.end]),
    )
