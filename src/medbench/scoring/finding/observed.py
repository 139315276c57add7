"""What a finding in a text is: the concept, and what is said of it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from medbench.scoring.finding.vocabulary import Concept, Cue, Place

Presence = Literal["present", "absent", "uncertain", "past"]
"""'past' is resolved, healed, removed or history."""
Side = Literal["", "left", "right", "both"]

NORMAL = Concept("abnormality", "actionable", "", "")
"""What is absent where a place is said to be normal."""


class Finding(NamedTuple):
    """One atomic observation in a text."""

    concept: Concept
    """What it is."""
    presence: Presence
    """Whether it is there."""
    side: Side = ""
    """Which side; empty where none is said."""
    places: tuple[str, ...] = ()
    """Where, as paths such as 'chest/lung/upper'; empty where it is not said."""
    size_mm: float | None = None
    """The largest extent given."""
    severity: int = 0
    """1 mild, 2 moderate, 3 severe; 0 where it is not said."""
    count: int = 0
    """1 one, 2 two, 3 more; 0 where it is not said."""
    change: str = ""
    """'new', 'worse', 'better', 'same'; empty where it is not said."""
    sequence: str = ""
    """'t1' or 't2' for a signal; empty where it is not said."""
    words: str = ""
    """The words that name it, as the vocabulary reads them."""
    span: tuple[int, int] = (0, 0)
    """First and last character (exclusive) of the sentence that it came from."""

    @property
    def is_normal(self) -> bool:
        """Whether it says that a place is as it should be, rather than that one thing is absent."""
        return self.presence == "absent" and self.concept.name == "abnormality"


class Item(NamedTuple):
    """A phrase of the vocabulary, a size or a mark, in a sentence."""

    kind: str
    """'finding', 'place', 'size', the kind of a cue, or the mark itself."""
    value: Concept | Place | Cue | float
    """What it stands for."""
    start: int
    """First token."""
    end: int
    """Token behind the last."""
