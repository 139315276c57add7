"""A sentence while it is being read: its phrases, and its findings as far as they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from medbench.scoring.extraction.vocabulary import Concept, Place

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Presence, Side
    from medbench.scoring.extraction.phrases import Phrases

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
TAKEN = "taken"
"""Stands for the side of a place that has its own: that side is no attribute by itself."""
_MOST_PLACES = 3
_WORDS = 0.5
_BETWEEN = {",": 3.0, "and": 2.0, "in": 0.0}
"""What a comma, 'and', a preposition add to the distance between two phrases; any other adds `_WORDS`."""


class Draft:
    """A finding that is being read."""

    __slots__ = (
        "at",
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

    def __init__(self, concept: Concept, at: int, start: int, end: int, presence: Presence) -> None:
        self.concept = concept
        self.at = at
        """Which of the sentence's phrases says it."""
        self.start = start
        self.end = end
        self.presence = presence
        self.side: Side = ""
        self.places: tuple[str, ...] = ()
        self.size: float | None = None
        self.severity = 0
        self.number = 0
        self.change = ""
        self.sequence = ""
        self.words = ""
        self.dropped = False

    def take(self, kind: str, value: Any, side: str = "") -> None:
        """Add what an attribute says; the first degree, number and change count.

        Args:
            kind: What kind of attribute it is.
            value: The place or the size that it gives.
            side: The side that stands before a place.
        """
        if kind == "place":
            place: Place = value
            path = WHOLE if place.path == IMAGES else place.path
            if not self.places:
                self.places = (path,)
            elif path not in self.places and len(self.places) < _MOST_PLACES:
                self.places += (path,)
            side = side or place.side
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

    def _take_side(self, side: str) -> None:
        """Add a side; two different ones are both."""
        self.side = cast("Side", side) if self.side in {"", side} else "both"


class Sentence:
    """What the clauses of one sentence share."""

    __slots__ = ("_along", "before", "drafts", "first", "last", "loose", "said", "sides")

    def __init__(self, said: Phrases, first: int, last: int) -> None:
        self.said = said
        """The phrases of the text; before the sentence's first and behind its last stands an end."""
        self.first = first
        self.last = last
        """The phrase behind the last."""
        self.sides = _sides_of_places(said, first, last)
        """A place to the side that stands right before it; that side itself to 'taken'."""
        self.drafts: list[Draft] = []
        self.loose: float | None = None
        """A size that belongs to no finding."""
        self.before: list[Draft] = []
        """The findings of the last statement that had any."""
        self._along: list[float] = []

    def thing(self) -> Draft | None:
        """The last finding so far that can have a size, rather than describe what has one."""
        for draft in reversed(self.drafts):
            if draft.concept is not NORMAL and draft.concept.kin not in DESCRIPTORS:
                return draft
        return None

    def along(self) -> list[float]:
        """How far each phrase is from the start of the sentence: words, commas and joints between."""
        if not self._along:
            said, far, before = self.said, 0.0, 0
            for at in range(self.first, self.last):
                start = said.starts[at]
                far += start - before
                self._along.append(far)
                far += _BETWEEN.get(said.kinds[at], _WORDS)
                before = said.ends[at]
        return self._along


def _sides_of_places(said: Phrases, first: int, last: int) -> dict[int, str]:
    sides: dict[int, str] = {}
    kinds = said.kinds
    if SIDES.isdisjoint(kinds[first:last]):
        return sides
    for index in range(first, last):
        before = kinds[index - 1]
        if kinds[index] == "place" and before in SIDES and said.starts[index] - said.ends[index - 1] <= 1:
            sides[index - 1] = TAKEN
            sides[index] = before
    return sides
