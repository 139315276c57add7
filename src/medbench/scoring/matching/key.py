"""The key finding of a reference: the one that its author would name first.

A disease counts more than a general word for one or than what is seen of it, these more than what goes along
with a disease (edema, mass effect, fluid) or describes it (signal, enhancement). What is said first, with a
place, a size or as severe counts more, what is only possible less; urgency decides between what is otherwise
alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.paths import same_organ, within
from medbench.scoring.extraction.vocabulary.kin import SIGN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.vocabulary.entries import Concept

_POSITIVE: Final = frozenset({"present", "uncertain"})
_SEEN_OF_BONE: Final = frozenset({"bone lesion/change"})
_DILATED: Final = "dilatation"
"""The last word of what is wide: its size is that of a lumen, and says less than that of a lesion."""
_DESCRIBING: Final = frozenset(
    {"hemorrhagic", "calcified", "ulcerated", "ulcerating", "fractured", "nodular", "cystic", "lobulated",
     "destructive", "air bronchogram", "air bronchograms"}
)  # fmt: skip
"""Adjectives of the finding that follows: 'a hemorrhagic mass' is the mass."""
_DISEASE, _LONE_DISEASE, _NAMED, _GENERAL, _ALONE, _CHANGED, _VAGUE = 3.8, 3.4, 3.4, 2.6, 2.4, 1.8, 1.3
"""Salience of a disease, of one without kin, of a particular finding, of a general word, of what has no kin,
of a change that has no usual place either but is said of one, and of none."""
_SALIENCE: Final = {
    **dict.fromkeys(
        ("line", "airway tube", "enteric tube", "drain", "implant", "postoperative", "external"), 0.1
    ),
    **dict.fromkeys(("enhancement", "septation", "fat content", "obstructing"), 0.2),
    **dict.fromkeys(("mass effect", "lung volume"), 0.4),
    **dict.fromkeys(("compression", "displacement"), 1.5),
    "diffusion": 1.6,
    "abnormality": 0.6,
    "kidney/stranding": 0.9,
    "gas/content": 0.6,
    **dict.fromkeys(("signal", "density", "edema", "degenerative", "scar", "osteopenia"), 0.9),
    **dict.fromkeys(("ventricle", "fluid", "free fluid", "atrophy", "necrosis"), 1.0),
    **dict.fromkeys(
        ("form", "atherosclerosis", "calcification", "joint", "spectroscopy", "feeding vessel"), 1.2
    ),
    **dict.fromkeys(("bone matrix", "multiple follicles"), 1.2),
    **dict.fromkeys(("pericholecystic fluid", "pericholecystic stranding"), 1.2),
    "dilated vein": 2.4,
    **dict.fromkeys(
        ("eardrum", "bone lesion/change", "pleural fluid", "lymph", "sinus", "white matter"), 1.7
    ),
    **dict.fromkeys(("lung opacity/collapse", "stenosis/obstruction", "gallbladder wall thickening"), 1.7),
    **dict.fromkeys(
        ("alignment", "obstruction of kidney", "stenosis/spine", "heart size", "perfusion", "uptake"), 1.9
    ),
    "lung opacity/border": 1.4,
    **dict.fromkeys(("lung opacity", "fluid/pericardial"), 2.2),
    **dict.fromkeys(("congestion", "reflux", "lesion/widening"), 2.4),
    **dict.fromkeys(("gallbladder", "bladder", "bone lesion/destruction"), 2.3),
    **dict.fromkeys(("pancreas/sign", "kidney/sign", "bowel/sign", "ear/cholesteatoma/sign of it"), 2.4),
    **dict.fromkeys(("tendon", "vessel variant"), 2.8),
    "fistula": 3.6,
    **dict.fromkeys(("diverticulum", "ulcer"), 3.2),
    **dict.fromkeys(("lesion/focus", "lung variant", "lobe variant", "nasal septum"), 1.2),
    **dict.fromkeys(("lung opacity/consolidation", "lung opacity/ground glass"), 2.6),
    "portal venous gas": 2.6,
    "carotid stenosis": 3.0,
    "portal hypertension": 3.2,
    "rounded atelectasis": 3.6,
    "cerebral atrophy": 0.8,
    "lung opacity/consolidation/pneumonia": 3.6,
    **dict.fromkeys(("hemorrhage/intracranial", "hemorrhage/subarachnoid", "hemorrhage/extra-axial"), 3.8),
    **dict.fromkeys(("calcification/stone", "malformation"), 2.8),
}
"""Salience of names, families and kin, the narrowest that stands here: most go along with a disease, describe
it, or are seen beside it."""
_LEAST_DISEASE: Final = 2.2
"""Least salience of a disease, whatever its kin."""
_URGENCY: Final = {"urgent": 0.5, "actionable": 0.4, "minor": -0.3, "benign": -0.4}
_UNSURE, _MILD, _SEVERE, _SIZED, _WIDE, _PLACED = -1.3, -0.4, 0.4, 0.8, 0.3, 0.3
_EMPHASIS: Final = {1: 1.0, -1: -0.5, -2: -1.0}
"""Added for what the text concludes, brings in beside something else, and calls incidental."""
_ON_FILM, _URGENT_ON_FILM, _DESCRIPTION, _UNCHANGED = -1.2, -0.9, -0.6, -0.4
"""Added for what a radiograph shows and no disease is, the same where it is urgent, for an adjective, and for
what is as it was before."""
_FIRST = 0.3
"""Added for what the text says before anything else, and not in passing."""
_LATER, _LATEST = -0.25, 4
"""Added for each sentence with a finding before it, at most so many."""
_BEHIND, _LAST = -0.1, 3
"""Added for each finding before it in its sentence, at most so many."""
_FOLLOWING: Final = frozenset({"thrombus", "hemorrhage", "fracture", "cord", "invasion", "pneumothorax"})
"""Kin of what a lesion can bring about."""
_CORD, _OF_CORD = "cord", frozenset({"fracture", "dislocation", "disc"})
"""Kin of what befalls the spinal cord, and of what does that."""
_SIGNAL, _DIFFUSION = "signal", "diffusion"
"""Kin of a signal that has a place, and of what is then said of it."""
_DISLOCATION, _FRACTURE = "dislocation", "fracture"
"""Kin of what is out of its joint, and of what breaks at it then."""
_FISTULA, _COLLECTION = "fistula", "collection"
"""Kin of a tract, and of what it can start from."""
_THICKENING, _STENOSIS = "thickening", "stenosis"
"""The last word of what is thick, and the kin of what is narrow by it."""
_COLLAPSE, _AVM = "lung opacity/collapse", "vascular malformation/avm"
"""Families of a lung that has collapsed, and of the malformation that bleeds."""
_WHOLE, _COLLAPSED = 3, ("collapse", "collapsing")
"""Degree of a lung that is gone, and the words that say so."""
_OF_COLLAPSE: Final = frozenset({"mediastinal shift", "elevated hemidiaphragm", "obscured border"})
"""Names of what a collapsed lung draws toward itself or borders on, beside what it displaces."""
_DISPLACEMENT, _HEMORRHAGE = "displacement", "hemorrhage"
"""Kin of what is displaced by it, and of what has bled."""
_SPREAD: Final = "lesion/metastasis"
"""Family of what a tumor brings about elsewhere."""
_LESIONS: Final = frozenset({"lesion", "bone lesion", "cystic lung"})
_BROUGHT: Final = -1.2
"""Added for such a finding behind a lesion: a tumor is the case, and not the thrombus or the break in it."""
_LESION: Final = "lesion"
_NAMED_ELSEWHERE: Final = -0.7
"""Added for a general word where the text has a name for it, too: 'a renal mass, an angiomyolipoma'."""
_MOST_NAMES: Final = 12
"""Names of a text that are looked at for that."""


def key_finding(reference: Sequence[Finding]) -> Finding | None:
    """Return the most salient positive finding, the first of those alike; None where there is none.

    What is over is one where the text tells of nothing else.
    """
    best, most = None, 0.0
    sentences: dict[tuple[int, int], int] = {}
    """Span of a sentence to the number of its findings so far."""
    seen = [finding for finding in reference if finding.presence in _POSITIVE or _is_scar(finding)]
    if not seen and all(finding.presence == "past" for finding in reference):
        seen = [*reference]  # 'An old infarct of the left thalamus.'
    said = _Said([finding for finding in seen if finding.presence == "present"])
    order = {span: at for at, span in enumerate(sorted({finding.span for finding in seen}))}
    for finding in seen:
        before = sentences[finding.span] = sentences.get(finding.span, -1) + 1
        salience = _salience(finding, order[finding.span], before)
        if (said.shows(finding) or said.brings(finding)) and not _is_named(finding):
            salience += _BROUGHT
        if said.names(finding):
            salience += _NAMED_ELSEWHERE
        said.add(finding)
        if best is None or salience > most:
            best, most = finding, salience
    return best


class _Said:
    """What a text says that can bring about, or be described by, something else: anywhere, or so far."""

    def __init__(self, sure: Sequence[Finding]) -> None:
        self._sure: dict[str, Finding] = {finding.concept.family: finding for finding in reversed(sure)}
        """Family to the first finding of it that is there: a disease and its signs stand in any order."""
        self._names = [finding for finding in sure if _is_name(finding.concept)][:_MOST_NAMES]
        self._lesion = self._cause_of_cord = self._signal = self._dislocation = False
        self._fistula: tuple[int, int] | None = None
        """Span of the sentence that names a fistula: a collection in it is where that ends."""
        self._thickening: tuple[int, int] | None = None
        """Span of the sentence in which a wall is thick: what is narrow in it is its lumen."""

    def brings(self, finding: Finding) -> bool:
        """Return True for what another finding has brought about, or is described by."""
        concept, span = finding.concept, finding.span
        if self._lesion and (concept.kin in _FOLLOWING or concept.family == _SPREAD):
            return True
        if self._dislocation and concept.kin == _FRACTURE:
            return True
        if concept.kin == _STENOSIS:
            return span == self._thickening
        if concept.kin == _COLLECTION:
            return span == self._fistula
        if concept.kin == _CORD:
            return self._cause_of_cord
        return self._signal and concept.kin == _DIFFUSION and not finding.places

    def shows(self, finding: Finding) -> bool:
        """Return True for a sign of a disease that is named, or what a collapse or malformation does."""
        concept = finding.concept
        if concept.family.endswith(SIGN):
            return concept.family.removesuffix(SIGN) in self._sure
        if concept.kin == _HEMORRHAGE:
            malformation = self._sure.get(_AVM)
            return malformation is not None and same_organ(malformation.places, finding.places)
        in_chest = bool(finding.places) and finding.places[0].startswith("chest")
        drawn = concept.name in _OF_COLLAPSE or (concept.kin == _DISPLACEMENT and in_chest)
        return drawn and _draws(self._sure.get(_COLLAPSE), finding.side)

    def names(self, general: Finding) -> bool:
        """Return True for a general word that the text says the name of: 'a lesion ... the diverticulum'."""
        concept = general.concept
        if not concept.is_general or not concept.kin or _is_name(concept):
            return False
        return any(_is_named_by(general, name) for name in self._names)

    def add(self, finding: Finding) -> None:
        """Take in the next finding of the text."""
        kin, sure = finding.concept.kin, finding.presence == "present"
        self._lesion |= sure and kin in _LESIONS and finding.concept.family not in _SEEN_OF_BONE
        self._cause_of_cord |= sure and kin in _OF_CORD
        self._dislocation |= sure and kin == _DISLOCATION
        self._signal |= kin == _SIGNAL and bool(finding.places)
        if kin == _FISTULA:
            self._fistula = finding.span
        elif finding.concept.name.endswith(_THICKENING):
            self._thickening = finding.span


def _is_name(concept: Concept) -> bool:
    """True for a disease, and for the word that its kin is called by: 'infarct', but not 'lesion'."""
    return concept.is_disease or (concept.name == concept.kin != _LESION)


def _is_named_by(general: Finding, name: Finding) -> bool:
    """True if a name can be that of what a general word stands for: a lesion in its place, or of its kin."""
    if (general.side and name.side and general.side != name.side) or name.concept.family == _SPREAD:
        return False
    if general.concept.kin != _LESION:
        return general.concept.kin == name.concept.kin and not (general.places and name.places)
    if name.concept.kin not in {_LESION, ""}:
        return False
    there = name.places or (name.concept.place,)
    pairs = [(one, other) for one in general.places for other in there if "/" in one and "/" in other]
    return any(within(one, other) or within(other, one) for one, other in pairs)


def _draws(collapse: Finding | None, side: str) -> bool:
    """True for a lung or lobe that has collapsed, and not for a little atelectasis, on a side."""
    if collapse is None or (collapse.side and side and collapse.side != side):
        return False
    return collapse.severity == _WHOLE or any(word in collapse.words for word in _COLLAPSED)


def _is_scar(finding: Finding) -> bool:
    """True for what is over, where the text calls what it describes so: 'a band, an old laceration'."""
    return finding.is_conclusion and finding.presence == "past"


def _is_named(finding: Finding) -> bool:
    """True for a disease that the text gives as the name of what it describes."""
    return finding.is_conclusion and finding.concept.is_disease


def _salience(finding: Finding, sentences_before: int, before: int) -> float:
    salience = _of_concept(finding.concept, placed=bool(finding.places))
    salience += _LATER * min(sentences_before, _LATEST) + _BEHIND * min(before, _LAST)
    salience += _FIRST if not (sentences_before or before or finding.emphasis < 0) else 0.0
    salience += _UNSURE if finding.presence == "uncertain" else 0.0
    salience += _MILD if finding.severity == 1 else _SEVERE if finding.severity == 3 else 0.0
    salience += _DESCRIPTION if finding.words in _DESCRIBING else 0.0
    if finding.size_mm:
        salience += _WIDE if finding.concept.name.endswith(_DILATED) else _SIZED
    salience += _EMPHASIS[finding.emphasis] if finding.emphasis else 0.0
    salience += _UNCHANGED if finding.change == "same" else 0.0
    salience += _on_film(finding.concept) if finding.on_film else 0.0
    return salience + (_PLACED if finding.places else 0.0)


def _on_film(concept: Concept) -> float:
    if concept.is_disease:
        return 0.0
    return _URGENT_ON_FILM if concept.tier == "urgent" else _ON_FILM


def _of_concept(concept: Concept, *, placed: bool) -> float:
    aside = _SALIENCE.get(concept.name) or _SALIENCE.get(concept.family) or _SALIENCE.get(concept.kin)
    if aside:
        base = max(aside, _LEAST_DISEASE) if concept.is_disease else aside
    elif concept.is_disease:
        base = _DISEASE if concept.kin else _LONE_DISEASE
    elif not concept.kin:
        base = _ALONE if concept.place else _CHANGED if placed else _VAGUE
    else:
        urgent = concept.tier == "urgent"
        named = concept.nature or (concept.place and (urgent or not concept.is_general))
        base = _NAMED if named else _GENERAL
    return base + _URGENCY[concept.tier]
