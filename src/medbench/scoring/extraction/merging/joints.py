"""An effusion without a place, in a text on a limb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.concepts import usual
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding

BARE_EFFUSION: Final = frozenset({"effusion", "effusions"})
"""Words for fluid in the chest or in a joint."""
_LIMBS: Final = (
    "joint", "limb", "bone/femur", "bone/tibia", "bone/fibula", "bone/foot", "bone/humerus", "bone/radius",
    "bone/ulna", "bone/forearm", "bone/wrist", "bone/hand",
)  # fmt: skip
_TRUNK: Final = ("chest", "vessel", "aorta", "bone/rib", "abdomen")
_PLEURA: Final = frozenset({"chest", "chest/pleura"})
"""Places that an effusion gives to its sentence where it says nothing of a place."""


def of_the_joint(findings: list[Finding]) -> list[Finding]:
    """Return the findings with a bare effusion as a joint's, in a text that names limbs and no trunk."""
    bare = [one for one in findings if one.words in BARE_EFFUSION]
    spans = {one.span for one in bare}
    places = [
        place
        for one in findings
        for place in one.places or usual(one.concept)
        if not (place in _PLEURA and one.span in spans)
    ]
    if not any(place.startswith(_LIMBS) for place in places):
        return findings
    if any(place.startswith(_TRUNK) for place in places):
        return findings
    joint = vocabulary().concepts["joint effusion"]
    return [one._replace(concept=joint) if one in bare else one for one in findings]
