"""A sentence while it is being read: its phrases, and its findings as far as they are known."""

from __future__ import annotations

from itertools import accumulate, repeat
from operator import add, sub
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.kinds import SIDES
from medbench.scoring.extraction.vocabulary.kin import DESCRIPTORS, NORMAL

if TYPE_CHECKING:
    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.phrases.phrases import Phrases

TAKEN: Final = "taken"
"""Stands for the side of a place that has its own: that side isn't an attribute by itself."""
_WORDS: Final = 0.5
_JOINTS: Final = {",": 3.0, "and": 2.0, "in": 0.0}
"""Added by a comma, 'and', a preposition to the distance between two phrases; any other adds `_WORDS`."""


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
