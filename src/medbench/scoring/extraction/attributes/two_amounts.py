"""Makes two of a finding that has another size or degree on either side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from medbench.scoring.extraction.phrases.kinds import DEGREES

if TYPE_CHECKING:
    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.observed import Side
    from medbench.scoring.extraction.phrases.phrases import Phrases

_ONE_SIDE: Final = frozenset({"left", "right"})
_LEVELS: Final = ("spine/",)
"""Beginnings of the places that a finding can be at several of, with another degree at each."""
_OF_LEVELS: Final = frozenset({"place", *DEGREES})
_SIZES: Final = frozenset({"size"})
TWO_PAIRS: Final = 4
"""Attributes that give a finding a size or degree on either side."""


def split(phrases: Phrases, attributes: list[int], findings: list[Draft]) -> None:
    """Make two of a finding that has another size or degree on either side: 'mild left and severe right'."""
    kinds = phrases.kinds
    if not findings[0].side and _at_two_places(phrases, attributes, findings):
        return
    for amounts in (_SIZES, DEGREES):
        told = [at for at in attributes if kinds[at] in _ONE_SIDE or kinds[at] in amounts]
        sides, others = told[::2], told[1::2]
        if sides and kinds[sides[0]] not in _ONE_SIDE:
            sides, others = others, sides
        if len(told) != TWO_PAIRS or {kinds[at] for at in sides} != _ONE_SIDE:
            continue
        if any(kinds[at] in _ONE_SIDE for at in others):  # 'left left right left'
            continue
        if len(findings) == 1:
            findings.append(findings[0].twin())
        for draft, side, amount in zip(findings, sides, others, strict=True):
            draft.side = cast("Side", kinds[side])
            if amounts is DEGREES:
                draft.severity = DEGREES[kinds[amount]]
            else:
                draft.size = phrases.values[amount]


def _at_two_places(phrases: Phrases, attributes: list[int], findings: list[Draft]) -> bool:
    """Make two of a finding that has another degree at either of two levels; True if there are such."""
    told = [at for at in attributes if phrases.kinds[at] in _OF_LEVELS]
    places, degrees = told[::2], told[1::2]
    if places and phrases.kinds[places[0]] != "place":
        places, degrees = degrees, places
    levels = {phrases.values[at].path for at in places if phrases.kinds[at] == "place"}
    if (
        len(told) != TWO_PAIRS
        or len(levels) != len(places)
        or "place" in {phrases.kinds[at] for at in degrees}
    ):
        return False
    if not all(path.startswith(_LEVELS) for path in levels):
        return False
    findings.append(findings[0].twin())
    for draft, place, degree in zip(findings, places, degrees, strict=True):
        path = phrases.values[place].path
        draft.places, draft.placed = (path,), ((path, ""),)
        draft.severity, draft.row = DEGREES[phrases.kinds[degree]], ()
    return True
