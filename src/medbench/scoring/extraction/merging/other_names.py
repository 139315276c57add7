"""One thing under two names: the mass is a carcinoma."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.concepts import composed, usual
from medbench.scoring.extraction.places.paths import touch, within
from medbench.scoring.extraction.vocabulary.kin import SIGN

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding

_EFFECT: Final = "mass effect"
_OCCLUSION: Final = "occlusion"
"""Kin, and a name, of which the general word says another thing: midline shift is one effect of many."""
LESIONS: Final = frozenset({"lesion", "bone lesion", "collection"})
BACKWARD: Final = frozenset({"lesion", "lesions", "mass", "masses"})
"""Words that speak of what has been named, where they have no place of their own."""


def describes(general: Finding, known: Finding) -> bool:
    """Return True if a general word can speak of a finding that has a narrower name."""
    narrow, wide = known.concept, general.concept
    if not wide.is_general or narrow.name == wide.name or narrow.family.endswith(SIGN):
        return False
    # A mass in the kidney is a renal mass.
    there = known.places or usual(narrow)
    if composed(wide, there) is narrow and (not general.places or touch(general.places, there)):
        return True
    if not within(narrow.family, wide.family) or (narrow.is_general and not known.is_conclusion):
        return False
    # 'Mass effect with midline shift' says two things, 'a mass, a carcinoma' one.
    if wide.kin in LESIONS:
        return narrow.is_disease
    if wide.kin == _EFFECT or narrow.name == _OCCLUSION:
        return False
    return known.span != general.span or known.is_conclusion


def refers_to(general: Finding, known: Finding) -> bool:
    """Return True if 'the lesion' in another sentence is the cystic lesion before."""
    narrower = known.concept.family.startswith(f"{general.concept.family}/")
    return narrower and general.words in BACKWARD and not general.places and known.span != general.span
