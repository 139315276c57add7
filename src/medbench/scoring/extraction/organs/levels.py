"""Makes findings of how bright an organ is, and of one that contrast does not reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.drafts.draft import SIDES
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases

MEASURED: Final = {
    "signal": ("hyperintensity", "hypointensity", "signal abnormality"),
    **dict.fromkeys(("density", "attenuation"), ("hyperattenuation", "hypoattenuation", "abnormality")),
    **dict.fromkeys(("vasculature", "vascularity"), ("vascular congestion", "oligemia", "abnormality")),
}
"""What is measured, and what it is if it is high, low or abnormal."""
_LEVELS: Final = {
    **dict.fromkeys(("increased", "increase", "high", "higher", "bright", "elevated"), 0),
    **dict.fromkeys(("decreased", "decrease", "low", "lower", "dark", "reduced", "diminished"), 1),
    **dict.fromkeys(("abnormal", "altered"), 2),
}
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


def find_levels(phrases: Phrases, tokens: Sequence[str]) -> None:
    """Make findings of signals and densities with a place inside: 'increased white matter signal'."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    for end, word in enumerate(tokens):
        if word not in MEASURED or end not in ends:
            continue
        index = ends.index(end)
        if kinds[index] != "place" or starts[index + 1] == end:
            continue
        first = index
        while kinds[first - 1] in {"place", *SIDES} and ends[first - 1] == starts[first]:
            first -= 1
        before = starts[first] - 1
        level = _LEVELS.get(tokens[before]) if before >= 0 else None
        if level is not None:
            concept = vocabulary().concepts[MEASURED[word][level]]
            phrases.insert(index + 1, "finding", concept, end, end + 1)


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
