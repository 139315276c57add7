"""Says where a concept can be, and what a general one is at a place."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.paths import crosses, organ, wholes_of, within
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from medbench.scoring.extraction.vocabulary.entries import Concept

_VESSELS: Final = ("vessel", "aorta")
_NODE: Final = "lymph node"
_BONES: Final = ("bone", "joint", "skull", "face", "orbit", "spine")


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


def can_be_in(concept: Concept, path: str) -> bool:
    """Return True if a finding can be in a structure: what is usual in a bone or node, in any of these."""
    there = composed(concept, (path,))
    if there.place == _NODE or belongs(there, path):
        return True
    return there.place.startswith(_BONES) and path.startswith(_BONES)


def composed(concept: Concept, places: tuple[str, ...]) -> Concept:
    """Return what a general concept is at these places: an enlarged heart is cardiomegaly."""
    if concept.name not in vocabulary().composed:
        return concept
    return _particular(concept.name, places) or concept


@lru_cache(maxsize=4_000)
def particulars(general: str) -> frozenset[str]:
    """Return the names of what a general word can be at some place."""
    return frozenset(concept.name for _, concept in vocabulary().composed.get(general, ()))


@lru_cache(maxsize=4_000)
def particulars_and_generals(name: str) -> frozenset[str]:
    """Return the names of what a word can be at some place, and of the general words that can be it."""
    generals = [general for general in vocabulary().composed if name in particulars(general)]
    return particulars(name).union(generals)


@lru_cache(maxsize=20_000)
def _particular(general: str, places: tuple[str, ...]) -> Concept | None:
    there = wholes_of(places) or {"*"}
    return next((particular for place, particular in vocabulary().composed[general] if place in there), None)


def usual(concept: Concept) -> tuple[str, ...]:
    """Return where a concept usually is, as places; the aorta is a vessel."""
    if concept.place == "vessel":
        return _VESSELS
    return (concept.place,) if concept.place else ()
