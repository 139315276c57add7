"""Yes or no by finding: what an answer of a screening prompt says, and what the reference says of it.

A finding that is asked for stands for itself, for the narrower findings of its family, for those named after
it and for those that are it by definition: as 'dilatation' for hydronephrosis.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from medbench.scoring.extraction.extract import extract
from medbench.scoring.extraction.places.concepts import usual
from medbench.scoring.extraction.places.paths import within
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary
from medbench.scoring.findings import reference_findings
from medbench.scoring.layout import json_text
from medbench.scoring.parsing.answer import answer_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.vocabulary.entries import Concept

Truth = Literal["present", "denied", "unsaid", "unclear"]
"""'unclear' where the reference doubts it, calls it past, or names something that may be it."""
NAMING, SAYING, SURE = "finding", "present", "confidence"
"""Keys of an answer: the finding's name, yes or no, and how sure of that."""
_BY_DEFINITION = {
    "dilatation": ("hydronephrosis", "hydrocephalus", "bronchiectasis", "aortic aneurysm"),
    "gas": ("pneumothorax",),
    "hemorrhage": ("hemothorax", "hemoperitoneum", "hemopericardium"),
}
"""Findings of other families that are the one asked for, at a place."""
_REGIONS = ("brain", "neck", "chest", "abdomen", "pelvis", "spine")
"""Places that a denial speaks of as a whole; one of a part leaves the rest unsaid."""


class Answer(NamedTuple):
    """Statement of an output on one finding."""

    yes: bool
    """True if it is said to be there."""
    score: float | None
    """How sure the output is that it is there, from 0 to 1; None without a confidence from 0 to 1."""


def answers(text: str, asked: Iterable[str]) -> dict[str, Answer]:
    """Return what an output says of each finding that was asked for; those without a yes or no are left out.

    A finding that is given several times, as once a side, is there if it is anywhere.

    Args:
        text: The output; JSON whose objects have `finding`, `present` and `confidence`.
        asked: Names of the findings.
    """
    names = {_plain(name): name for name in asked}
    found: dict[str, Answer] = {}
    for record in json_text.records(answer_of(text)):
        name = names.get(_plain(record.get(NAMING, "")))
        answer = _answer(record)
        if name is not None and answer is not None:
            found[name] = _either(found[name], answer) if name in found else answer
    return found


def asked_in(text: str) -> list[str]:
    """Return the findings that an output answers in the form of a screening prompt, with a confidence."""
    records = json_text.records(answer_of(text))
    return [_plain(one[NAMING]) for one in records if one.get(NAMING) and SURE in one and _answer(one)]


def truth(reference: str, asked: str) -> Truth | None:
    """Return what a reference says of a finding.

    Present where it states it or a narrower one. Else unclear where it doubts that, calls it past, has only a
    wider word, a benign one of its family, or one that the vocabulary makes of it at a place. Else denied
    where it denies it, or a wider one, of no side alone and of a whole region or of where such a finding
    usually is, or calls that normal. What it passes over is unsaid, whether it is there or not.

    Returns:
        None where the vocabulary has no such finding.
    """
    concept = concept_of(asked)
    if concept is None:
        return None
    unclear, denied = False, False
    for finding in reference_findings(reference):
        if finding.presence == "absent":
            denied = denied or _denies(finding, concept)
        elif _is_it(finding.concept, concept):
            if finding.presence == "present":
                return "present"
            unclear = True
        else:
            unclear = unclear or _may_be_it(finding.concept, concept)
    if unclear:
        return "unclear"
    return "denied" if denied else "unsaid"


@lru_cache
def concept_of(name: str) -> Concept | None:
    """Return the concept that a name stands for; None where the vocabulary has none, or several."""
    found = extract(f"There is {_plain(name)}.")
    return found[0].concept if len(found) == 1 and found[0].presence == "present" else None


@lru_cache
def _at_places(asked: Concept) -> frozenset[Concept]:
    """Return what the vocabulary makes of a finding at each place."""
    return frozenset(one for _, one in vocabulary().composed.get(asked.name, ()))


def _is_it(concept: Concept, asked: Concept) -> bool:
    if concept.name == asked.name or concept.name in _BY_DEFINITION.get(asked.name, ()):
        return True
    if concept in _at_places(asked) and concept.name.split()[-1] == asked.name.split()[-1]:
        return True
    return concept.tier != "benign" and _is_of_family(concept, asked)


def _is_of_family(concept: Concept, asked: Concept) -> bool:
    return asked.is_general and bool(asked.family) and within(concept.family, asked.family)


def _may_be_it(concept: Concept, asked: Concept) -> bool:
    return concept in _at_places(asked) or _is_of_family(concept, asked) or _is_wider(concept, asked)


def _is_wider(concept: Concept, asked: Concept) -> bool:
    """True if a word describes all of a family that the asked finding belongs to."""
    return concept.is_general and bool(concept.family) and within(asked.family, concept.family)


def _denies(finding: Finding, asked: Concept) -> bool:
    """True if what is denied is the asked finding, wherever it may be."""
    concept = finding.concept
    of_it = concept.name == asked.name or concept in _at_places(asked) or _is_wider(concept, asked)
    if finding.side not in {"", "both"} or not (finding.is_normal or of_it):
        return False
    places = finding.places or usual(concept)
    if "whole" in places or any(within(own, place) for own in usual(asked) for place in places):
        return True
    return not finding.is_normal and (not places or any(place in _REGIONS for place in places))


def _answer(record: Mapping[str, str]) -> Answer | None:
    said = record.get(SAYING, "").strip().lower()
    if said not in {"yes", "no"}:
        return None
    try:
        sure = float(record.get(SURE, ""))
    except ValueError:
        return Answer(said == "yes", None)
    if not 0 <= sure <= 1:
        return Answer(said == "yes", None)
    return Answer(said == "yes", sure if said == "yes" else 1 - sure)


def _either(first: Answer, second: Answer) -> Answer:
    yes = first.yes or second.yes
    scores = [one.score for one in (first, second) if one.score is not None and one.yes == yes]
    return Answer(yes, max(scores, default=None))


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").lower().split())
