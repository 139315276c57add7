"""Compares places, which are paths such as 'chest/lung/upper'."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.scoring.extraction.vocabulary.entries import Concept

WHOLE: Final = "whole"
IMAGES: Final = "images"
"""The study as a place, and its images; only 'normal' can speak of these."""
VAGUE: Final = frozenset(
    {"whole", "chest", "abdomen", "pelvis", "bone", "joint", "vessel", "urinary", "muscle", "spine"}
)
"""Places that say nothing beside a narrower one."""
_ORGANS: Final = ("abdomen/", "brain", "chest/", "lymph node", "urinary/")
_HEMISPHERE: Final = "brain/hemisphere"
_LOBES: Final = ("brain/frontal", "brain/parietal", "brain/temporal", "brain/occipital", "brain/insula")
_UNPAIRED: Final = VAGUE | {"chest/heart", "brain", "abdomen/liver", "neck/thyroid"}
"""Places whose parts need not be on the side that is said of them."""
_WHOLE_ORGANS: Final = frozenset(
    {"brain", "spine", "skull", "face", "orbit", "neck", "muscle", "aorta", "lymph node"}
)
_ACROSS: Final = (
    "brain/hemisphere", "brain/white matter", "brain/cortex", "brain/sulcus", "brain/meninges",
    "brain/extra-axial", "spine/canal", "spine/disc", "spine/foramen",
    "abdomen/bowel/wall",
)  # fmt: skip
"""Parts that lie across lobes and levels, so that neither excludes the other."""
_CEREBRUM: Final = (
    *_LOBES, _HEMISPHERE, "brain/white matter", "brain/cortex", "brain/sulcus", "brain/frontoparietal",
    "brain/temporoparietal",
)  # fmt: skip
_RUNS_IN: Final = {
    "bone/ulna/coronoid": ("joint/elbow",),
    "brain/cavernous sinus": ("vessel/intracranial", "skull/base", "brain/cranial nerve"),
    "brain/cranial nerve": (
        "brain/cavernous sinus", "brain/meninges", "brain/posterior fossa", "brain/extra-axial", "skull",
        "face", "orbit", "neck", "muscle/nerve",
    ),
    "muscle/nerve": (
        "muscle", "limb", "joint", "pelvis", "neck", "chest/axilla", "chest/wall", "abdomen/retroperitoneum",
    ),
    "vessel/bronchial": ("chest/lung", "chest/bronchus", "chest/mediastinum", "chest/pleura"),
}  # fmt: skip
"""What runs from one part of the body to the next, or ends in it, to the parts that it runs in."""
_ONE_STRUCTURE: Final = frozenset({"spine", "aorta", "neck", "lymph node"})
_OF_SEVERAL: Final = (
    "abdomen/bowel/", "bone/foot/", "bone/wrist/", "brain/posterior fossa/", "joint/knee/", "joint/shoulder/",
    "vessel/portal/",
)  # fmt: skip
"""Beginnings of places in one structure, of all levels in one, and of places whose last step is one."""


def within(path: str, other: str) -> bool:
    """Return True if a place lies in another one, or is it."""
    return path.startswith(other) and (len(path) == len(other) or path[len(other)] == "/")


@lru_cache(maxsize=4_000)
def wholes(path: str) -> frozenset[str]:
    """Return a place with all that it lies in: 'chest/lung', 'chest'."""
    steps = path.split("/")
    return frozenset(["/".join(steps[:count]) for count in range(1, len(steps) + 1)])


def wholes_of(places: Iterable[str]) -> set[str]:
    """Return places with all that they lie in."""
    return {whole for path in places for whole in wholes(path)}


@lru_cache(maxsize=20_000)
def touch(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Return True if a place of one side lies in one of the other, either way."""
    return not (wholes_of(first).isdisjoint(second) and wholes_of(second).isdisjoint(first))


@lru_cache(maxsize=20_000)
def runs_in(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Return True if a nerve or vessel of one side runs in a place of the other, either way."""
    return any(
        within(other, part) or within(part, other)
        for ways in ((first, second), (second, first))
        if all(at in _RUNS_IN for at in ways[0])
        for at in ways[0]
        for part in _RUNS_IN[at]
        for other in ways[1]
    )


@lru_cache(maxsize=20_000)
def same_organ(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Return True if a place of one side is in the same organ as one of the other."""
    return any(organ(a) == organ(b) for a in first for b in second)


@lru_cache(maxsize=20_000)
def crosses(places: tuple[str, ...]) -> bool:
    """Return True if all places are parts that lie across lobes and levels."""
    return not any(wholes(path).isdisjoint(_ACROSS) for path in places)


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
    """True if places without 'bone' are in organs."""
    return all(path == "bone" or path.startswith(_ORGANS) for path in places)


@lru_cache(maxsize=4_000)
def organ(path: str) -> str:
    """Return the organ of a place: 'chest/lung' of 'chest/lung/upper', 'brain' of 'brain/frontal'."""
    parts = path.split("/")
    return parts[0] if parts[0] in _WHOLE_ORGANS else "/".join(parts[:2])


@lru_cache(maxsize=4_000)
def structure(path: str) -> str:
    """Return what a reader counts as one thing: an organ, a bone, a vessel, a tendon, a part of the brain."""
    if path.startswith(_CEREBRUM):
        return _HEMISPHERE
    parts = path.split("/")
    if parts[0] in _ONE_STRUCTURE:
        return parts[0]
    return "/".join(parts[: 3 if path.startswith(_OF_SEVERAL) else 2])


def region(path: str) -> str:
    """Return the first step of a place."""
    return path.partition("/")[0]
