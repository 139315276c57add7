"""Makes findings of signals and densities with a place inside: 'increased white matter signal'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.kinds import SIDES
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases

MEASURED: Final = {
    "signal": ("hyperintensity", "hypointensity", "signal abnormality"),
    **dict.fromkeys(("density", "attenuation"), ("hyperattenuation", "hypoattenuation", "abnormality")),
    "perfusion": ("hyperperfusion", "perfusion defect", "perfusion defect"),
    **dict.fromkeys(("vasculature", "vascularity"), ("vascular congestion", "oligemia", "abnormality")),
}
"""Measured quantities, to the findings if they are high, low or abnormal."""
_LEVELS: Final = {
    **dict.fromkeys(("increased", "increase", "high", "higher", "bright", "elevated"), 0),
    **dict.fromkeys(("decreased", "decrease", "low", "lower", "dark", "reduced", "diminished"), 1),
    **dict.fromkeys(("abnormal", "altered", "asymmetric", "asymmetrical", "heterogeneous"), 2),
}


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
