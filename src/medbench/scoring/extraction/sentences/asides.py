"""Tells findings from asides: what bowel normally holds, what only the history says, later studies."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.drafts.draft import DESCRIPTORS
from medbench.scoring.extraction.places.paths import composed, lend_organs, usual, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.phrases.phrases import Phrases

_FILMS: Final = (
    "radiogra", "x-ray", "xray", "x ray", "cxr", "plain film", "scout", "kub", "abdominal series",
    "skull series", "barium", "upper gi",
)  # fmt: skip
"""The beginnings of the names of radiographs."""
_MORE: Final = re.compile(
    r"\b(?:cts?|cect|ncct|hrct|cta|ctpa|mr[ai]?|mrcp|pet|ultrasound|us:|sonogra[a-z]+|computed tomography"
    r"|magnetic resonance|angiogra[a-z]+|arteriogra[a-z]+)\b"
)
"""The name of a study that shows more."""
_CONTENTS: Final = frozenset({"bowel gas", "bowel content"})
_HELD: Final = _CONTENTS | {"gas", "internal gas", "fluid"}
_LUNG: Final = "chest/lung"
_EXPANDED: Final = frozenset({"expanded", "expansion"})
"""Where it is normal to be expanded."""
_HOLLOW: Final = ("abdomen/bowel", "abdomen/stomach")
_AIRY: Final = ("chest/trachea", "chest/bronchus", "face/sinus", "skull/temporal bone")
_FLUIDS: Final = frozenset({"bowel content", "fluid"})
_WALL: Final = "abdomen/bowel/wall"
_AGENT: Final = frozenset({"by", "from", "to"})
_WHERE: Final = frozenset({"of", "in", "within", "into", "inside", "around", "near", "beneath", "through"})
"""Words before a definite finding that is there, whatever acts on it or lies in it."""
_DEFINITE: Final = frozenset({"the", "this", "these"})
_ADJECTIVES: Final = 4
_UPTAKE: Final = "abnormal uptake"
_BETWEEN: Final = 2
_OF_THINGS: Final = DESCRIPTORS | {"uptake"}
"""Kin of what may be said of the thing right behind it."""
_AROUND: Final = frozenset(
    {"surrounding", "surrounds", "around", "adjacent", "along", "encircling", "about", "abutting"}
)
_REGIONS: Final = frozenset(
    {"abdomen", "abdomen/right lower", "abdomen/left lower", "abdomen/right upper", "abdomen/left upper"}
)
_POSITIVE: Final = frozenset({"present", "uncertain"})
_SEVERE: Final = 3
_ABNORMAL: Final = re.compile(
    r"\b(?:abnormal|excess|increase|increasing|unusual|retain|retention|impact|copious|abundant|loaded|loading|undigested"
    r"|extralumin|ectopic|intramural|debris|bezoar|large(?!\s+(?:bowel|intestin))|fluid[- ]levels?\b)",
    re.IGNORECASE,
)
"""Words that make a finding of what bowel holds."""
_MEASURED: Final = frozenset({"signal", "density"})
_EXPECTED: Final = re.compile(r"\b(?:as (?:would be )?expected|expected for|normal for)\b", re.IGNORECASE)
_OF_SEQUENCE: Final = re.compile(
    r"\W*(?:(?:the|normal|surrounding|subcutaneous) )*(?:CSF|cerebrospinal fluid|urine|bile|fat)\b.{0,40}?"
    r"\b(?:is|are|appears?)\b"
    r"|.*?\b(?:bright|dark|high|low)[ -](?:signal )?(?:of |in )?(?:the )?(?:CSF|urine|bile)\b",
    re.IGNORECASE,
)
"""Words for what is bright or dark on some sequence wherever it is."""
_HISTORIES: Final = frozenset({"history", "hx", "pmh", "pmhx", "psh"})
_RECORDS: Final = frozenset({"medical", "surgical", "pmh", "pmhx", "psh"})
"""Words of a history that is a list of what a person has had."""
_PRESENTING: Final = frozenset(
    {"now", "presents", "presenting", "presented", "who", "which", "shows", "demonstrates"}
)
REVISING: Final = _HISTORIES | {"old", "fluid"}
"""Words for which even a single finding is looked at again."""
_PEOPLE: Final = frozenset({"patient", "patients", "old", "male", "female", "man", "woman", "boy", "girl"})
_NAMED_BY: Final = frozenset({"consistent", "compatible", "keeping"})
"""Words before a history that what is seen confirms: 'compatible with the patient's history of cancer'."""
_HISTORY_ENDS: Final = frozenset(
    {",", ";", ":", ".", "with", "now", "new", "presents", "presenting", "presented", "who", "which", "that",
     "is", "are", "was", "were", "has", "have", "shows", "showing", "demonstrates", "demonstrating", "there",
     "this", "these", "suggests", "suggesting", "consistent", "but", "in", "on"}
)  # fmt: skip
"""Words that end what a history holds."""
_NEAR: Final = 5
_FAR: Final = 8
"""Most words from a person to 'history' or from 'in' to 'old', and from that to 'with'."""


