"""An effusion without a place, in a text on a limb."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.merging.same import is_same, joined
from medbench.scoring.extraction.places.concepts import usual
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.vocabulary.entries import Concept

BARE_EFFUSION: Final = frozenset({"effusion", "effusions"})
"""Words for fluid in the chest or in a joint."""
_SEVERAL: Final = "effusions"
_LIMBS: Final = (
    "joint", "limb", "bone/femur", "bone/tibia", "bone/fibula", "bone/foot", "bone/humerus", "bone/radius",
    "bone/ulna", "bone/forearm", "bone/wrist", "bone/hand",
)  # fmt: skip
_TRUNK: Final = ("chest", "vessel", "aorta", "bone/rib", "abdomen")
_PLEURA: Final = frozenset({"chest", "chest/pleura"})
"""Places that an effusion gives to its sentence where it says nothing of a place."""
_TUBES: Final = frozenset({"line", "airway tube", "enteric tube", "drain", "external"})
"""Kin that lead through a limb, which the text is not on."""
_ON_TRUNK: Final = re.compile(
    r"\b(?:cxr|chest|thora|hemithora|lung|pleura|pulmon|heart|cardi|pericardi|mediastin|costophrenic)",
    re.IGNORECASE,
)
"""Words of a text that is on the trunk, too."""


def of_the_joint(findings: list[Finding], text: str) -> list[Finding]:
    """Return the findings with a bare effusion as a joint's, in a text that names limbs and no trunk."""
    bare = [one for one in findings if one.words in BARE_EFFUSION]
    spans = {one.span for one in bare}
    topics = [one for one in findings if one.concept.kin not in _TUBES]
    places = [
        place
        for one in topics
        for place in one.places or usual(one.concept)
        if not (place in _PLEURA and one.span in spans)
    ]
    if not any(place.startswith(_LIMBS) for place in places):
        return findings
    if any(place.startswith(_TRUNK) for place in places) or _ON_TRUNK.search(text):
        return findings
    joint = vocabulary().concepts["joint effusion"]
    on_both = any(one.side == "both" for one in topics if one not in bare)
    kept: list[Finding] = []
    for one in findings:
        finding = one._replace(concept=joint) if one in bare and (on_both or not _is_on_both(one)) else one
        known = next((at for at, before in enumerate(kept) if _is_one(before, finding, joint)), None)
        if known is None:
            kept.append(finding)
        else:
            kept[known] = joined(kept[known], finding)
    return kept


def _is_one(known: Finding, finding: Finding, joint: Concept) -> bool:
    """True for the same effusion of a joint: 'a distended joint, consistent with effusion'."""
    return (
        known.concept is finding.concept is joint
        and known.presence == finding.presence
        and is_same(known, finding)
    )


def _is_on_both(finding: Finding) -> bool:
    """True for effusions on both sides: beside one limb these are of the pleura."""
    return finding.side == "both" or (finding.words == _SEVERAL and not finding.side)
