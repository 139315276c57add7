"""Puts the findings of a text together from its sentences: each once, with all its attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.merging.bones import BREAKING_WORDS, BREAKS, breaks_named, without_breaks
from medbench.scoring.extraction.merging.chest import IN_CHEST, of_the_chest
from medbench.scoring.extraction.merging.elsewhere import CONDITIONAL, of_their_organ
from medbench.scoring.extraction.merging.joints import BARE_EFFUSION, of_the_joint
from medbench.scoring.extraction.merging.other_names import LESIONS, describes, refers_to
from medbench.scoring.extraction.merging.same import can_be_in_one_place, is_same, joined
from medbench.scoring.extraction.observed import POSITIVE
from medbench.scoring.extraction.places.concepts import belongs, composed, particulars_and_generals
from medbench.scoring.extraction.places.senses import part_of
from medbench.scoring.extraction.vocabulary.kin import DESCRIPTORS, NORMAL
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.sentences.subject import Subject

MOST_OF_A_KIND: Final = 24
"""Mentions of one concept at different places that are told apart in one text."""
_FAR_BACK: Final = 12
"""Findings before a sentence that say what its words may mean."""
_BARE: Final = "density"
"""A word that says nothing unless its place or what goes with it makes a finding of it."""
_PARTS: Final = DESCRIPTORS | {"calcification", "edema"}
"""Kin of a part of another finding: a size in a sentence of its own is rather that one's."""
_HERNIA: Final = "hernia"
_APPENDIX: Final = "appendix"
"""The words of an appendicitis that only a size speaks for."""


class Merged:
    """The findings of a text; a second mention of the same adds what the first did not say."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._same: dict[tuple[str, str], list[int]] = {}
        """Concept and presence to the places of their findings in the list."""
        self._confirmed: set[int] = set()
        """The places in the list of what is doubted first and said for sure later."""
        self._normals: dict[tuple[tuple[str, ...], str], int] = {}
        """What is normal, and on which side, to the places of these findings in the list."""
        self._present: list[int] = []
        """The places in the list of what is present."""
        self._kins: set[str] = set()
        self._names: set[str] = set()
        """Kin and names of what is present."""
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
                if finding.presence not in POSITIVE:
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

    def settled(self, text: str) -> tuple[Finding, ...]:
        """Return all findings of the text; a bare word on a limb or in the chest is one of these."""
        findings = [
            one
            for index, one in enumerate(self._findings)
            if one.concept.name != _BARE and index not in self._confirmed
        ]
        words = {one.words for one in findings}
        if not BREAKS.isdisjoint(words):
            findings = breaks_named(findings)
        if not BREAKING_WORDS.isdisjoint(words):
            findings = without_breaks(findings)
        if not words.isdisjoint(IN_CHEST):
            findings = of_the_chest(findings)
        if _APPENDIX in words:
            findings = _without_denied_by_size(findings)
        if not CONDITIONAL.isdisjoint(words):
            findings = of_their_organ(findings)
        if not BARE_EFFUSION.isdisjoint(words):
            findings = of_the_joint(findings, text)
        return tuple(findings)

    def _merge(self, finding: Finding, said: Finding) -> int | None:
        """Return where the finding is among those of the text; None if there are too many of its kind."""
        concept, presence = finding.concept, finding.presence
        name = concept.name
        if presence == "absent" and name == NORMAL.name:
            return self._merge_normal(finding)
        same = self._same.setdefault((name, presence), [])
        like = same
        if presence == "uncertain":
            like = [*self._same.get((name, "present"), ()), *same]
        for index in like:
            known = self._findings[index]
            if is_same(known, finding):
                self._findings[index] = joined(known, finding)
                return index
        doubted = self._same.get((name, "uncertain")) if presence == "present" else None
        if doubted:
            # 'Suspicious for a stone … the stone is confirmed'.
            self._confirmed.update(index for index in doubted if is_same(self._findings[index], finding))
        if len(same) >= MOST_OF_A_KIND:
            return None
        if presence == "present" and concept.kin and name != _BARE:
            known_as = self._named_otherwise(finding, bare=_is_bare(said))
            if known_as is not None:
                same.append(known_as)
                return known_as
        same.append(len(self._findings))
        self._findings.append(finding)
        return same[-1]

    def _merge_normal(self, finding: Finding) -> int | None:
        """Return where a statement that a place is normal is; None if there are too many."""
        what = finding.places, finding.side
        index = self._normals.get(what)
        if index is not None:
            self._findings[index] = joined(self._findings[index], finding)
        elif len(self._normals) < MOST_OF_A_KIND:
            index = self._normals[what] = len(self._findings)
            self._findings.append(finding)
        return index

    def _named_otherwise(self, finding: Finding, *, bare: bool) -> int | None:
        """Return which earlier finding this one is by another name: the mass is a carcinoma.

        Args:
            finding: One that is present.
            bare: True if its sentence says nothing of it but the name.
        """
        concept = finding.concept
        related = particulars_and_generals(concept.name)
        if concept.kin in self._kins or not related.isdisjoint(self._names):
            index = self._known_as(finding, related, bare=bare)
            if index is not None:
                return index
        self._kins.add(concept.kin)
        self._names.add(concept.name)
        self._present.append(len(self._findings))
        return None

    def _known_as(self, finding: Finding, related: frozenset[str], *, bare: bool) -> int | None:
        """Return which earlier finding this one is by another name, and join them; None if there is none."""
        concept = finding.concept
        general, kin = concept.is_general, concept.kin
        for index in self._present[: -_FAR_BACK - 1 : -1]:
            known = self._findings[index]
            other = known.concept
            if not (general or other.is_general):
                continue
            if other.kin != kin and other.name not in related:
                continue
            wider = general and (describes(finding, known) or refers_to(finding, known))
            plain = bare or not known.places or other.kin not in LESIONS
            if not wider and not (plain and describes(known, finding)):
                continue
            if not (can_be_in_one_place(known, finding) and is_same(known, finding)):
                continue
            both = joined(known, finding)
            if not wider:
                both = both._replace(concept=concept, words=finding.words)
                self._kins.add(kin)
                self._names.add(concept.name)
            self._findings[index] = both
            return index
        return None


def _is_bare(finding: Finding) -> bool:
    return not (finding.places or finding.side or finding.size_mm or finding.severity)


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


def _without_denied_by_size(findings: list[Finding]) -> list[Finding]:
    """Leave out the appendicitis that only a size speaks for where the text denies one."""
    denied = {one.concept.name for one in findings if one.presence == "absent"}
    return [one for one in findings if one.words != _APPENDIX or one.concept.name not in denied]
