"""Counts answers about patches: what they show of the way that pixels took, and when they show nothing.

A guesser names each of four places a quarter of the time. The decision note on pixels has the error rates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from medbench.scoring.sight import denies_image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.results.doctor import Answered

TRIALS: Final = 16
"""Pictures of each kind."""
SHOWN: Final = 10
"""Answers of TRIALS that name a place, for it to be seen: a guesser has as many once in 600 times."""
LOST: Final = 7
"""Most answers of TRIALS for what is not seen: who sees it and errs in a fifth has so few once in 680."""
Outcome = Literal["seen", "fault", "lost", "unclear"]
"""The target is named; the decoy is; neither beyond chance; or neither shown nor ruled out."""

_VERTICAL = r"(top|upper|bottom|lower)"
_SIDES = r"(left|right)"
_APART = r"(?:[\s,/-]|hand|most)*"
_PLACE: Final = re.compile(rf"\b{_VERTICAL}{_APART}{_SIDES}\b|\b{_SIDES}{_APART}{_VERTICAL}\b")
_UPPER: Final = frozenset({"top", "upper"})


@dataclass(frozen=True, slots=True)
class PlaceCounts:
    """Counts of the answers to pictures of one kind."""

    asked: int
    """Number of pictures."""
    target: int
    """Answers that name the place which stands out as sent."""
    decoy: int
    """Answers that name the place which stands out after the fault."""
    said: int
    """Answers with any words: one that names no place says that none stands out."""

    @property
    def outcome(self) -> Outcome:
        """Return what they show; nothing is lost where a call failed or an answer is empty."""
        if self.target >= SHOWN:
            return "seen"
        if self.decoy >= SHOWN:
            return "fault"
        return "lost" if self.said == self.asked and self.target <= LOST else "unclear"


def place_in(text: str) -> str | None:
    """Return the one of the four places that an answer names, such as 'top left'; None for none or several.

    Of several that of the last sentence is taken, where it has an only one.
    """
    if denies_image(text):
        return None
    plain = re.sub(r"[*_`#\"'()\[\]]+", " ", text.lower())
    for part in (plain, *[one for one in re.split(r"(?<=[.!?:])\s+|\n+", plain) if one.strip()][-1:]):
        named = {_place(found) for found in _PLACE.findall(part)}
        if len(named) == 1:
            return named.pop()
    return None


def _place(groups: tuple[str, ...]) -> str:
    row, side = (groups[0], groups[1]) if groups[0] else (groups[3], groups[2])
    return f"{'top' if row in _UPPER else 'bottom'} {side}"


def counted_places(answers: Sequence[Answered]) -> PlaceCounts:
    """Return the counts of answers to pictures of one kind."""
    named = [(place_in(answer.text), answer.probe) for answer in answers if answer.text is not None]
    return PlaceCounts(
        asked=len(answers),
        target=sum(place == probe.truth for place, probe in named),
        decoy=sum(place is not None and place == probe.decoy for place, probe in named),
        said=sum(bool((answer.text or "").strip()) for answer in answers),
    )