def part_on_film(text: str) -> range:
    """Return the characters of a text from its first radiograph to the study behind it; none without both."""
    text = text.lower()
    films = [at for at in map(text.find, _FILMS) if at >= 0]
    if not films:
        return range(0)
    first = min(films)
    more = _MORE.search(text, first)
    return range(first, more.start()) if more else range(0)


def seen_on(film: range, findings: Sequence[Finding]) -> Sequence[Finding]:
    """Return the findings of a sentence, marked if it ends in the part of the text on a radiograph."""
    if findings and film.start < findings[0].span[1] <= film.stop:
        return [finding._replace(on_film=True) for finding in findings]
    return findings


def without_normal_contents(findings: list[Finding], words: str, under: str = "") -> list[Finding]:
    """Return the findings of a sentence without expanded lungs, contents of bowel, and signals as expected.

    Args:
        findings: Those of the sentence. Contents are kept beside anything abnormal: 'dilated, with stool'.
        words: The sentence.
        under: The title above it.
    """
    if findings and findings[0].concept.kin in _MEASURED and _is_expected(findings, words):
        return []
    held = [_is_held(finding) for finding in findings]
    if True not in held:
        return findings
    positive = [is_held for is_held, one in zip(held, findings, strict=True) if one.presence in _POSITIVE]
    if not all(positive) or _ABNORMAL.search(words) or _ABNORMAL.search(under):
        return findings
    return [one for is_held, one in zip(held, findings, strict=True) if not is_held]


def _is_expected(findings: list[Finding], words: str) -> bool:
    """True for nothing but a signal or density as it is on a sequence, or of fluid or fat in its place."""
    if any(one.concept.kin not in _MEASURED or one.presence not in _POSITIVE for one in findings):
        return False
    if _EXPECTED.search(words):
        return True
    return not any(one.places for one in findings) and _OF_SEQUENCE.match(words) is not None


def _is_held(finding: Finding) -> bool:
    """True for expanded lungs, and for gas, fluid or stool in bowel or stomach that is not severe."""
    name, places = finding.concept.name, finding.places
    if finding.words in _EXPANDED:
        return places != () and all(within(path, _LUNG) for path in places)
    if name not in _HELD or finding.presence not in _POSITIVE or finding.severity >= _SEVERE:
        return False
    if not places:
        return name in _CONTENTS
    return all(_can_hold(path, name) or (name in _CONTENTS and path in _REGIONS) for path in places)


def _can_hold(path: str, name: str) -> bool:
    organs = _HOLLOW if name in _FLUIDS else (*_HOLLOW, *_AIRY)
    return any(within(path, organ) for organ in organs) and not within(path, _WALL)


def keep_known_sure(drafts: Sequence[Draft], tokens: Sequence[str]) -> None:
    """Make sure what a doubt of something else only refers to: 'possibly displaced by the goiter'."""
    doubted = False
    for draft in drafts:
        if draft.presence != "uncertain":
            continue
        leading = _leading(draft.start, tokens)
        if leading in _AGENT or (doubted and leading in _WHERE):
            draft.presence = "present"
        doubted = True


def _leading(start: int, tokens: Sequence[str]) -> str:
    """Return the word before the 'the' of a finding, adjectives between them; empty if there is none."""
    for at in range(start - 1, max(0, start - 1 - _ADJECTIVES), -1):
        if tokens[at] in _DEFINITE:
            return tokens[at - 1]
        if not tokens[at].isalpha():
            break
    return ""


