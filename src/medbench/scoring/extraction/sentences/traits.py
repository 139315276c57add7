"""Gives traits, adjectives and fluid what the finding beside them says."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.concepts import composed, usual
from medbench.scoring.extraction.vocabulary.kin import DESCRIPTORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts.draft import Draft

_BETWEEN: Final = 2
_OF_THINGS: Final = DESCRIPTORS | {"uptake"}
"""Kin of what may be said of the thing right behind it."""
_UPTAKE: Final = "abnormal uptake"
_AROUND: Final = frozenset(
    {"surrounding", "surrounds", "around", "adjacent", "along", "encircling", "about", "abutting"}
)
_NEAR: Final = 5
_OF_ORGANS: Final = frozenset({"tortuosity", "ectasia", "dilatation", "enlargement"})
"""General words that say what an organ is like."""
_STACKED: Final = _OF_ORGANS | {"opacity", "thickening"}
"""With words that say so where another adjective follows: 'an opacified small left maxillary sinus'."""
_SAID_OF_ORGANS: Final = frozenset({"form", "gas"})
"""Kin of what an organ is like, and of what it holds: 'a distended, stool-filled rectum'."""


def place_traits(drafts: Sequence[Draft]) -> None:
    """Give a trait right before a thing its usual place: 'a fluid-density effusion' is none of the lung."""
    for trait, thing in pairwise(drafts):
        if thing.start - trait.end > _BETWEEN or trait.concept.kin not in _OF_THINGS:
            continue
        if trait.concept.name == _UPTAKE and thing.concept.kin == "enhancement":
            # 'Avid, homogeneous enhancement' is none of a tracer.
            trait.dropped = True
        if trait.concept.kin not in DESCRIPTORS or trait.end != thing.start or trait.places:
            continue
        own = () if thing.names_the_last else usual(composed(thing.concept, ()))
        places = thing.places if own and thing.places else own
        named = places and composed(trait.concept, places) is not trait.concept
        if places and not named and thing.concept.kin not in DESCRIPTORS:
            trait.places, trait.side = places, trait.side or thing.side


def lend_organs(drafts: Sequence[Draft]) -> None:
    """Give adjectives the organ in the name of the finding behind them: 'tortuous calcified aorta'."""
    for draft, following in pairwise(drafts):
        if draft.concept.name in _STACKED and not draft.places and 0 <= following.start - draft.end <= 1:
            says_of_organ = following.concept.name in _OF_ORGANS or following.concept.kin in _SAID_OF_ORGANS
            there = (following.places if says_of_organ else (), usual(following.concept))
            named = (places for places in there if composed(draft.concept, places) is not draft.concept)
            draft.places = next(named, ())
            if draft.places and draft.places == following.places:
                draft.side = draft.side or following.side


def name_fluid_around(drafts: Sequence[Draft], tokens: Sequence[str]) -> None:
    """Add to the words of fluid what it is said to lie around: it need not be that of a cavity."""
    for draft in drafts:
        if draft.concept.name == "fluid" and not draft.words:
            for end in range(draft.end, min(len(tokens), draft.end + _NEAR)):
                if tokens[end] in _AROUND:
                    draft.words = " ".join(tokens[draft.start : end + 1])
                    break
