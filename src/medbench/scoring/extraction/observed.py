"""One finding of a text: the concept, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from medbench.scoring.extraction.vocabulary.entries import Concept

Presence = Literal["present", "absent", "uncertain", "past"]
"""'past' is resolved, healed, removed or history."""
Side = Literal["", "left", "right", "both"]


class Finding(NamedTuple):
    """One atomic observation in a text. What the text doesn't say is empty, None or 0."""

    concept: Concept
    """The thing that was found, or looked for."""
    presence: Presence
    """True of the image now, not, perhaps, or once."""
    side: Side = ""
    """Left, right or both."""
    places: tuple[str, ...] = ()
    """Where, as paths such as 'chest/lung/upper'."""
    size_mm: float | None = None
    """The largest extent given."""
    severity: int = 0
    """1 mild, 2 moderate, 3 severe."""
    number: int = 0
    """1 one, 2 two, 3 more."""
    change: str = ""
    """'new', 'worse', 'better' or 'same'."""
    sequence: str = ""
    """'t1' or 't2' for a signal."""
    words: str = ""
    """The words that name it, as the vocabulary reads them."""
    span: tuple[int, int] = (0, 0)
    """First and last character (exclusive) of the sentence that it came from."""
    is_conclusion: bool = False
    """True if the text says that what it describes is this: 'consistent with'."""
    emphasis: int = 0
    """1 for what the text concludes, -1 for what it brings in beside something else, -2 if incidental."""
    on_film: bool = False
    """True if a radiograph shows it, in a text that goes on with CT or MR."""

    @property
    def is_normal(self) -> bool:
        """True if it says that a place is as it should be, rather than that one thing is absent."""
        return self.presence == "absent" and self.concept.name == "abnormality"


POSITIVE: Final = frozenset({"present", "uncertain"})
"""Presences of a finding that may be there now."""
