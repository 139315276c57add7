"""Findings that are named once for two organs or both sides, and are one of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from medbench.scoring.extraction.drafts.spill import in_ventricle, with_spill
from medbench.scoring.extraction.places.concepts import composed
from medbench.scoring.extraction.places.paths import VAGUE, crosses, organ, touch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.observed import Side

_SHARED: Final = frozenset({"displacement"})
"""Names of what organs that lie together have together."""
_NO_ORGAN: Final = VAGUE - {"bone", "spine"}
_OF_EACH: Final = frozenset({"enlargement", "dilatation", "thickening", "narrowing", "hypertrophy"})
"""General words for what each of two parts is like."""
_LIMBS: Final = ("joint", "muscle", "limb")


def parts_of(draft: Draft) -> Iterator[Draft]:
    """Yield a finding of a left and of another, right place, or of two organs, once for each of these."""
    if draft.side == "both" and {side for _, side in draft.placed} == {"left", "right"}:
        for side in ("left", "right"):
            draft.side = side
            draft.places = tuple(path for path, on in draft.placed if on == side)
            yield draft
        return
    if draft.spills or (draft.concept.kin == "hemorrhage" and any(map(in_ventricle, draft.places))):
        yield from with_spill(draft)
        return
    names: dict[str, None] = {}
    if draft.listed and not draft.beside:
        organs = [path for path in draft.places if path not in _NO_ORGAN]
        names = dict.fromkeys(composed(draft.concept, (path,)).name for path in organs)
    if len(names) < 2 or (_is_one_thing(draft) and not _is_said_of_each(draft, names)):
        yield draft
        return
    placed, sides = draft.placed, {on for _, on in draft.placed}
    for name in names:
        draft.places = tuple(path for path, _ in placed if composed(draft.concept, (path,)).name == name)
        if sides != {""}:
            draft.side = cast("Side", next((on for path, on in placed if path in draft.places), ""))
        yield draft


def _is_said_of_each(draft: Draft, names: Collection[str]) -> bool:
    """True for how large parts are that have names of their own for it: 'the left atrium and ventricle'."""
    return draft.concept.name in _OF_EACH and draft.concept.name not in names


def _is_one_thing(draft: Draft) -> bool:
    """True for what is in parts of one organ or limb or lies across these, or has a side of its own."""
    places = draft.places
    first, *others = places
    if draft.concept.name in _SHARED or "lymph node" in places or crosses(places):
        return True
    if any(organ(path) == organ(first) or touch((path,), (first,)) for path in others):
        return True
    sides = {on for _, on in draft.placed}
    unplaced = draft.side == "both" and "" in sides and not sides.isdisjoint(("left", "right"))
    return unplaced or any(path.startswith(_LIMBS) for path in places)
