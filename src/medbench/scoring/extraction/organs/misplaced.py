"""Makes findings of organs where they do not belong: 'the stomach is in the left chest'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.kinds import SIDES
from medbench.scoring.extraction.places.paths import within
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases

_HOLLOW: Final = ("abdomen/bowel", "abdomen/stomach", "abdomen/peritoneum")
_SOLID: Final = ("abdomen/spleen", "abdomen/liver")
_GROIN: Final = ("abdomen/wall/inguinal", "pelvis/scrotum")
_MISPLACED: Final[tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...]] = (
    ((*_HOLLOW, *_SOLID), ("chest",), "diaphragmatic hernia"),
    (_HOLLOW, _GROIN, "inguinal hernia"),
    (_HOLLOW, ("abdomen/wall",), "ventral hernia"),
    (("urinary/kidney",), ("pelvis",), "pelvic kidney"),
    (("pelvis/scrotum",), ("abdomen/wall/inguinal", "abdomen"), "undescended testis"),
    (("abdomen/liver",), ("abdomen/left upper",), "left sided liver"),
    (("abdomen/spleen",), ("abdomen/right upper",), "right sided spleen"),
    (
        ("abdomen/bowel/colon/cecum",),
        ("abdomen/left upper", "abdomen/left lower", "abdomen/right upper"),
        "abnormal bowel position",
    ),
)
"""Organs, where they are not at home, and what it is if they are there."""
_ON_OTHER_SIDE: Final[tuple[tuple[tuple[str, ...], str, str], ...]] = (
    (("abdomen/liver", "abdomen/gallbladder"), "left", "left sided liver"),
    (("abdomen/stomach",), "right", "right sided stomach"),
    (("abdomen/spleen",), "right", "right sided spleen"),
    (("chest/heart",), "right", "dextrocardia"),
    (("vessel/ivc",), "left", "left ivc"),
    (("vessel/svc",), "left", "persistent left superior vena cava"),
    (("aorta/thoracic",), "right", "right aortic arch"),
)
"""Organs, the side that they are not on, and what it is if they are."""
_HALVES: Final = (("abdomen/bowel/small", "right"), ("abdomen/bowel/colon", "left"))
"""Parts of the bowel and the sides on which both are where it is not rotated; one alone may well be there."""
_UNROTATED: Final = "malrotation"
_INSIDE: Final = frozenset({"in", "within", "into", "on", "to"})
_BEING: Final = frozenset(
    {
        "is",
        "are",
        "was",
        "were",
        "lie",
        "lies",
        "points",
        "pointing",
        "seen",
        "located",
        "present",
        "noted",
        "positioned",
    }
)
_SHOWING: Final = frozenset({"bubble", "edge", "tip", "margin", "shadow", "air", "gas", "silhouette"})
"""Words behind an organ for what is seen of it: 'the gastric bubble on the right'."""
_PARTS: Final = frozenset(
    {"loop", "loops", "part", "parts", "portion", "portions", "segment", "segments", "most", "all"}
)
_BETWEEN: Final = (
    _BEING | _SHOWING | {"loop", "loops", "entirely", "also", "the", "a", "contents", "fat", "extending"}
)


def find_misplaced(phrases: Phrases, tokens: Sequence[str]) -> bool:
    """Make a finding of what leads from an organ to where it does not belong; return True for any."""
    kinds, values = phrases.kinds, phrases.values
    found, halves = False, set()
    for index in range(2, len(kinds) - 1):
        if kinds[index] != "in" or values[index].word not in _INSIDE:
            continue
        organ = _organ_before(phrases, index, tokens)
        if organ < 0:
            continue
        seen = phrases.starts[index] > phrases.ends[organ] or tokens[phrases.ends[organ] - 1] in _SHOWING
        place, side = _where(phrases, index)
        name = _name_of(values[organ].path, place, side, said=seen)
        halves |= {half for half in _HALVES if half[1] == side and within(values[organ].path, half[0])}
        if len(halves) == len(_HALVES) and "finding" not in kinds:
            name = _UNROTATED
        if name:
            kinds[index], values[index] = "finding", vocabulary().concepts[name]
            found = True
    return found


def _organ_before(phrases: Phrases, index: int, tokens: Sequence[str]) -> int:
    """Return the organ that a preposition stands behind, with nothing but being between; -1 without one."""
    at = index - 1
    while phrases.kinds[at] == "verb":
        at -= 1
    if phrases.kinds[at] != "place":
        return -1
    if phrases.kinds[at - 1] == "in" and tokens[phrases.starts[at - 1] - 1] not in _PARTS:
        return -1
    between = tokens[phrases.ends[at] : phrases.starts[index]]
    return at if len(between) <= 4 and _BETWEEN.issuperset(between) else -1


def _where(phrases: Phrases, index: int) -> tuple[str, str]:
    """Return the place and the side right behind a preposition; empty where there is none."""
    side, at = "", index + 1
    while phrases.kinds[at] in SIDES:
        side = phrases.kinds[at]
        at += 1
    near = phrases.starts[at] - phrases.ends[index] <= 3
    return (phrases.values[at].path if phrases.kinds[at] == "place" and near else ""), side


def _name_of(organ: str, place: str, side: str, *, said: bool) -> str:
    """Return what it is if an organ does not belong at a place, or is said to be on a side."""
    for organs, elsewhere, name in _MISPLACED:
        if place and _is_in(organ, organs) and _is_in(place, elsewhere):
            return name
    for those, other, name in _ON_OTHER_SIDE:
        if said and side == other and _is_in(organ, those):
            return name
    return ""


def _is_in(path: str, places: tuple[str, ...]) -> bool:
    return any(within(path, place) for place in places)
