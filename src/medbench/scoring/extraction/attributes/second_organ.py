"""The second organ of a finding that is named with the first: 'stones in the gallbladder and the kidney'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from medbench.scoring.extraction.attributes.nearest import is_led
from medbench.scoring.extraction.drafts.draft import Draft
from medbench.scoring.extraction.phrases.kinds import DEGREES, NUMBERS, PLACED, SIDES
from medbench.scoring.extraction.phrases.longest import phrases_in
from medbench.scoring.extraction.phrases.phrases import END
from medbench.scoring.extraction.places.concepts import belongs, can_be_in, composed
from medbench.scoring.extraction.places.paths import IMAGES, WHOLE, structure
from medbench.scoring.extraction.words.forms import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases
    from medbench.scoring.extraction.vocabulary.entries import Concept, Place

_LEADING: Final = frozenset({"of", "in", "within", "to", "involving"})
"""Words before the organ in the name of a finding."""
_ONE: Final = frozenset({"is", "was", "has", "appears", "shows", "demonstrates", "remains", "contains"})
"""Verbs behind what a new statement speaks of: 'a stone in the gallbladder, and the liver is large'."""
_TRUNK: Final = frozenset({"chest", "abdomen"})
"""Places that are no second organ."""
_CLOSING: Final = frozenset({END, ",", "break"})
"""Kinds of what ends a row of places."""
_AROUND: Final = frozenset({"surrounding", "adjacent", "associated", "overlying", "nearby"})
"""Words before the second of two: 'bone marrow and surrounding soft tissue edema'."""
_OUTER: Final = frozenset({"soft", "subcutaneous", "cutaneous"})
"""First words of names that say where, of no organ: 'muscle and subcutaneous edema'."""
_NEAR_AND: Final = 3
"""Most phrases from 'and' to the place that it joins: it, a preposition and a side."""
_BEFORE_PLACE: Final = frozenset({"in", "plain", *SIDES, *DEGREES, *NUMBERS})
"""Kinds of what stands between 'and' and a place: 'the chest wall and several foramina'."""
_NODE: Final = "lymph node"
_BETWEEN: Final = frozenset({"between"})
_ACROSS: Final = _BETWEEN | {"into", "extending", "toward", "towards"}
"""Words before places that one thing lies between, or across."""
_MEETING: Final = frozenset({"junction", "interface", "confluence", "border", "boundary", "space"})
"""Words before 'of', for where two things meet."""
_INVASION: Final = "invasion"
_DISLOCATION: Final = "dislocation"
_ONE_KIN: Final = frozenset({"lesion", "collection", "mass effect"})
_ONE_THING: Final = frozenset({"lesion", "mass", "process"})
"""Kin, and words, of what is one thing wherever it lies, unless it is several."""
_NEIGHBOURS: Final = {
    "hemorrhage": frozenset({"brain/basal ganglia", "brain/thalamus"}),
    "edema": frozenset({"abdomen/bowel/colon/cecum", "abdomen/bowel/appendix"}),
}
"""Kin to neighbouring parts in which a bleed or inflammation is one, unless it is several."""
_UNCOUNTED: Final = frozenset({"changes"})
"""Plurals that are not of several: 'inflammatory changes of the cecum and the appendix'."""
_SPREAD: Final = frozenset({"disease", "spread", "metastatic"})
"""Words of lesions that are several."""
_ARTICLES: Final = frozenset({"a", "an"})
_NEAR_ARTICLE: Final = 2
"""Most words from an article to the finding that it is of."""
_BROKEN: Final = frozenset({"fracture", "tear", "injury"})
_ROW: Final = frozenset({",", "and", *PLACED})
"""Kinds of what a row of places consists of."""


def is_listed(phrases: Phrases, index: int, draft: Draft) -> bool:
    """Return True for a place that 'and' joins with another one of the same finding, if there can be two.

    A mass of the liver and the kidney is one thing, and masses of these are not.
    """
    kinds, before = phrases.kinds, index - 1
    while kinds[before] in _BEFORE_PLACE:
        before -= 1
    if kinds[before] == "," and kinds[before - 1] == "place":
        # 'The pancreatic duct, intra- and extrahepatic ducts'.
        return "and" in phrases.tokens[phrases.starts[index] : phrases.ends[index]]
    if kinds[before] != "and":
        return False
    if phrases.values[before].word == "as" and kinds[before - 1] == ",":
        # 'The liver is enlarged, as is the spleen', 'the liver, as well as the spleen, is enlarged'.
        return kinds[before - 2] in {"place", "finding"}
    last = before - 1
    if kinds[last] == "and" and phrases.starts[before] - phrases.ends[last] <= _NEAR_AND:
        last -= 1  # 'The pancreatic duct and the intra- and extrahepatic ducts'.
    if kinds[last] == ",":
        # 'Cysts in the liver, kidneys, and pancreas' has another comma before, else an unknown word behind.
        last -= 1 if "," in kinds[draft.at : last] or phrases.starts[before] > phrases.ends[last] else 0
    if kinds[last] != "place":
        return False
    if phrases.values[before].word == "or" and draft.presence != "absent":
        return False
    word = phrases.tokens[draft.end - 1]
    places = {phrases.values[last].path, phrases.values[index].path}
    is_one = (
        draft.concept.kin in _ONE_KIN
        or word in _ONE_THING
        or places == _NEIGHBOURS.get(draft.concept.kin, frozenset())
        or _is_counted(phrases, draft, phrases.values[index].path)
    )
    return not is_one or word in _SPREAD or (canonical(word) != word and word not in _UNCOUNTED)


def _is_counted(phrases: Phrases, draft: Draft, path: str) -> bool:
    """True for 'a foreign body in the trachea and the bronchus'; a fracture or tear may be of each."""
    before = phrases.tokens[max(0, draft.start - _NEAR_ARTICLE) : draft.start]
    return composed(draft.concept, (path,)).kin not in _BROKEN and not _ARTICLES.isdisjoint(before)


def row_before(phrases: Phrases, index: int, draft: Draft) -> tuple[tuple[str, str], ...]:
    """Return the place at an index and those of the row that it ends, each with its side.

    There is no row between two things, nor from one into the next. Right behind the finding, any place is one
    of its; elsewhere the finding must be one that can be there.
    """
    kinds, values = phrases.kinds, phrases.values
    row: tuple[tuple[str, str], ...] = ()
    across = _BETWEEN if draft.concept.kin == _INVASION else _ACROSS
    while kinds[index] in _ROW or kinds[index] in _BEFORE_PLACE:
        if kinds[index] == "in" and (
            values[index].word in across or phrases.tokens[phrases.starts[index] - 1] in _MEETING
        ):
            return ()
        if kinds[index] == "in" and values[index].word == "at" and kinds[index - 1] == "place":
            break  # 'The femur at the knee and the hip': of one bone, two parts.
        if kinds[index] == "and" and values[index].word == "as":
            row = (draft.placed[-1], *row)  # 'The liver is enlarged, as is the spleen'.
        if kinds[index] == "place" and values[index].path not in {IMAGES, WHOLE}:
            side = kinds[index - 1] if kinds[index - 1] in SIDES else values[index].side
            row = ((_station(phrases, index), side), *row)
        index -= 1
    while kinds[index] == "verb":
        index -= 1  # 'Intimal flaps are seen in the aorta and the carotid arteries'.
    return row if index == draft.at else tuple([one for one in row if can_be_in(draft.concept, one[0])])


def _station(phrases: Phrases, index: int) -> str:
    """Return the path of a place; of nodes with a name, that of their station: 'mediastinal lymph nodes'."""
    path: str = phrases.values[index].path
    if path == _NODE and phrases.ends[index] - phrases.starts[index] > 1:
        named = phrases_in(phrases.tokens[phrases.starts[index] : phrases.starts[index] + 1])
        if named.kinds[1] == "place":
            path = named.values[1].path
    return path


def second_organ(phrases: Phrases, index: int, findings: Sequence[Draft]) -> Draft | None:
    """Return the finding of a place that 'and' joins with the organ in a name; None where there is none.

    'Stones in the gallbladder and the kidney', 'hepatic and splenic lacerations'.

    Args:
        phrases: Those of the sentence.
        index: Number of the place.
        findings: Those of its clause.
    """
    kinds, at = phrases.kinds, 0
    if kinds[index + 1] in {"and", ","} and not is_led(phrases, index):
        at = _end_of_adjectives(phrases, index)
        words = phrases.tokens[phrases.starts[at] + 1 : phrases.ends[at]]
    if not at:
        at = _end_of_row(phrases, index) if "and" in kinds else 0
        words = _before_organ(phrases, at) if at else ()
    named = next((draft for draft in findings if draft.at == at), None) if words else None
    if named is None:
        return None
    path = phrases.values[index].path
    if path in _TRUNK:
        return None
    outer = phrases.tokens[named.start] in _OUTER
    foreign = named.concept.place and not belongs(named.concept, path)
    for first in range(len(words)):
        concept = _named_by(words[first:])
        if concept is None or (concept is named.concept and not outer):
            continue
        if not foreign and (concept.place or composed(concept, (path,)) in {concept, named.concept}):
            within = _place_within(phrases, at)
            if within is None or structure(within.path) == structure(path) or concept.kin == _DISLOCATION:
                continue
            named.take("place", within)  # 'Edema in the femoral condyle and the tibial plateau'.
            concept = named.concept
        second = Draft(concept, named.at, named.start, named.end, named.presence)
        second.words, second.dropped, second.number = " ".join(words[first:]), named.dropped, named.number
        return second
    return None


def _before_organ(phrases: Phrases, at: int) -> Sequence[str]:
    """Return what the name of a finding says before its organ: 'stones in the gallbladder'."""
    words = phrases.tokens[phrases.starts[at] : phrases.ends[at]]
    led = next((end for end, word in enumerate(words) if word in _LEADING), 0)
    if led or phrases.starts[at + 1] > phrases.ends[at]:
        return words[:led]
    # 'Enlarged spleen, liver and kidneys'.
    ends = (end for end in range(1, len(words)) if _named_by(words[:end]) and _is_place(words[end:]))
    return words[: next(ends, 0)]


def _place_within(phrases: Phrases, at: int) -> Place | None:
    """Return the place behind the preposition in the name of a finding: 'edema in the femoral condyle'."""
    words = phrases.tokens[phrases.starts[at] : phrases.ends[at]]
    read = phrases_in(words[next((end for end, word in enumerate(words) if word in _LEADING), len(words)) :])
    places = (value for kind, value in zip(read.kinds, read.values, strict=True) if kind == "place")
    return next(places, None)


def _is_place(words: Sequence[str]) -> bool:
    phrases = phrases_in(words)
    return phrases.kinds[1] == "place" and phrases.ends[1] == len(words)


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
    # 'The ulnar styloid.'
    ends_there = starts[following] == ends[index] + 1 and kinds[following] in _CLOSING
    if speaks or kinds[following] == "finding" or (starts[following] > ends[index] and not ends_there):
        return 0
    at, joined = index - 1, False
    while starts[at + 1] - ends[at] <= 1 and (
        kinds[at] in _ROW or (kinds[at] == "in" and values[at].word in _LEADING)
    ):
        joined |= kinds[at] == "and"
        at -= 1
    touches = kinds[at] == "finding" and starts[at + 1] - ends[at] <= 1
    return at if touches and (joined or _goes_on(phrases, index)) else 0


def _goes_on(phrases: Phrases, index: int) -> bool:
    """True for a place behind a comma, of a row that 'and' closes: 'enlarged spleen, liver and nodes'."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    at = index + 1
    while kinds[at] in _ROW and starts[at] - ends[at - 1] <= 1:
        at += 1
    last = at - 1
    closed = kinds[last] == "place" and "and" in kinds[index:last]
    return closed and kinds[at] in _CLOSING and starts[at] == ends[last]
