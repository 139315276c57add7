"""Compares places, and finds what a general word is at a place."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, cast

from medbench.scoring.extraction.drafts.draft import PLACED, SIDES, Draft
from medbench.scoring.extraction.phrases.phrases import phrases_in
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary
from medbench.scoring.extraction.words.tokens import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.scoring.extraction.observed import Side
    from medbench.scoring.extraction.phrases.phrases import Phrases
    from medbench.scoring.extraction.vocabulary.vocabulary import Concept

VAGUE: Final = frozenset(
    {"whole", "chest", "abdomen", "pelvis", "bone", "joint", "vessel", "urinary", "muscle", "spine"}
)
"""Places that say nothing beside a narrower one."""
_VENTRICLE: Final = "brain/ventricle"
_BLEED: Final = "intracranial hemorrhage"
_SPILL: Final = "intraventricular hemorrhage"
_INTO: Final = frozenset({"into", "extending"})
_VESSELS: Final = ("vessel", "aorta")
_ORGANS: Final = ("abdomen/", "brain", "chest/", "lymph node", "urinary/")
_NO_ORGAN: Final = VAGUE - {"bone", "spine"}
_HEMISPHERE: Final = "brain/hemisphere"
_LOBES: Final = ("brain/frontal", "brain/parietal", "brain/temporal", "brain/occipital", "brain/insula")
_UNPAIRED: Final = VAGUE | {"chest/heart", "brain", "abdomen/liver", "neck/thyroid"}
"""Places whose parts need not be on the side that is said of them."""
_LIMBS: Final = ("joint", "muscle", "limb")
_SHARED: Final = frozenset({"displacement"})
"""Names of what organs that lie together have together."""
_OF_ORGANS: Final = frozenset({"tortuosity", "ectasia", "dilatation", "enlargement"})
"""General words that say what an organ is like."""
_SAID_OF_ORGANS: Final = frozenset({"form", "gas"})
"""Kin of what an organ is like, and of what it holds: 'a distended, stool-filled rectum'."""
_WHOLE_ORGANS: Final = frozenset(
    {"brain", "spine", "skull", "face", "orbit", "neck", "muscle", "aorta", "lymph node"}
)

_LEADING: Final = frozenset({"of", "in", "within", "to", "involving"})
"""Words before the organ in the name of a finding."""
_ONE: Final = frozenset({"is", "was", "has", "appears", "shows", "demonstrates", "remains", "contains"})
"""Verbs behind what a new statement speaks of: 'a stone in the gallbladder, and the liver is large'."""
_NEAR_AND: Final = 3
"""Most phrases from 'and' to the place that it joins: it, a preposition and a side."""
_ROW: Final = frozenset({",", "and", *PLACED})
"""Kinds of what a row of places consists of."""
_ACROSS: Final = (
    "brain/hemisphere", "brain/white matter", "brain/cortex", "brain/sulcus", "brain/meninges",
    "brain/extra-axial", "spine/canal", "spine/disc", "spine/foramen",
    "abdomen/bowel/wall",
)  # fmt: skip
"""Parts that lie across lobes and levels, so that neither excludes the other."""


def within(path: str, other: str) -> bool:
    """Return True if a place lies in another one, or is it."""
    return path.startswith(other) and (len(path) == len(other) or path[len(other)] == "/")


@lru_cache(maxsize=20_000)
def touch(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Return True if a place of one side lies in one of the other, either way."""
    return any(within(a, b) or within(b, a) for a in first for b in second)


