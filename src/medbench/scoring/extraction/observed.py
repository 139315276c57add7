"""What a finding in a text is: the concept, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from medbench.scoring.extraction.vocabulary import Concept

Presence = Literal["present", "absent", "uncertain", "past"]
"""'past' is resolved, healed, removed or history."""
Side = Literal["", "left", "right", "both"]


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
    number: int = 0
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


Said = tuple["Concept", Presence, Side, tuple[str, ...], "float | None", int, int, str, str, str]
"""What is said of a finding, wherever it stands: its fields without the last."""


def found_at(said: Said, span: tuple[int, int]) -> Finding:
    """The finding of which this is said, in a sentence that stands there."""
    # Finding(*said, span) gives the same; it takes three times as long.
    return tuple.__new__(Finding, said + (span,))  # noqa: RUF005 - to spread it takes longer too
