"""Names of signs of one organ that, beside another one, are general words or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.concepts import composed, usual
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding

_LIVER: Final = ("abdomen/liver",)
_BREAST: Final = ("chest/breast",)
_ESOPHAGUS: Final = ("abdomen/esophagus", "abdomen/stomach")
_LIMB: Final = ("joint", "limb", "bone/humerus", "bone/radius", "bone/ulna", "bone/forearm")
_VESSEL: Final = ("vessel", "aorta")
_BONE: Final = ("bone", "skull", "face", "orbit", "joint", "spine")
_OF_ORGAN: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    **dict.fromkeys(
        ("nodular contour", "nodular contours", "nodular surface", "surface nodularity"),
        (_LIVER, "irregularity"),
    ),
    "stepladder sign": (_BREAST, ""),
    **dict.fromkeys(
        ("bird beak", "bird s beak", "bird beak narrowing", "beak like narrowing", "beak like tapering",
         "bird beak appearance", "bird beak deformity", "rat tail narrowing", "bird beak tapering"),
        (_ESOPHAGUS, "narrowing"),
    ),
    "sail sign": (_LIMB, ""),
    **dict.fromkeys(("remodeling", "remodeled"), (_BONE, "")),
    **dict.fromkeys(("coil", "coils", "metallic coil", "metallic coils"), (_VESSEL, "")),
}  # fmt: skip
"""Words to the organs of which they name a sign, and to the general word that they are of any other one."""
CONDITIONAL: Final = _OF_ORGAN.keys()
_LESION: Final = "lesion"
_FORM: Final = "irregularity"
"""What is said of the form of a lesion, where one is beside it."""


def of_their_organ(findings: list[Finding]) -> list[Finding]:
    """Return the findings with a sign only where its organ is meant: a mass, too, has a nodular contour."""
    kept = []
    for one in findings:
        organs, general = _OF_ORGAN.get(one.words, ((), ""))
        if not organs or _is_of(one, findings, organs, of_form=general == _FORM):
            kept.append(one)
        elif general and one.places:
            concept = composed(vocabulary().concepts[general], one.places)
            kept.append(one._replace(concept=concept))
    return kept


def _is_of(sign: Finding, findings: Sequence[Finding], organs: tuple[str, ...], *, of_form: bool) -> bool:
    """True if a sign is said of its organ, or else its sentence or the text speaks of that organ."""
    if sign.places:
        return all(place.startswith(organs) for place in sign.places)
    others = [one for one in findings if one is not sign]
    near = [one for one in others if one.span == sign.span]
    if of_form and any(one.concept.kin == _LESION for one in near):
        return False
    about = [place for one in near or others for place in one.places or usual(one.concept)]
    return any(place.startswith(organs) for place in about)
