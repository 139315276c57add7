"""Blood that goes on into the ventricles: a finding of its own beside the bleed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from medbench.scoring.extraction.phrases.kinds import SIDES
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.observed import Side
    from medbench.scoring.extraction.phrases.phrases import Phrases

_VENTRICLE: Final = "brain/ventricle"
_BLEED: Final = "intracranial hemorrhage"
_SPILL: Final = "intraventricular hemorrhage"
_INTO: Final = frozenset({"into", "extending"})


def is_spilled(phrases: Phrases, index: int, draft: Draft) -> bool:
    """Return True for a ventricle into which the blood of a bleed extends."""
    if draft.concept.kin != "hemorrhage" or not in_ventricle(phrases.values[index].path):
        return False
    before = index - 1
    while phrases.kinds[before] in SIDES:
        before -= 1
    into = phrases.kinds[before] == "in" and phrases.values[before].word in _INTO
    return into or (phrases.kinds[before] == "and" and bool(draft.places))


def in_ventricle(path: str) -> bool:
    """Return True for a ventricle of the brain."""
    return path.startswith(_VENTRICLE)


def with_spill(draft: Draft) -> Iterator[Draft]:
    """Yield a bleed, and the blood in the ventricles apart from it."""
    spilled = tuple(path for path in draft.places if in_ventricle(path))
    rest = tuple(path for path in draft.places if path not in spilled)
    if rest or draft.concept.name == _BLEED:
        second = draft.twin()
        second.concept, second.places, second.size = vocabulary().concepts[_SPILL], spilled, None
        draft.places = rest
        for one in (draft, second):
            on = {side for path, side in draft.placed if path in one.places and side}
            one.side = cast("Side", on.pop() if len(on) == 1 else one.side)
        yield draft
        draft = second
    yield draft
