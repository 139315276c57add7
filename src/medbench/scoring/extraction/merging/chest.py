"""Bare words that are particular findings in a text on the chest alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.concepts import usual
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding

IN_CHEST: Final = {
    "fluid": "pleural effusion",
    "small amount of fluid": "pleural effusion",
    "volume loss": "hemithorax volume loss",
}
"""Words that, without a place in a text on the chest alone, are particular findings."""
_NOWHERE_IN_CHEST: Final = ((), ("chest",))
_CHEST: Final = ("chest", "aorta/thoracic", "vessel/pulmonary", "vessel/svc", "bone/rib")
_ANYWHERE: Final = ("bone", "spine", "aorta", "vessel", "lymph node", "whole", "abdomen/stomach", "images")
"""Places that an image of the chest shows with it, or that are of no region."""


def of_the_chest(findings: list[Finding]) -> list[Finding]:
    """Return the findings of a text on the chest with its bare words as what they are there."""
    bare = [one for one in findings if one.words in IN_CHEST and one.places in _NOWHERE_IN_CHEST]
    if not bare or not _is_of_the_chest(findings):
        return findings
    concepts = vocabulary().concepts
    return [one._replace(concept=concepts[IN_CHEST[one.words]]) if one in bare else one for one in findings]


def _is_of_the_chest(findings: Sequence[Finding]) -> bool:
    places = [place for one in findings for place in one.places or usual(one.concept)]
    return any(place.startswith(_CHEST) for place in places) and all(
        place.startswith((*_CHEST, *_ANYWHERE)) for place in places
    )
