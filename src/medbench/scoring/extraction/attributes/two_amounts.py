"""Makes two of a finding that has another size or degree on either side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from medbench.scoring.extraction.phrases.kinds import DEGREES

if TYPE_CHECKING:
    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.observed import Side
    from medbench.scoring.extraction.phrases.phrases import Phrases

_ONE_SIDE: Final = frozenset({"left", "right"})
_SIZES: Final = frozenset({"size"})
TWO_PAIRS: Final = 4
"""Attributes that give a finding a size or degree on either side."""


def split(phrases: Phrases, attributes: list[int], findings: list[Draft]) -> None:
    """Make two of a finding that has another size or degree on either side: 'mild left and severe right'."""
    kinds = phrases.kinds
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
