"""Subject of a sentence: the place that it starts with, and its side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.scoring.extraction.phrases.kinds import SIDES
from medbench.scoring.extraction.places.paths import IMAGES, WHOLE

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Side
    from medbench.scoring.extraction.phrases.phrases import Phrases


class Subject(NamedTuple):
    """Place and side that findings without a place take over."""

    places: tuple[str, ...] = ()
    side: Side = ""


NOWHERE: Final = Subject()
_STUDY: Final = frozenset({IMAGES, WHOLE})


def subject_of(phrases: Phrases) -> Subject:
    """Return the place that a sentence starts with, before any finding, and its side."""
    side: Any = ""
    for index, kind in enumerate(phrases.kinds):
        if kind == "finding":
            break
        if kind in SIDES:
            side = kind
        elif kind == "place":
            place = phrases.values[index]
            if place.path not in _STUDY:
                return Subject((place.path,), place.side or side)
    return NOWHERE
