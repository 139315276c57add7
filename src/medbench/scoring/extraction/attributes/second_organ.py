"""The second organ of a finding that is named with the first: 'stones in the gallbladder and the kidney'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from medbench.scoring.extraction.attributes.nearest import is_led
from medbench.scoring.extraction.drafts.draft import Draft
from medbench.scoring.extraction.phrases.kinds import PLACED, SIDES
from medbench.scoring.extraction.phrases.longest import phrases_in
from medbench.scoring.extraction.places.concepts import belongs, composed
from medbench.scoring.extraction.words.forms import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases
    from medbench.scoring.extraction.vocabulary.entries import Concept

_LEADING: Final = frozenset({"of", "in", "within", "to", "involving"})
"""Words before the organ in the name of a finding."""
_ONE: Final = frozenset({"is", "was", "has", "appears", "shows", "demonstrates", "remains", "contains"})
"""Verbs behind what a new statement speaks of: 'a stone in the gallbladder, and the liver is large'."""
_AROUND: Final = frozenset({"surrounding", "adjacent", "associated", "overlying", "nearby"})
"""Words before the second of two: 'bone marrow and surrounding soft tissue edema'."""
_OUTER: Final = frozenset({"soft", "subcutaneous", "cutaneous"})
"""First words of names that say where, of no organ: 'muscle and subcutaneous edema'."""
_NEAR_AND: Final = 3
"""Most phrases from 'and' to the place that it joins: it, a preposition and a side."""
_ROW: Final = frozenset({",", "and", *PLACED})
"""Kinds of what a row of places consists of."""


def is_listed(phrases: Phrases, index: int, draft: Draft) -> bool:
    """Return True for a place that 'and' joins with another one of the same finding, if there can be two.

    A mass of the liver and the kidney is one thing, and masses of these are not.
    """
    kinds, before = phrases.kinds, index - 1
    while kinds[before] in SIDES or kinds[before] == "in":
        before -= 1
    if kinds[before] != "and":
        return False
    if phrases.values[before].word == "as" and kinds[before - 1] == ",":
        # 'The liver is enlarged, as is the spleen', 'the liver, as well as the spleen, is enlarged'.
        return kinds[before - 2] in {"place", "finding"}
    last = before - 1
    if kinds[last] == ",":
        # 'Cysts in the liver, kidneys, and pancreas' has another comma before.
        last -= 1 if "," in kinds[draft.at : last] else 0
    if kinds[last] != "place":
        return False
    if phrases.values[before].word == "or" and draft.presence != "absent":
        return False
    word = phrases.tokens[draft.end - 1]
    return draft.concept.kin not in {"lesion", "collection"} or canonical(word) != word


def second_organ(phrases: Phrases, index: int, findings: Sequence[Draft]) -> Draft | None:
    """Return the finding of a place that 'and' joins with the organ in a name; None where there is none.

    'Stones in the gallbladder and the kidney', 'hepatic and splenic lacerations'.

    Args:
        phrases: Those of the sentence.
        index: Number of the place.
        findings: Those of its clause.
    """
    kinds = phrases.kinds
    if kinds[index + 1] in {"and", ","} and not is_led(phrases, index):
        at = _end_of_adjectives(phrases, index)
        words = phrases.tokens[phrases.starts[at] + 1 : phrases.ends[at]]
    elif "and" in kinds[index - _NEAR_AND : index]:
        at = _end_of_row(phrases, index)
        words = phrases.tokens[phrases.starts[at] : phrases.ends[at]]
        words = words[: next((end for end, word in enumerate(words) if word in _LEADING), 0)]
    else:
        return None
    named = next((draft for draft in findings if draft.at == at), None) if words else None
    if named is None:
        return None
    path = phrases.values[index].path
    outer = phrases.tokens[named.start] in _OUTER
    foreign = named.concept.place and not belongs(named.concept, path)
    for first in range(len(words)):
        concept = _named_by(words[first:])
        if concept is None or (concept is named.concept and not outer):
            continue
        if not foreign and (concept.place or composed(concept, (path,)) in {concept, named.concept}):
            continue
        second = Draft(concept, named.at, named.start, named.end, named.presence)
        second.words, second.dropped, second.number = " ".join(words[first:]), named.dropped, named.number
        return second
    return None


def _named_by(words: Sequence[str]) -> Concept | None:
    """Return the finding that words are the name of; None where they are more, or of none."""
    phrases = phrases_in(words)
    if phrases.kinds[1:2] != ["finding"] or phrases.ends[1] != len(words):
        return None
    return cast("Concept", phrases.values[1])


def _end_of_adjectives(phrases: Phrases, index: int) -> int:
    """Return the finding behind a row of places as in 'renal and splenic lacerations'; else 0."""
    kinds, starts, ends, at = phrases.kinds, phrases.starts, phrases.ends, index + 1
    while kinds[at] in _ROW and starts[at] == ends[at - 1]:
        if kinds[at] == "," and kinds[at + 1] not in PLACED:
            return 0
        at += 1
    joint, between = at - 1, phrases.tokens[ends[at - 1] : starts[at]]
    while kinds[joint] in SIDES:
        joint -= 1
    touches = kinds[at] == "finding" and len(between) <= 1 and _AROUND.issuperset(between)
    return at if touches and kinds[joint] == "and" else 0


def _end_of_row(phrases: Phrases, index: int) -> int:
    """Return the finding before a row of places as in 'stones in the kidney and bladder'; else 0."""
    kinds, values, starts, ends = phrases.kinds, phrases.values, phrases.starts, phrases.ends
    following = index + 1
    speaks = kinds[following] == "verb" and values[following].word in _ONE
    if speaks or kinds[following] == "finding" or starts[following] > ends[index]:
        return 0
    at, joined = index - 1, False
    while starts[at + 1] - ends[at] <= 1 and (
        kinds[at] in _ROW or (kinds[at] == "in" and values[at].word in _LEADING)
    ):
        joined |= kinds[at] == "and"
        at -= 1
    touches = kinds[at] == "finding" and starts[at + 1] - ends[at] <= 1
    return at if joined and touches else 0
