"""Gives a finding the name that stands behind 'consistent with' or the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.extraction.drafts import TRAITS

if TYPE_CHECKING:
    from medbench.scoring.extraction.drafts import Draft, Sentence
    from medbench.scoring.extraction.vocabulary import Concept

_NAMELESS = frozenset({"lesion", "collection"})
"""Kin of general words that can have a name of any kin: 'collections consistent with lipomas'."""
_SHADOW = ("lung opacity", "lesion")
"""Kin of an opacity, and of what it can be called: 'an opacity consistent with a mass'."""


def gives_name(sentence: Sentence, specific: Draft) -> bool:
    """Give the general word before a name that name; return False where there is none for it."""
    general = sentence.thing_named(specific.concept.kin)
    if general is None or specific.presence != "present" or general.presence != "present":
        return False
    known = general.concept
    if not _can_be(known, specific.concept):
        return False
    general.concept = specific.concept
    general.names_the_last = True
    # A 'liver lesion' that is a metastasis is one of the liver.
    if known.place and not general.places:
        general.places = (known.place,)
    return True


def _can_be(known: Concept, specific: Concept) -> bool:
    if known.kin == specific.kin != "" and (known.is_general or not known.place):
        return True
    nameless = known.kin in _NAMELESS or (known.kin, specific.kin) == _SHADOW
    return known.is_general and nameless and specific.kin not in TRAITS
