"""A sentence while it is being read: its phrases, and its findings as far as they are known."""

from __future__ import annotations

from itertools import accumulate, repeat
from operator import add, sub
from typing import TYPE_CHECKING, Any, Final, cast

from medbench.scoring.extraction.vocabulary.vocabulary import Concept, Place

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Presence, Side
    from medbench.scoring.extraction.phrases.phrases import Phrases

NORMAL: Final = Concept("abnormality", "actionable", "", "")
"""Absent where a place is said to be normal."""
DEGREES: Final = {"mild": 1, "moderate": 2, "severe": 3}
NUMBERS: Final = {"one": 1, "two": 2, "many": 3}
CHANGES: Final = frozenset({"new", "worse", "better", "same"})
SIDES: Final = frozenset({"left", "right", "both"})
SEQUENCES: Final = frozenset({"t1", "t2"})
PLACED: Final = frozenset({"place", *SIDES})
"""Kinds of attribute that say where."""
ANYWHERE: Final = frozenset({"size", *PLACED})
"""Kinds of attribute that belong to a finding however far it is in the clause."""
ATTRIBUTES: Final = frozenset({*ANYWHERE, *DEGREES, *NUMBERS, *CHANGES, *SEQUENCES})
DESCRIPTORS: Final = frozenset(
    {"enhancement", "signal", "density", "septation", "necrosis", "fat content", "obstructing"}
)
"""Kin that describe another finding: a size or a place in the same clause is rather that one's."""
TRAITS: Final = DESCRIPTORS | {"edema"}
"""Kin whose place, behind the finding that they accompany, is that finding's too."""
WHOLE: Final = "whole"
IMAGES: Final = "images"
"""The study as a place, and its images; only 'normal' can speak of these."""
TAKEN: Final = "taken"
"""Stands for the side of a place that has its own: that side isn't an attribute by itself."""
_MOST_PLACES: Final = 3
_WORDS: Final = 0.5
_JOINTS: Final = {",": 3.0, "and": 2.0, "in": 0.0}
"""Added by a comma, 'and', a preposition to the distance between two phrases; any other adds `_WORDS`."""


class Draft:
    """A finding that is being read."""

    side: Side = ""
    places: tuple[str, ...] = ()
    placed: tuple[tuple[str, str], ...] = ()
    """Its places, each with the side that it is on."""
    beside: frozenset[str] = frozenset()
    """Those of its places that it is not in, but lies beside."""
    size: float | None = None
    severity = 0
    number = 0
    change = ""
    sequence = ""
    words = ""
    dropped = False
    listed = False
    """True if 'and' joins two of its places: 'metastases in the liver and spleen'."""
    names_the_last = False
    """True if it says what the finding before it means: 'consistent with'."""

    def __init__(self, concept: Concept, at: int, start: int, end: int, presence: Presence) -> None:
        self.concept = concept
        self.at = at
        """Number of the sentence's phrase that says it."""
        self.start = start
        self.end = end
        self.presence = presence

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
        twin.dropped, twin.names_the_last, twin.listed = self.dropped, self.names_the_last, self.listed
        return twin

    def _take_side(self, side: str) -> None:
        """Add a side; two different ones are both."""
        self.side = cast("Side", side) if self.side in {"", side} else "both"


class Sentence:
    """State that the clauses of one sentence share."""

    __slots__ = (
        "_offsets", "aside", "conditional", "differing", "drafts", "images_said", "listing", "loose_size",
        "phrases", "sides", "signs", "statement", "teaching", "unsure",
    )  # fmt: skip

    def __init__(self, phrases: Phrases, kinds: set[str]) -> None:
        """Begin with no finding.

        Args:
            phrases: Those of the sentence.
            kinds: The kinds of phrase that are among them.
        """
        self.phrases = phrases
        self.sides = {} if SIDES.isdisjoint(kinds) else _sides_of_places(phrases)
        """A place to the side that stands right before it; that side itself to 'taken'."""
        self.drafts: list[Draft] = []
        """The findings of the clauses read so far."""
        self.loose_size: float | None = None
        """A size that belongs to none of them."""
        self.statement: list[Draft] = []
        """The findings of the last statement that had any."""
        self.images_said = False
        """True once it has named its images."""
        self.listing = False
        """True once it lists what is not sure: 'the differential includes'."""
        self.differing = False
        """True while such a list is announced: 'the differential for the mass'."""
        self.aside = False
        """True if it speaks of something else than the image."""
        self.signs = self.teaching = False
        """True behind 'signs of', 'typical signs of': what they include, or are, is not said of the image."""
        self.conditional = False
        """True if what it calls a finding is that only under a condition."""
        self.unsure = False
        """True if the next clause begins in doubt: 'may be changes associated with …'."""
        self._offsets: list[float] = []

    def last_thing(self) -> Draft | None:
        """Return the last finding so far that can have a size, rather than describe what has one."""
        for draft in reversed(self.drafts):
            if draft.concept is not NORMAL and draft.concept.kin not in DESCRIPTORS:
                return draft
        return None

    def thing_named(self, kin: str) -> Draft | None:
        """Return the finding that a name of this kin is for: the last thing, or a general word with a size.

        'A 5 cm mass with a calcified nodule, consistent with teratoma' names the mass.
        """
        last = self.last_thing()
        if last is None or last.size:
            return last if last is None or last.concept.kin == kin else self._general(kin) or last
        sized = (draft for draft in self.drafts if draft.size and draft.concept.is_general)
        return next((draft for draft in sized if draft.concept.kin == kin), last)

    def _general(self, kin: str) -> Draft | None:
        """Return the last general word of a kin: 'a mass that widens the canal, typical of a neuroma'."""
        of_kin = (draft for draft in reversed(self.drafts) if draft.concept.kin == kin != "")
        return next((draft for draft in of_kin if draft.concept.is_general), None)

    def offsets(self) -> list[float]:
        """Return how far each phrase is from the start: words, commas and joints between."""
        if not self._offsets:
            phrases = self.phrases
            words_before = map(sub, phrases.starts, (0, *phrases.ends))
            joints_before = (0.0, *map(_JOINTS.get, phrases.kinds, repeat(_WORDS)))
            self._offsets = [*accumulate(map(add, words_before, joints_before))]
        return self._offsets


def _sides_of_places(phrases: Phrases) -> dict[int, str]:
    sides: dict[int, str] = {}
    kinds = phrases.kinds
    for index, kind in enumerate(kinds):
        if kind == "place":
            before = kinds[index - 1]
            if before in SIDES and phrases.starts[index] - phrases.ends[index - 1] <= 1:
                sides[index - 1] = TAKEN
                sides[index] = before
    return sides