@lru_cache(maxsize=20_000)
def same_organ(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Return True if a place of one side is in the same organ as one of the other."""
    return any(organ(a) == organ(b) for a in first for b in second)


@lru_cache(maxsize=20_000)
def crosses(places: tuple[str, ...]) -> bool:
    """Return True if all places are parts that lie across lobes and levels."""
    return all(any(within(at, part) for part in _ACROSS) for at in places)


def is_part_of(path: str, whole: str) -> bool:
    """Return True if a place is a part of a paired organ that it is named after: a lobe of the right lung."""
    if whole == _HEMISPHERE:
        return path.startswith(_LOBES)
    return whole not in _UNPAIRED and path.startswith(f"{whole}/")


def narrowed(places: tuple[str, ...], concept: Concept) -> tuple[str, ...]:
    """Return places without those that say nothing beside the others; the first where all are such."""
    if concept.name == "metastasis" and "bone" in places and _are_soft(places):
        # 'Metastases in the liver, lungs and bone'.
        return places
    return tuple([path for path in places if path not in VAGUE]) or places[:1]


def _are_soft(places: tuple[str, ...]) -> bool:
    """Return True if places without 'bone' are in organs."""
    return all(path == "bone" or path.startswith(_ORGANS) for path in places)


@lru_cache(maxsize=4_000)
def organ(path: str) -> str:
    """Return the organ of a place: 'chest/lung' of 'chest/lung/upper', 'brain' of 'brain/frontal'."""
    parts = path.split("/")
    return parts[0] if parts[0] in _WHOLE_ORGANS else "/".join(parts[:2])


def belongs(concept: Concept, path: str) -> bool:
    """Return True if a finding that is given without a place may be at that place."""
    place = concept.place
    return not place or _near(place, path)


@lru_cache(maxsize=20_000)
def _near(place: str, path: str) -> bool:
    if within(place, path) or within(path, place):
        return True
    if organ(place) == organ(path):
        # An extrusion of a disc, which is at L4-L5; a collection over the frontal lobe.
        return crosses((place,)) != crosses((path,))
    return within(place, "urinary") and within(path, "urinary")


def composed(concept: Concept, places: tuple[str, ...]) -> Concept:
    """Return what a general concept is at these places: an enlarged heart is cardiomegaly."""
    return _particular(concept.name, places) or concept


@lru_cache(maxsize=4_000)
def particulars(general: str) -> frozenset[str]:
    """Return the names of what a general word can be at some place."""
    return frozenset(concept.name for _, concept in vocabulary().composed.get(general, ()))


@lru_cache(maxsize=20_000)
def _particular(general: str, places: tuple[str, ...]) -> Concept | None:
    for place, particular in vocabulary().composed.get(general, ()):
        if (place == "*" and not places) or any(within(path, place) for path in places):
            return particular
    return None


def usual(concept: Concept) -> tuple[str, ...]:
    """Return where a concept usually is, as places; the aorta is a vessel."""
    if concept.place == "vessel":
        return _VESSELS
    return (concept.place,) if concept.place else ()


def parts_of(draft: Draft) -> Iterator[Draft]:
    """Yield a finding of a left and of another, right place, or of two organs, once for each of these."""
    if draft.side == "both" and {side for _, side in draft.placed} == {"left", "right"}:
        for side in ("left", "right"):
            draft.side = side
            draft.places = tuple(path for path, on in draft.placed if on == side)
            yield draft
        return
    if draft.concept.kin == "hemorrhage" and any(map(_in_ventricle, draft.places)):
        yield from _with_spill(draft)
        return
    names: dict[str, None] = {}
    if draft.listed and not draft.beside:
        organs = [path for path in draft.places if path not in _NO_ORGAN]
        names = dict.fromkeys(composed(draft.concept, (path,)).name for path in organs)
    if len(names) < 2 or _is_one_thing(draft):
        yield draft
        return
    placed, sides = draft.placed, {on for _, on in draft.placed}
    for name in names:
        draft.places = tuple(path for path, _ in placed if composed(draft.concept, (path,)).name == name)
        if sides != {""}:
            draft.side = cast("Side", next((on for path, on in placed if path in draft.places), ""))
        yield draft


def _is_one_thing(draft: Draft) -> bool:
    """True for what is in parts of one organ or limb or lies across these, or has a side of its own."""
    places = draft.places
    first, *others = places
    if draft.concept.name in _SHARED or "lymph node" in places or crosses(places):
        return True
    if any(organ(path) == organ(first) or touch((path,), (first,)) for path in others):
        return True
    sides = {on for _, on in draft.placed}
    unplaced = draft.side == "both" and "" in sides and not sides.isdisjoint(("left", "right"))
    return unplaced or any(path.startswith(_LIMBS) for path in places)


def lend_organs(drafts: Sequence[Draft]) -> None:
    """Give adjectives the organ in the name of the finding behind them: 'tortuous calcified aorta'."""
    for draft, following in pairwise(drafts):
        if draft.concept.name in _OF_ORGANS and not draft.places and 0 <= following.start - draft.end <= 1:
            says_of_organ = following.concept.name in _OF_ORGANS or following.concept.kin in _SAID_OF_ORGANS
            there = (following.places if says_of_organ else (), usual(following.concept))
            named = (places for places in there if composed(draft.concept, places) is not draft.concept)
            draft.places = next(named, ())


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
    if kinds[before - 1] != "place":
        return False
    if phrases.values[before].word == "or" and draft.presence != "absent":
        return False
    word = phrases.tokens[draft.end - 1]
    return draft.concept.kin not in {"lesion", "collection"} or canonical(word) != word


def is_spilled(phrases: Phrases, index: int, draft: Draft) -> bool:
    """Return True for a ventricle into which the blood of a bleed extends."""
    if draft.concept.kin != "hemorrhage" or not _in_ventricle(phrases.values[index].path):
        return False
    before = index - 1
    while phrases.kinds[before] in SIDES:
        before -= 1
    into = phrases.kinds[before] == "in" and phrases.values[before].word in _INTO
    return into or (phrases.kinds[before] == "and" and bool(draft.places))


def _in_ventricle(path: str) -> bool:
    return path.startswith(_VENTRICLE)


def _with_spill(draft: Draft) -> Iterator[Draft]:
    """Yield a bleed, and the blood in the ventricles apart from it."""
    spilled = tuple(path for path in draft.places if _in_ventricle(path))
    rest = tuple(path for path in draft.places if path not in spilled)
    if rest or draft.concept.name == _BLEED:
        second = draft.twin()
        second.concept, second.places, second.size = vocabulary().concepts[_SPILL], spilled, None
        draft.places = rest
        for one in (draft, second):
            on = {side for path, side in draft.placed if path in one.places and side}
            one.side = cast("Side", on.pop() if len(on) == 1 else one.side)
        yield draft
        draft = second
    yield draft


def second_organ(phrases: Phrases, index: int, findings: Sequence[Draft]) -> Draft | None:
    """Return the finding of a place that 'and' joins with the organ in a name; None where there is none.

    'Stones in the gallbladder and the kidney', 'hepatic and splenic lacerations'.

    Args:
        phrases: Those of the sentence.
        index: Number of the place.
        findings: Those of its clause.
    """
    kinds = phrases.kinds
    if kinds[index + 1] in {"and", ","} and kinds[index - 1] != "in":
        at = _end_of_adjectives(phrases, index)
        words = phrases.tokens[phrases.starts[at] + 1 : phrases.ends[at]]
    elif "and" in kinds[index - _NEAR_AND : index]:
        at = _end_of_row(phrases, index)
        words = phrases.tokens[phrases.starts[at] : phrases.ends[at]]
        words = words[: next((end for end, word in enumerate(words) if word in _LEADING), 0)]
    else:
        return None
    named = next((draft for draft in findings if draft.at == at), None) if words else None
    if named is None or not named.concept.place or belongs(named.concept, phrases.values[index].path):
        return None
    general = phrases_in(words)
    if general.kinds[1:2] != ["finding"] or general.ends[1] != len(words):
        return None
    concept = general.values[1]
    if concept is named.concept:
        return None
    second = Draft(concept, named.at, named.start, named.end, named.presence)
    second.words, second.dropped, second.number = " ".join(words), named.dropped, named.number
    return second


def _end_of_adjectives(phrases: Phrases, index: int) -> int:
    """Return the finding behind a row of places as in 'renal and splenic lacerations'; else 0."""
    kinds, starts, ends, at = phrases.kinds, phrases.starts, phrases.ends, index + 1
    while kinds[at] in _ROW and starts[at] == ends[at - 1]:
        if kinds[at] == "," and kinds[at + 1] not in PLACED:
            return 0
        at += 1
    touches = kinds[at] == "finding" and starts[at] == ends[at - 1]
    return at if touches and kinds[at - 1] == "and" else 0


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
