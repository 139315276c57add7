"""A finding while its sentence is being read: what is known of it so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from medbench.scoring.finding.vocabulary import Concept, Place

if TYPE_CHECKING:
    from medbench.scoring.finding.observed import Item, Presence, Side

NORMAL = Concept("abnormality", "actionable", "", "")
"""What is absent where a place is said to be normal."""
DEGREES = {"mild": 1, "moderate": 2, "severe": 3}
NUMBERS = {"one": 1, "two": 2, "many": 3}
CHANGES = frozenset({"new", "worse", "better", "same"})
SIDES = frozenset({"left", "right", "both"})
SEQUENCES = frozenset({"t1", "t2"})
PLACED = frozenset({"place", *SIDES})
"""Kinds of attribute that say where."""
ANYWHERE = frozenset({"size", *PLACED})
"""Kinds of attribute that belong to a finding however far it is in the clause."""
ATTRIBUTES = frozenset({*ANYWHERE, *DEGREES, *NUMBERS, *CHANGES, *SEQUENCES})
DESCRIPTORS = frozenset({"enhancement", "signal", "density", "septation"})
"""Kin that describe another finding: a size or a place in the same clause is rather that one's."""
TRAITS = DESCRIPTORS | {"edema"}
"""Kin whose place, behind the finding that they accompany, is that finding's too."""
WHOLE, IMAGES = "whole", "images"
"""The study as a place: all of it is normal where it is; and its images, which only 'normal' can speak of."""
_MOST_PLACES = 3


class Draft:
    """A finding that is being read."""

    __slots__ = (
        "change",
        "concept",
        "dropped",
        "end",
        "number",
        "places",
        "presence",
        "sequence",
        "severity",
        "side",
        "size",
        "start",
        "words",
    )

    def __init__(self, concept: Concept, start: int, end: int, presence: Presence = "present") -> None:
        self.concept = concept
        self.start, self.end = start, end
        self.presence = presence
        self.side: Side = ""
        self.places: list[str] = []
        self.size: float | None = None
        self.severity = self.number = 0
        self.change = self.sequence = self.words = ""
        self.dropped = False

    @property
    def is_thing(self) -> bool:
        """Whether it can have a size, rather than describe what has one."""
        return self.concept is not NORMAL and self.concept.kin not in DESCRIPTORS

    def take(self, item: Item, side: str = "") -> None:
        """Add what an attribute says; the first degree, number and change count.

        Args:
            item: The attribute.
            side: The side that stands before a place.
        """
        kind = item.kind
        if kind == "place":
            place = cast("Place", item.value)
            path = WHOLE if place.path == IMAGES else place.path
            if path not in self.places and len(self.places) < _MOST_PLACES:
                self.places.append(path)
            self._take_side(side or place.side)
        elif kind in SIDES:
            self._take_side(kind)
        elif kind == "size":
            self.size = max(self.size or 0.0, cast("float", item.value))
        elif kind in DEGREES:
            self.severity = self.severity or DEGREES[kind]
        elif kind in NUMBERS:
            self.number = self.number or NUMBERS[kind]
        elif kind in CHANGES:
            self.change = self.change or kind
        else:
            self.sequence = self.sequence or kind

    def _take_side(self, side: str) -> None:
        """Add a side; two different ones are both."""
        if side:
            self.side = cast("Side", side) if self.side in {"", side} else "both"
