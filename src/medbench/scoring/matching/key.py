"""The key finding of a reference: the one that its author would name first.

A named disease counts more than a general word for one, this more than what goes along with either (edema,
mass effect, fluid) or describes it (signal, enhancement). What is said first counts more than what is said
later, what is sure more than what is possible; urgency decides between what is otherwise alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.vocabulary import Concept

_POSITIVE = frozenset({"present", "uncertain"})
_NAMED, _GENERAL, _ALONE, _VAGUE = 3.4, 2.6, 2.4, 1.3
"""Salience of a named disease, of a general word, of what has no kin, of what has no usual place either."""
_ASIDE = {
    **dict.fromkeys(
        ("line", "airway tube", "enteric tube", "drain", "implant", "postoperative", "external"), 0.1
    ),
    **dict.fromkeys(("enhancement", "septation"), 0.2),
    **dict.fromkeys(("mass effect", "lung volume"), 0.4),
    "kidney/stranding": 0.9,
    **dict.fromkeys(("signal", "density", "edema", "degenerative", "scar", "osteopenia"), 0.9),
    **dict.fromkeys(("ventricle", "obstruction of kidney", "fluid", "free fluid", "atrophy"), 1.0),
    **dict.fromkeys(("atherosclerosis", "calcification", "joint"), 1.2),
    **dict.fromkeys(("bone lesion/change", "pleural fluid", "lymph", "sinus", "white matter"), 1.7),
    **dict.fromkeys(("alignment", "stenosis/spine"), 1.9),
    "malformation": 2.8,
}
"""Salience of the kin that go along with a disease, describe it, or are seen beside it."""
_URGENCY = {"urgent": 0.6, "actionable": 0.4, "minor": -0.5, "benign": -0.8}
_UNSURE, _MILD, _SIZED, _PLACED = -1.3, -0.2, 0.2, 0.1
_LATER, _LATEST = -0.25, 4
"""Added for each sentence with a finding before it, at most so many."""


def key_finding(reference: Sequence[Finding]) -> Finding | None:
    """Return the most salient positive finding, the first of those alike; None where there is none."""
    positive = [finding for finding in reference if finding.presence in _POSITIVE]
    if not positive:
        return None
    order = {span: at for at, span in enumerate(sorted({finding.span for finding in positive}))}
    return max(positive, key=lambda finding: _salience(finding, order[finding.span]))


def _salience(finding: Finding, sentences_before: int) -> float:
    salience = _of_concept(finding.concept) + _LATER * min(sentences_before, _LATEST)
    salience += _UNSURE if finding.presence == "uncertain" else 0.0
    salience += _MILD if finding.severity == 1 else 0.0
    salience += _SIZED if finding.size_mm else 0.0
    return salience + (_PLACED if finding.places else 0.0)


def _of_concept(concept: Concept) -> float:
    if not concept.kin:
        base = _ALONE if concept.place else _VAGUE
    else:
        urgent = concept.tier == "urgent"
        named = concept.nature or (concept.place and (urgent or not concept.is_general))
        base = _ASIDE.get(concept.family) or _ASIDE.get(concept.kin) or (_NAMED if named else _GENERAL)
    return base + _URGENCY[concept.tier]
