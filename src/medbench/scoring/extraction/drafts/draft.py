"""A finding while it is being read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from medbench.scoring.extraction.phrases.kinds import CHANGES, DEGREES, NUMBERS, SIDES
from medbench.scoring.extraction.places.paths import IMAGES, WHOLE
from medbench.scoring.extraction.vocabulary.kin import NORMAL

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Presence, Side
    from medbench.scoring.extraction.vocabulary.entries import Concept, Place

_MOST_PLACES: Final = 3
_NONE: Final[frozenset[str]] = frozenset()


class Draft:
    """A finding that is being read."""

    __slots__ = (
        "at", "beside", "change", "concept", "dropped", "end", "names_the_last", "number", "placed",
        "places", "presence", "row", "sequence", "severity", "side", "size", "spills", "start", "words",
    )  # fmt: skip

    def __init__(self, concept: Concept, at: int, start: int, end: int, presence: Presence) -> None:
        self.concept = concept
        self.at = at
        """Number of the sentence's phrase that says it."""
        self.start = start
        self.end = end
        self.presence = presence
        self.side: Side = ""
        self.places: tuple[str, ...] = ()
        self.placed: tuple[tuple[str, str], ...] = ()
        """Its places, each with the side that it is on."""
        self.beside: frozenset[str] = _NONE
        """Those of its places that it is not in, but lies beside."""
        self.spills: tuple[str, ...] = ()
        """Those of its places into which it goes on, which is a finding of its own."""
        self.size: float | None = None
        self.severity = self.number = 0
        self.change = self.sequence = self.words = ""
        self.dropped = False
        self.row: tuple[tuple[str, str], ...] = ()
        """Places that 'and' joins, each with the side that it is on: 'metastases in the liver and spleen'."""
        self.names_the_last = False
        """True if it says what the finding before it means: 'consistent with'."""

    def take(self, kind: str, value: Any, side: str = "") -> None:
        """Add an attribute; the first degree, number and change count.

        Args:
            kind: The kind of its phrase.
            value: The place, or the size in mm, that it gives.
            side: The side that stands before a place.
        """
        if kind == "place":
            place: Place = value
            side = side or place.side
            path = WHOLE if place.path == IMAGES else place.path
            if path not in self.places and len(self.places) < _MOST_PLACES:
                self.places += (path,)
                self.placed += ((path, side),)
            elif side and path in self.places and (path, side) not in self.placed:
                self.placed += ((path, side),)  # 'The left upper, right upper and right lower lobes'.
            if side:
                self._take_side(side)
        elif kind in SIDES:
            self._take_side(kind)
        elif kind == "size":
            self.size = max(self.size or 0.0, value)
        elif kind in DEGREES:
            self.severity = self.severity or DEGREES[kind]
        elif kind in NUMBERS:
            self.number = self.number or NUMBERS[kind]
        elif kind in CHANGES:
            self.change = self.change or kind
        else:
            self.sequence = self.sequence or kind

    @classmethod
    def normal(cls, place: Place, side: str, at: int, start: int, end: int) -> Draft:
        """Return the finding that a place is normal, which is said by the phrase of that number."""
        draft = cls(NORMAL, at, start, end, "absent")
        draft.take("place", place, side)
        draft.places += (place.also,) if place.also else ()
        draft.words = "normal"
        return draft

    def twin(self) -> Draft:
        """Return another finding of which the same was read so far."""
        twin = Draft(self.concept, self.at, self.start, self.end, self.presence)
        twin.side, twin.places, twin.placed, twin.beside = self.side, self.places, self.placed, self.beside
        twin.size, twin.severity, twin.number = self.size, self.severity, self.number
        twin.change, twin.sequence, twin.words = self.change, self.sequence, self.words
        twin.spills = self.spills
        twin.dropped, twin.names_the_last, twin.row = self.dropped, self.names_the_last, self.row
        return twin

    def _take_side(self, side: str) -> None:
        """Add a side; two different ones are both."""
        self.side = cast("Side", side) if self.side in {"", side} else "both"
