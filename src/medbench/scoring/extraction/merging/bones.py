"""Cortex that a lesion of bone breaks, and lines of a fracture, in a text as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.merging.same import joined
from medbench.scoring.extraction.observed import POSITIVE
from medbench.scoring.extraction.places.concepts import composed, usual
from medbench.scoring.extraction.places.paths import touch
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
_BREAKS: Final = frozenset({"erosion", "lucency", "lucent line", "bone lesion"})
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
_ANYWHERE: Final = ((), ("bone",), ("joint",))
"""Places of a finding that may be at any bone."""
_BONES: Final = ("bone", "face/mandible", "skull")


def breaks_named(findings: list[Finding]) -> list[Finding]:
    """Return the findings with each broken cortex as an erosion, or as a fracture or a part of one."""
    named = dict(enumerate(findings))
    broken = [index for index, one in named.items() if _is_broken(one)]
    spans = {named[index].span for index in broken}
    lesions = [one for one in findings if _is_lesion(one, spans)]
    for index in broken:
        one = named[index]
        if any(_can_be_at(lesion, one) for lesion in lesions):
            named[index] = one._replace(concept=vocabulary().concepts["erosion"])
        elif one.words != _BREAK:
            _name_as_fracture(named, index)
    return list(named.values())


def _is_lesion(finding: Finding, spans: set[tuple[int, int]]) -> bool:
    """True for what can break through: of a bone, or without a place in the sentence that says so."""
    if finding.presence not in POSITIVE or _is_broken(finding):
        return False
    concept = finding.concept
    bare = concept.kin == "lesion" and not finding.places and not concept.place
    return _is_of_bone(finding) or (bare and finding.span in spans)


def _name_as_fracture(named: dict[int, Finding], at: int) -> None:
    """Give a broken cortex to the fracture that it can be of; without one it is a fracture itself."""
    broken = named[at]
    for index, known in named.items():
        is_fracture = known.concept.kin == _FRACTURE and known.presence in POSITIVE
        if index != at and is_fracture and not _is_broken(known) and _can_be_at(known, broken):
            del named[at]
            if broken.presence in POSITIVE:
                both = joined(known, broken)
                sure = "present" if broken.presence == "present" else both.presence
                concept = composed(both.concept, both.places)
                named[index] = both._replace(concept=concept, presence=sure)
            return
    named[at] = broken._replace(concept=composed(vocabulary().concepts[_FRACTURE], broken.places))


def _can_be_at(known: Finding, broken: Finding) -> bool:
    """True if no side and no place speaks against a cortex that is broken at a finding."""
    if known.side and broken.side and known.side != broken.side:
        return False
    there = known.places or usual(known.concept)
    return there in _ANYWHERE or not broken.places or touch(there, broken.places)


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
    places = finding.places or usual(concept)
    return concept.kin == "lesion" and any(place.startswith(_BONES) for place in places)
