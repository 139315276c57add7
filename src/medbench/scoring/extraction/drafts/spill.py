"""What goes on into another space: blood in the ventricles, a tumor in vessels or the heart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from medbench.scoring.extraction.phrases.neighbours import before_sides
from medbench.scoring.extraction.places.concepts import usual
from medbench.scoring.extraction.places.paths import VAGUE, organ, touch
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.observed import Side
    from medbench.scoring.extraction.phrases.phrases import Phrases

_VENTRICLE: Final = "brain/ventricle"
_BLEED: Final = "intracranial hemorrhage"
_SPILL: Final = "intraventricular hemorrhage"
_INTO: Final = frozenset({"into", "extending"})
_INVOLVING: Final = frozenset({"involve", "involving", "involves", "invading"})
_INVOLVEMENT: Final = "involvement"
_NOWHERE: Final = VAGUE - {"muscle", "spine"}
"""Places that say of no organ that a tumor grows there."""
_SPREAD: Final = "metastasis"
"""A tumor that is in an organ by itself, and not because another one has grown there."""
_GROWING: Final = ("extend", "extens", "invad", "infiltrat", "grow", "spread")
"""Beginnings of words before 'into' for a tumor that is in one organ and in the next."""
_NEAR: Final = 2
"""Most words between such a word and 'into'."""
_CYST: Final = "lesion/cyst"
_BENIGN: Final = "benign"
_SPACES: Final = ("spine/canal", "spine/foramen", "brain/cavernous sinus")
"""Beginnings of places beside a tumor of the same organ that are told as a growth of their own."""
_LESION: Final = "lesion"
_INVASION: Final = "invasion"
_LUMENS: Final = (
    "vessel/portal",
    "vessel/hepatic vein",
    "vessel/ivc",
    "vessel/renal",
    "vessel/svc",
    "chest/heart",
)
"""Beginnings of the places of what a tumor grows into."""


def is_spilled(phrases: Phrases, index: int, draft: Draft) -> bool:
    """Return True for a ventricle into which a bleed extends, and for a vessel into which a tumor does."""
    if draft.concept.kin == _LESION:
        return _is_grown_into(phrases, index, draft)
    if draft.concept.kin != "hemorrhage" or not in_ventricle(phrases.values[index].path):
        return False
    before = before_sides(phrases, index - 1)
    into = phrases.kinds[before] == "in" and phrases.values[before].word in _INTO
    return into or (phrases.kinds[before] == "and" and bool(draft.places))


def _is_grown_into(phrases: Phrases, index: int, draft: Draft) -> bool:
    """True for a vessel or another organ that a tumor extends into or involves, or one listed with it."""
    path = phrases.values[index].path
    known = draft.places or usual(draft.concept)
    if draft.start > phrases.starts[index] or not known:
        return False
    before = before_sides(phrases, index - 1)
    if draft.spills and phrases.kinds[before] in {",", "and"}:
        return in_lumen(path) or not (path in _NOWHERE or touch((path,), known))
    elsewhere = draft.concept.name != _SPREAD and _is_elsewhere(path, known)
    if not (elsewhere or in_lumen(path)):
        return False
    if phrases.kinds[before] == "in":
        word = phrases.values[before].word
        involved = word in _INVOLVING or phrases.tokens[phrases.starts[before] - 1] == _INVOLVEMENT
        involved |= not _is_harmless(draft) and _extends(phrases, before)
        return (elsewhere and involved) or (in_lumen(path) and word in _INTO)
    return False


def _is_harmless(draft: Draft) -> bool:
    """True for what may extend into a space without growing into anything: a cyst, a benign thing."""
    return draft.concept.nature == _BENIGN or draft.concept.family.startswith(_CYST)


def _extends(phrases: Phrases, at: int) -> bool:
    """True for 'into' behind a word that says that a tumor extends: 'with extension into the orbit'."""
    if phrases.kinds[at + 1 : at + 3] == ["place", "place"]:
        return False  # 'Into the occipital calvarium'.
    words = phrases.tokens[max(0, phrases.starts[at] - _NEAR) : phrases.ends[at]]
    return words[-1] == "into" and any(word.startswith(_GROWING) for word in words)


def _is_elsewhere(path: str, known: tuple[str, ...]) -> bool:
    """True for a place in another organ than those that are known of a tumor, and within none of these."""
    if path.startswith(_SPACES):
        return not touch((path,), tuple([place for place in known if place not in VAGUE]))
    if path in _NOWHERE or VAGUE.issuperset(known):
        return False
    return all(organ(path) != organ(place) and not touch((path,), (place,)) for place in known)


def in_lumen(path: str) -> bool:
    """Return True for a vein that tumors grow into, and for the heart."""
    return path.startswith(_LUMENS)


def in_ventricle(path: str) -> bool:
    """Return True for a ventricle of the brain."""
    return path.startswith(_VENTRICLE)


def with_spill(draft: Draft) -> Iterator[Draft]:
    """Yield a bleed and the blood in the ventricles apart from it, or a tumor and its growth into vessels."""
    grows = draft.concept.kin == _LESION
    spilled = draft.spills if grows else tuple(path for path in draft.places if in_ventricle(path))
    rest = tuple(path for path in draft.places if path not in spilled)
    if rest or grows or draft.concept.name == _BLEED:
        second = draft.twin()
        second.concept = vocabulary().concepts[_INVASION if grows else _SPILL]
        second.places, second.size, second.beside = spilled, None, frozenset()
        second.row = tuple([placed for placed in draft.row if placed[0] in spilled])
        draft.places = rest
        for one in (draft, second):
            on = {side for path, side in draft.placed if path in one.places and side}
            one.side = cast("Side", on.pop() if len(on) == 1 else one.side)
        yield draft
        draft = second
    yield draft
