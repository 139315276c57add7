"""Cortex that a lesion of bone breaks, and lines of a fracture, in a text as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.observed import POSITIVE
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding

BROKEN: Final = frozenset({"cortical disruption", "cortical break", "break"})
"""Words for a fracture that, of a bone with a lesion, say that the lesion breaks through."""
_BREAKS: Final = frozenset({"erosion", "lucency", "bone lesion"})
_LINES: Final = frozenset(
    f"{word} {line}"
    for word in ("linear", "lucent", "radiolucent")
    for line in ("line", "lines", "lucency", "lucencies", "radiolucency", "radiolucencies", "lucent area")
)
"""Words for a lucency that, in a text on a fracture, is its line."""
_TORN: Final = frozenset({"disruption", "disruptions", "disrupted", "discontinuity", "discontinuous"})
BREAKING_WORDS: Final = _LINES | _TORN
_BREAKING: Final = frozenset({"osteochondral", "infection"})
_BONES: Final = ("bone", "face/mandible", "skull")


def broken_by_lesion(findings: list[Finding]) -> list[Finding]:
    """Return the findings with a cortex that a bone lesion breaks through as eroded, not as fractured."""
    broken = [one for one in findings if one.words in BROKEN and one.concept.family.startswith("fracture")]
    if not broken or not any(_is_of_bone(one) for one in findings if one.presence in POSITIVE):
        return findings
    erosion = vocabulary().concepts["erosion"]
    return [one._replace(concept=erosion) if one in broken else one for one in findings]


def without_breaks(findings: list[Finding]) -> list[Finding]:
    """Return the findings of a text on a fracture without its lines and the cortex that it breaks."""
    if not any(one.concept.family.startswith("fracture") for one in findings if one.presence in POSITIVE):
        return findings
    kept = [one for one in findings if not (one.words in _LINES and one.concept.name in _BREAKS)]
    if any(_is_of_bone(one) for one in kept if one.presence == "present" and one.concept.name != "erosion"):
        return kept
    return [one for one in kept if not (one.concept.name == "erosion" and one.words in _TORN)]


def _is_of_bone(finding: Finding) -> bool:
    """True for what can break through a cortex: a lesion of a bone or jaw, one of the joint beneath."""
    concept = finding.concept
    if concept.family == "bone lesion" or concept.kin in _BREAKING or concept.name == "subchondral cyst":
        return True
    return concept.kin == "lesion" and any(place.startswith(_BONES) for place in finding.places)
