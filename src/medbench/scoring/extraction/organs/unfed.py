"""Makes a perfusion defect of an organ that contrast does not reach: 'the left kidney does not enhance'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.kinds import SIDES
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases

UNFED: Final = frozenset({"enhance", "enhancement"})
"""Words for what is missing where contrast does not reach."""
_FED: Final = (
    "urinary/kidney", "abdomen/spleen", "abdomen/pancreas", "abdomen/bowel", "abdomen/liver",
    "abdomen/gallbladder", "pelvis/ovary", "pelvis/scrotum",
)  # fmt: skip
"""Organs that always enhance; a lesion that does not is only described so."""
_NEAR: Final = 3
"""Most words from 'of' to the organ."""
_OPENING: Final = frozenset({"|", ",", "and", ":", "break", ";", "("})


def find_unfed(phrases: Phrases, tokens: Sequence[str]) -> None:
    """Make a perfusion defect of an organ that does not enhance, which is no denial."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    if kinds.count("finding") > 1:
        return
    for at in range(2, len(kinds) - 1):
        if kinds[at] != "finding" or starts[at] + 1 != ends[at] or tokens[starts[at]] not in UNFED:
            continue
        if _is_subject(phrases, at) or _is_place(phrases, at):
            phrases.values[at] = vocabulary().concepts["perfusion defect"]
            phrases.drop(at - 1)
            return


def _is_subject(phrases: Phrases, index: int) -> bool:
    """True for 'the left kidney does not enhance'."""
    kinds, at = phrases.kinds, index - 2
    if kinds[index - 1] != "not" or kinds[at] != "place" or not phrases.values[at].path.startswith(_FED):
        return False
    while kinds[at] in {"place", *SIDES}:
        at -= 1
    return kinds[at] in _OPENING


def _is_place(phrases: Phrases, index: int) -> bool:
    """True for 'no enhancement of the left kidney'."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    led = kinds[index - 1] == "absent-before" and kinds[index + 1] == "in"
    if not led or starts[index] != ends[index - 1]:
        return False
    organ = index + 2
    while kinds[organ] in SIDES:
        organ += 1
    near = starts[organ] - ends[index + 1] <= _NEAR
    return near and kinds[organ] == "place" and phrases.values[organ].path.startswith(_FED)