def place_traits(drafts: Sequence[Draft]) -> None:
    """Give a trait right before a thing its usual place: 'a fluid-density effusion' is none of the lung."""
    for trait, thing in pairwise(drafts):
        if thing.start - trait.end > _BETWEEN or trait.concept.kin not in _OF_THINGS:
            continue
        if trait.concept.name == _UPTAKE and thing.concept.kin == "enhancement":
            # 'Avid, homogeneous enhancement' is none of a tracer.
            trait.dropped = True
        if trait.concept.kin not in DESCRIPTORS or trait.end != thing.start or trait.places:
            continue
        own = () if thing.names_the_last else usual(composed(thing.concept, ()))
        places = thing.places if own and thing.places else own
        named = places and composed(trait.concept, places) is not trait.concept
        if places and not named and thing.concept.kin not in DESCRIPTORS:
            trait.places, trait.side = places, trait.side or thing.side


def name_fluid_around(drafts: Sequence[Draft], tokens: Sequence[str]) -> None:
    """Add to the words of fluid what it is said to lie around: it need not be that of a cavity."""
    for draft in drafts:
        if draft.concept.name == "fluid" and not draft.words:
            for end in range(draft.end, min(len(tokens), draft.end + _NEAR)):
                if tokens[end] in _AROUND:
                    draft.words = " ".join(tokens[draft.start : end + 1])
                    break


def revise(drafts: Sequence[Draft], phrases: Phrases, *, unsure: bool) -> None:
    """Look at the findings of a sentence together: history, what a doubt only refers to, traits of things."""
    tokens, words = phrases.tokens, phrases.words
    if "old" in words or not _HISTORIES.isdisjoint(words):
        set_history_apart(drafts, tokens)
    if unsure:
        keep_known_sure(drafts, tokens)
    if "fluid" in words:
        name_fluid_around(drafts, tokens)
    if len(drafts) > 1:
        place_traits(drafts)
        lend_organs(drafts)


def is_supposed(tokens: Sequence[str]) -> bool:
    """True for a sentence such as 'should an abscess remain a concern, CT is advised'."""
    return tokens[0] == "should" and tokens[1:2] != ["be"]


def set_history_apart(drafts: Sequence[Draft], tokens: Sequence[str]) -> None:
    """Make past what a sentence gives as history, and drop what it says of a person only.

    'With a history of hysterectomy for fibroids', 'in a 22-year-old with hypertension, the aorta …'.
    """
    if not _HISTORIES.isdisjoint(tokens):
        first, end = _history(tokens)
        for draft in drafts:
            if first <= draft.start < end and draft.presence in _POSITIVE:
                draft.presence = "past"
    if "old" in tokens:
        first, end = _person(tokens)
        for draft in drafts:
            if first <= draft.start < end and draft.presence in _POSITIVE:
                draft.dropped = True


def _history(tokens: Sequence[str]) -> tuple[int, int]:
    """Return the first token behind 'history of', and the one behind the last that it holds."""
    at = next(at for at, token in enumerate(tokens) if token in _HISTORIES)
    if not _RECORDS.isdisjoint(tokens[max(0, at - 1) : at + 1]):
        ends = (end for end in range(at + 1, len(tokens)) if tokens[end] in _PRESENTING)
        return at + 1, next(ends, len(tokens))
    if tokens[at + 1 : at + 2] != ["of"] or not _NAMED_BY.isdisjoint(tokens[max(0, at - _NEAR) : at]):
        return 0, 0
    of_person = not _PEOPLE.isdisjoint(tokens[max(0, at - _NEAR) : at])
    for end in range(at + 2, len(tokens)):
        if tokens[end] in _HISTORY_ENDS or (tokens[end] == "and" and not of_person):
            return at + 2, end
    return at + 2, len(tokens)


def _person(tokens: Sequence[str]) -> tuple[int, int]:
    """Return the tokens between 'in a 22-year-old with' and the next comma, if there is more behind it."""
    at = tokens.index("old")
    start = at - tokens[at::-1].index("in") if "in" in tokens[:at] else at
    opens = start == 0 or tokens[start - 1] == ":"
    if not opens or at - start > _NEAR or "year" not in tokens[start:at]:
        return 0, 0
    near = tokens[at : at + _FAR]
    if "with" not in near or "," not in tokens[at:]:
        return 0, 0
    first, end = at + near.index("with"), tokens.index(",", at)
    return (first, end) if end + 1 < len(tokens) else (0, 0)
