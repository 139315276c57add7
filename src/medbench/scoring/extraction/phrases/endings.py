"""Reads unknown words by their ending: a 'dacryoadenitis' is an inflammation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from medbench.scoring.extraction.vocabulary.entries import Concept

_SHORTEST: Final = 8
_MEANING: Final = {
    **dict.fromkeys(("itis", "itides"), "inflammation"),
    **dict.fromkeys(("oma", "omata"), "mass"),
    **dict.fromkeys(("ectasis", "ectasia"), "dilatation"),
    **dict.fromkeys(("dysplasia", "dysgenesis"), "congenital anomaly"),
    **dict.fromkeys(("dystrophy", "arthrosis"), "degeneration"),
    "malacia": "atrophy",
    "hypoplasia": "hypoplasia",
    **dict.fromkeys(("sclerosis", "fibrosis"), "scarring"),
    "megaly": "enlargement",
    "lithiasis": "stone",
    "rrhage": "hemorrhage",
    "rrhexis": "tear",
    "ptosis": "displacement",
    "cele": "hernia",
    "agenesis": "absence",
    "necrosis": "necrosis",
    "stenosis": "narrowing",
    "thrombosis": "thrombosis",
}
"""Endings of names of diseases, and the general word for them."""
_OTHERS: Final = frozenset({"oklahoma"})
"""Words that only end alike."""


def by_ending(word: str) -> Concept | None:
    """Return the general concept of a word by its ending: a 'dacryoadenitis' is an inflammation."""
    if len(word) < _SHORTEST or not word.isalpha() or word in _OTHERS:
        return None
    for ending, general in _MEANING.items():
        if word.endswith(ending):
            return vocabulary().concepts[general]
    return None
