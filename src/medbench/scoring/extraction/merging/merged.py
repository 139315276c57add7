"""Puts the findings of a text together from its sentences: each once, with all its attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.drafts.draft import DESCRIPTORS
from medbench.scoring.extraction.observed import Finding
from medbench.scoring.extraction.places.paths import belongs, composed, particulars, touch, usual, within
from medbench.scoring.extraction.places.senses import part_of
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.sentences.sentence import Subject

MOST_OF_A_KIND: Final = 24
"""Mentions of one concept at different places that are told apart in one text."""
_FAR_BACK: Final = 12
"""Findings before a sentence that say what its words may mean."""
_POSITIVE: Final = frozenset({"present", "uncertain"})
_BARE: Final = "density"
"""A word that says nothing unless its place or what goes with it makes a finding of it."""
_EFFECT: Final = "mass effect"
_OCCLUSION: Final = "occlusion"
"""Kin, and a name, of which the general word says another thing: midline shift is one effect of many."""
_LESIONS: Final = frozenset({"lesion", "bone lesion", "collection"})
_BACKWARD: Final = frozenset({"lesion", "lesions", "mass", "masses"})
"""Words that speak of what has been named, where they have no place of their own."""
_PARTS: Final = DESCRIPTORS | {"calcification", "edema"}
"""Kin of a part of another finding: a size in a sentence of its own is rather that one's."""
_BROKEN: Final = frozenset({"cortical disruption", "cortical break", "break"})
"""Words for a fracture that, of a bone with a lesion, say that the lesion breaks through."""
_BREAKS: Final = frozenset({"erosion", "lucency", "bone lesion"})
_LINES: Final = frozenset(
    f"{word} {line}"
    for word in ("linear", "lucent", "radiolucent")
    for line in ("line", "lines", "lucency", "lucencies", "radiolucency", "radiolucencies", "lucent area")
)
"""Words for a lucency that, in a text on a fracture, is its line."""
_TORN: Final = frozenset({"disruption", "disruptions", "disrupted", "discontinuity", "discontinuous"})
_BREAKING_WORDS: Final = _LINES | _TORN
_BREAKING: Final = frozenset({"osteochondral", "infection"})
_BONES: Final = ("bone", "face/mandible", "skull")
_IN_CHEST: Final = {
    "fluid": "pleural effusion",
    "small amount of fluid": "pleural effusion",
    "volume loss": "hemithorax volume loss",
}
"""Words that, without a place in a text on the chest alone, are particular findings."""
_NOWHERE_IN_CHEST: Final = ((), ("chest",))
_CHEST: Final = ("chest", "aorta/thoracic", "vessel/pulmonary", "vessel/svc", "bone/rib")
_ANYWHERE: Final = ("bone", "spine", "aorta", "vessel", "lymph node", "whole", "abdomen/stomach", "images")
"""Places that an image of the chest shows with it, or that are of no region."""
_HERNIA: Final = "hernia"
_BARE_EFFUSION: Final = frozenset({"effusion", "effusions"})


