"""Compares places, and finds what a general word is at a place."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts import Draft
    from medbench.scoring.extraction.vocabulary import Concept

VAGUE: Final = frozenset(
    {"whole", "chest", "abdomen", "pelvis", "bone", "joint", "vessel", "urinary", "muscle", "spine"}
)
"""Places that say nothing beside a narrower one."""
_VESSELS: Final = ("vessel", "aorta")
_ORGANS: Final = ("abdomen/", "brain", "chest/", "lymph node", "urinary/")
_OF_ORGANS: Final = frozenset({"tortuosity", "ectasia", "dilatation", "enlargement"})
"""General words that say what an organ is like."""
_WHOLE_ORGANS: Final = frozenset(
    {"brain", "spine", "skull", "face", "orbit", "neck", "muscle", "aorta", "lymph node"}
)

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


def lend_organs(drafts: Sequence[Draft]) -> None:
    """Give adjectives the organ in the name of the finding behind them: 'tortuous calcified aorta'."""
    for draft, following in pairwise(drafts):
        if draft.concept.name in _OF_ORGANS and not draft.places and 0 <= following.start - draft.end <= 1:
            organ_there = usual(following.concept)
            if composed(draft.concept, organ_there) is not draft.concept:
                draft.places = organ_there
