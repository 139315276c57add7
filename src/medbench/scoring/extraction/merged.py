"""The findings of a text, put together from its sentences: each once, with all that is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.extraction.observed import Finding, found_at
from medbench.scoring.extraction.places import belongs, composed, touch
from medbench.scoring.extraction.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Said, Side
    from medbench.scoring.extraction.sentence import Subject

MOST_OF_A_KIND = 24
"""Mentions of one concept at different places that are told apart in one text."""
_POSITIVE = frozenset({"present", "uncertain"})
_BARE_EFFUSION = frozenset({"effusion", "effusions"})


Read = tuple["Sequence[Said]", "float | None", "Subject | None"]
"""What one sentence says: its findings; a size without one; place and side of what follows, of a heading."""


class Merged:
    """The findings of a text; a second mention of the same adds what the first did not say."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._same: dict[tuple[str, str], list[int]] = {}
        self._heading: Subject | None = None
        # What 'it measures 3 cm' in the next sentence speaks of: the first finding of this one.
        self._last: int | None = None

    def add(self, read: Read, span: tuple[int, int]) -> None:
        """Take in what a sentence says; findings without a place take the last heading's."""
        findings, size, heading = read
        if findings:
            self._last = None
            for said in findings:
                own = said if self._heading is None else _headed(said, *self._heading)
                index = self._one(own, span)
                if self._last is None and said[1] in _POSITIVE:
                    self._last = index
        elif heading is not None:
            self._heading = heading
        elif size is not None and self._last is not None and self._findings[self._last].size_mm is None:
            self._findings[self._last] = self._findings[self._last]._replace(size_mm=size)

    def settled(self) -> tuple[Finding, ...]:
        """All findings; an effusion without a place, in a text on joints alone, is a joint's."""
        findings = self._findings
        if _BARE_EFFUSION.isdisjoint([finding.words for finding in findings]):
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

    def _one(self, said: Said, span: tuple[int, int]) -> int | None:
        """Where the finding is among those of the text; None if there are too many of its kind."""
        findings = self._findings
        key = (said[0].name, said[1])
        same = self._same.get(key)
        if same is None:
            same = self._same[key] = []
        finding = found_at(said, span)
        for index in same:
            known = findings[index]
            if known[:-1] == said:
                return index
            if _is_same(known, finding):
                findings[index] = _joined(known, finding)
                return index
        if len(same) >= MOST_OF_A_KIND:
            return None
        same.append(len(findings))
        findings.append(finding)
        return same[-1]


def _headed(said: Said, places: tuple[str, ...], side: Side) -> Said:
    """A finding without a place takes that of the heading above it, if it can be there."""
    concept, presence, own, given = said[:4]
    if given or not belongs(concept, places[0]):
        return said
    return (composed(concept, places), presence, own or side, places, *said[4:])


def _is_same(first: Finding, second: Finding) -> bool:
    """Whether two mentions can be of one thing: no side, place or size of one speaks against the other."""
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
    )


def _narrower(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """The places with the longest path; where that is as long, the first ones."""
    if not second or first == second:
        return first
    return max(first, second, key=lambda places: max(map(len, places), default=0))
