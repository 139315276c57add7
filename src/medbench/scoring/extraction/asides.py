"""Tells findings from asides: what bowel normally holds, what only the history says, later studies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from medbench.scoring.extraction.places import within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts import Draft
    from medbench.scoring.extraction.observed import Finding

_FILMS = (
    "radiogra", "x-ray", "xray", "x ray", "cxr", "plain film", "scout", "kub", "abdominal series",
    "skull series", "barium", "upper gi",
)  # fmt: skip
"""The beginnings of the names of radiographs."""
_MORE = re.compile(
    r"\b(?:cts?|cect|ncct|hrct|cta|ctpa|mr[ai]?|mrcp|pet|ultrasound|us:|sonogra[a-z]+|computed tomography"
    r"|magnetic resonance|angiogra[a-z]+|arteriogra[a-z]+)\b"
)
"""The name of a study that shows more."""
_CONTENTS = frozenset({"bowel gas", "bowel content"})
_HELD = _CONTENTS | {"gas", "internal gas", "fluid"}
_LUNG, _EXPANDED = "chest/lung", frozenset({"expanded", "expansion"})
"""Where it is normal to be expanded."""
_HOLLOW = ("abdomen/bowel", "abdomen/stomach")
_WALL = "abdomen/bowel/wall"
_REGIONS = frozenset(
    {"abdomen", "abdomen/right lower", "abdomen/left lower", "abdomen/right upper", "abdomen/left upper"}
)
_POSITIVE = frozenset({"present", "uncertain"})
_SEVERE = 3
_ABNORMAL = re.compile(
    r"\b(?:abnormal|excess|increase|increasing|unusual|retain|retention|impact|copious|abundant|loaded|loading|undigested"
    r"|extralumin|ectopic|intramural|debris|bezoar|large(?!\s+(?:bowel|intestin))|fluid[- ]levels?\b)",
    re.IGNORECASE,
)
"""Words that make a finding of what bowel holds."""
_HISTORIES = frozenset({"history", "hx", "pmh", "pmhx", "psh"})
_RECORDS = frozenset({"medical", "surgical", "pmh", "pmhx", "psh"})
"""Words of a history that is a list of what a person has had."""
_PRESENTING = frozenset(
    {"now", "presents", "presenting", "presented", "who", "which", "shows", "demonstrates"}
)
_PEOPLE = frozenset({"patient", "patients", "old", "male", "female", "man", "woman", "boy", "girl"})
_NAMED_BY = frozenset({"consistent", "compatible", "keeping"})
"""Words before a history that what is seen confirms: 'compatible with the patient's history of cancer'."""
_HISTORY_ENDS = frozenset(
    {",", ";", ":", ".", "with", "now", "new", "presents", "presenting", "presented", "who", "which", "that",
     "is", "are", "was", "were", "has", "have", "shows", "showing", "demonstrates", "demonstrating", "there",
     "this", "these", "suggests", "suggesting", "consistent", "but", "in", "on"}
)  # fmt: skip
"""Words that end what a history holds."""
_NEAR, _FAR = 5, 8
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
    """Return the findings of a sentence without what bowel normally holds, and lungs that are expanded.

    Args:
        findings: Those of the sentence. Contents are kept beside anything abnormal: 'dilated, with stool'.
        words: The sentence.
        under: The title above it.
    """
    held = [_is_held(finding) for finding in findings]
    if True not in held:
        return findings
    positive = [is_held for is_held, one in zip(held, findings, strict=True) if one.presence in _POSITIVE]
    if not all(positive) or _ABNORMAL.search(words) or _ABNORMAL.search(under):
        return findings
    return [one for is_held, one in zip(held, findings, strict=True) if not is_held]


def _is_held(finding: Finding) -> bool:
    """True for expanded lungs, and for gas, fluid or stool in bowel or stomach that is not severe."""
    name, places = finding.concept.name, finding.places
    if finding.words in _EXPANDED:
        return places != () and all(within(path, _LUNG) for path in places)
    if name not in _HELD or finding.presence not in _POSITIVE or finding.severity >= _SEVERE:
        return False
    if not places:
        return name in _CONTENTS
    return all(_can_hold(path) or (name in _CONTENTS and path in _REGIONS) for path in places)


def _can_hold(path: str) -> bool:
    return any(within(path, organ) for organ in _HOLLOW) and not within(path, _WALL)


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
