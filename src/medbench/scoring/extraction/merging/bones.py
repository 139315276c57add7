"""Cortex that a lesion of bone breaks, and lines of a fracture, in a text as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.observed import POSITIVE
from medbench.scoring.extraction.places.concepts import composed
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding

BREAKS: Final = frozenset(
    {"break", "break in the cortex", "cortical breach", "cortical break", "cortical breaks",
     "cortical discontinuity", "cortical disruption", "cortical disruptions", "cortical interruption",
     "interruption of the cortex"}
)  # fmt: skip
"""Words for a broken cortex."""
_BROKEN: Final = "cortical disruption"
"""A finding that is a lesion's where there is one in the bone, and else a fracture's."""
_BREAK: Final = "break"
"""A word for a fracture that, of a bone with a lesion, says that the lesion breaks through."""
_BREAKS: Final = frozenset({"erosion", "lucency", "bone lesion"})
_LINES: Final = frozenset(
    f"{word} {line}"
    for word in ("linear", "lucent", "radiolucent")
    for line in ("line", "lines", "lucency", "lucencies", "radiolucency", "radiolucencies", "lucent area")
)
"""Words for a lucency that, in a text on a fracture, is its line."""
_FRACTURE: Final = "fracture"
_TORN: Final = frozenset({"disruption", "disruptions", "disrupted", "discontinuity", "discontinuous"})
BREAKING_WORDS: Final = _LINES | _TORN
_BREAKING: Final = frozenset({"osteochondral", "infection"})
_BONES: Final = ("bone", "face/mandible", "skull")


def breaks_named(findings: list[Finding]) -> list[Finding]:
    """Return the findings with a broken cortex as the erosion by a lesion, or as part of a fracture."""
    concepts = vocabulary().concepts
    if any(_is_of_bone(one) for one in findings if one.presence in POSITIVE):
        erosion = concepts["erosion"]
        return [one._replace(concept=erosion) if _is_broken(one) else one for one in findings]
    rest = [one for one in findings if one.concept.name != _BROKEN]
    if any(one.concept.kin == _FRACTURE for one in rest if one.presence in POSITIVE):
        return rest
    fracture = concepts[_FRACTURE]
    return [
        one._replace(concept=composed(fracture, one.places)) if one.concept.name == _BROKEN else one
        for one in findings
    ]


def _is_broken(finding: Finding) -> bool:
    concept = finding.concept
    return concept.name == _BROKEN or (finding.words == _BREAK and concept.kin == _FRACTURE)


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