class Merged:
    """The findings of a text; a second mention of the same adds what the first did not say."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._same: dict[tuple[str, str], list[int]] = {}
        """Concept and presence to the places of their findings in the list."""
        self._confirmed: set[int] = set()
        """The places in the list of what is doubted first and said for sure later."""
        self._present: list[int] = []
        """The places in the list of what is present."""
        self._heading: Subject | None = None
        self._last: int | None = None
        """The finding that 'it measures 3 cm' in the next sentence speaks of."""

    def add(self, findings: Sequence[Finding], size: float | None, heading: Subject | None) -> None:
        """Take in a sentence.

        Args:
            findings: Its findings; those without a place take the last heading's.
            size: A size in it, in mm, that belongs to none of them.
            heading: Place and side of what follows, if the sentence is a heading.
        """
        if findings:
            thing = part = None
            for finding in findings:
                known = finding
                if finding.places:
                    known = self._with_parts(finding) if "?" in "".join(finding.places) else finding
                elif self._heading is not None:
                    known = _headed(finding, self._heading)
                index = self._merge(known, finding)
                if finding.presence not in _POSITIVE:
                    continue
                if finding.concept.family in _PARTS:
                    part = index if part is None else part
                elif thing is None:
                    thing = index
            self._speaks_of(findings, thing, part)
        elif heading is not None:
            self._heading = heading._replace(places=self._parts(heading.places))
        elif size is not None and self._last is not None and self._findings[self._last].size_mm is None:
            self._findings[self._last] = self._findings[self._last]._replace(size_mm=size)

    def _speaks_of(self, findings: Sequence[Finding], thing: int | None, part: int | None) -> None:
        """Note of which finding a size in the next sentence is: of a thing rather than of a part of one."""
        if thing is not None:
            self._last = thing
        elif any(finding.is_normal for finding in findings):
            self._last = None
        elif part is not None and self._last is None:
            self._last = part

    def _with_parts(self, finding: Finding) -> Finding:
        """Give a finding at a place of several senses the one that the text before it suggests."""
        places = self._parts(finding.places)
        return finding._replace(concept=composed(finding.concept, places), places=places)

    def _parts(self, places: tuple[str, ...]) -> tuple[str, ...]:
        return tuple([self._part(place) if place[0] == "?" else place for place in places])

    def _part(self, word: str) -> str:
        before = list(self._heading.places) if self._heading else []
        for finding in self._findings[: -_FAR_BACK - 1 : -1]:
            before += finding.places or (finding.concept.place,)
        return part_of(word, before) or vocabulary().senses[word]["*"]

    def settled(self) -> tuple[Finding, ...]:
        """Return all findings; a bare word, in a text on joints or on the chest alone, is one of these."""
        findings = [
            one
            for index, one in enumerate(self._findings)
            if one.concept.name != _BARE and index not in self._confirmed
        ]
        words = {one.words for one in findings}
        if not _BROKEN.isdisjoint(words):
            findings = _broken_by_lesion(findings)
        if not _BREAKING_WORDS.isdisjoint(words):
            findings = _without_breaks(findings)
        if not words.isdisjoint(_IN_CHEST):
            findings = _of_the_chest(findings)
        if _BARE_EFFUSION.isdisjoint(words):
            return tuple(findings)
        places = [place for finding in findings for place in finding.places]
        if not any(place.startswith("joint") for place in places) or any(
            place.startswith(("chest", "vessel")) for place in places
        ):
            return tuple(findings)
        joint = vocabulary().concepts["joint effusion"]
        return tuple(
            finding._replace(concept=joint) if finding.words in _BARE_EFFUSION else finding
            for finding in findings
        )

    def _merge(self, finding: Finding, said: Finding) -> int | None:
        """Return where the finding is among those of the text; None if there are too many of its kind."""
        name, presence = finding.concept.name, finding.presence
        same = self._same.setdefault((name, presence), [])
        like = same
        if presence == "uncertain":
            like = [*self._same.get((name, "present"), ()), *same]
        for index in like:
            known = self._findings[index]
            if _is_same(known, finding):
                self._findings[index] = _joined(known, finding)
                return index
        doubted = self._same.get((name, "uncertain")) if presence == "present" else None
        if doubted:
            # 'Suspicious for a stone … the stone is confirmed'.
            self._confirmed.update(index for index in doubted if _is_same(self._findings[index], finding))
        if len(same) >= MOST_OF_A_KIND:
            return None
        if finding.presence == "present" and finding.concept.kin and finding.concept.name != _BARE:
            known_as = self._named_otherwise(finding, bare=_is_bare(said))
            if known_as is not None:
                same.append(known_as)
                return known_as
        same.append(len(self._findings))
        self._findings.append(finding)
        return same[-1]

    def _named_otherwise(self, finding: Finding, *, bare: bool) -> int | None:
        """Return which earlier finding this one is by another name: the mass is a carcinoma.

        Args:
            finding: One that is present.
            bare: True if its sentence says nothing of it but the name.
        """
        concept = finding.concept
        general, names = concept.is_general, particulars(concept.name)
        for index in self._present[: -_FAR_BACK - 1 : -1]:
            known = self._findings[index]
            other = known.concept
            if not (general or other.is_general):
                continue
            if (
                other.kin != concept.kin
                and other.name not in names
                and concept.name not in particulars(other.name)
            ):
                continue
            wider = general and (_describes(finding, known) or _refers_to(finding, known))
            plain = bare or not known.places or other.kin not in _LESIONS
            if not wider and not (plain and _describes(known, finding)):
                continue
            if not (_can_be_in_one_place(known, finding) and _is_same(known, finding)):
                continue
            joined = _joined(known, finding)
            self._findings[index] = (
                joined if wider else joined._replace(concept=finding.concept, words=finding.words)
            )
            return index
        self._present.append(len(self._findings))
        return None


def _broken_by_lesion(findings: list[Finding]) -> list[Finding]:
    """Return the findings with a cortex that a bone lesion breaks through as eroded, not as fractured."""
    broken = [one for one in findings if one.words in _BROKEN and one.concept.family.startswith("fracture")]
    if not broken or not any(_is_of_bone(one) for one in findings if one.presence in _POSITIVE):
        return findings
    erosion = vocabulary().concepts["erosion"]
    return [one._replace(concept=erosion) if one in broken else one for one in findings]


def _without_breaks(findings: list[Finding]) -> list[Finding]:
    """Return the findings of a text on a fracture without its lines and the cortex that it breaks."""
    if not any(one.concept.family.startswith("fracture") for one in findings if one.presence in _POSITIVE):
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


def _of_the_chest(findings: list[Finding]) -> list[Finding]:
    """Return the findings of a text on the chest with its bare words as what they are there."""
    bare = [one for one in findings if one.words in _IN_CHEST and one.places in _NOWHERE_IN_CHEST]
    if not bare or not _is_of_the_chest(findings):
        return findings
    concepts = vocabulary().concepts
    return [one._replace(concept=concepts[_IN_CHEST[one.words]]) if one in bare else one for one in findings]


def _is_of_the_chest(findings: Sequence[Finding]) -> bool:
    places = [place for one in findings for place in one.places or usual(one.concept)]
    return any(place.startswith(_CHEST) for place in places) and all(
        place.startswith((*_CHEST, *_ANYWHERE)) for place in places
    )


def _is_bare(finding: Finding) -> bool:
    return not (finding.places or finding.side or finding.size_mm or finding.severity)


def _describes(general: Finding, known: Finding) -> bool:
    """True if a general word can speak of a finding that has a narrower name."""
    narrow, wide = known.concept, general.concept
    if not wide.is_general or narrow.name == wide.name:
        return False
    # A mass in the kidney is a renal mass.
    there = known.places or usual(narrow)
    if composed(wide, there) is narrow and (not general.places or touch(general.places, there)):
        return True
    if not within(narrow.family, wide.family) or (narrow.is_general and not known.is_conclusion):
        return False
    # 'Mass effect with midline shift' says two things, 'a mass, a carcinoma' one.
    if wide.kin in _LESIONS:
        return narrow.is_disease
    if wide.kin == _EFFECT or narrow.name == _OCCLUSION:
        return False
    return known.span != general.span or known.is_conclusion


def _refers_to(general: Finding, known: Finding) -> bool:
    """True if 'the lesion' in another sentence is the cystic lesion before."""
    narrower = known.concept.family.startswith(f"{general.concept.family}/")
    return narrower and general.words in _BACKWARD and not general.places and known.span != general.span


def _can_be_in_one_place(first: Finding, second: Finding) -> bool:
    if not second.places and second.concept.is_general and second.words in _BACKWARD:
        # 'The lesion' is that of before, wherever this one is.
        return not second.concept.place
    for one, other in ((first, second), (second, first)):
        if one.places and not other.places:
            return any(belongs(other.concept, place) for place in one.places)
    anywhere = not second.concept.place and first.span == second.span
    return bool(first.places) or anywhere or belongs(first.concept, second.concept.place)


def _headed(finding: Finding, heading: Subject) -> Finding:
    """Give a finding without a place that of the heading above it, if it can be there."""
    place = heading.places[0]
    if not belongs(finding.concept, place) or (
        finding.concept.name == _HERNIA and place.startswith("chest/")
    ):
        # What is herniated may only press on the organ of the heading.
        return finding
    concept = composed(finding.concept, heading.places)
    return finding._replace(concept=concept, side=finding.side or heading.side, places=heading.places)


def _is_same(first: Finding, second: Finding) -> bool:
    """True if two mentions can be of one thing: no side, place or size of one speaks against the other."""
    if first.is_normal:
        return first.places == second.places and first.side == second.side
    if first.side and second.side and first.side != second.side:
        return False
    if first.places and second.places and not touch(first.places, second.places):
        return False
    if first.size_mm and second.size_mm:
        smaller, larger = sorted((first.size_mm, second.size_mm))
        return smaller >= 0.8 * larger
    return not (first.sequence and second.sequence and first.sequence != second.sequence)


def _joined(first: Finding, second: Finding) -> Finding:
    return Finding(
        first.concept,
        first.presence,
        first.side or second.side,
        _narrower(first.places, second.places),
        first.size_mm or second.size_mm,
        first.severity or second.severity,
        max(first.number, second.number),
        first.change or second.change,
        first.sequence or second.sequence,
        first.words,
        first.span,
        first.is_conclusion or second.is_conclusion,
        first.is_added and second.is_added,
        first.on_film and second.on_film,
    )


def _narrower(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Return the places with the longest path; where that is as long, the first ones."""
    if not second or first == second:
        return first
    return max(first, second, key=lambda places: max(map(len, places), default=0))
