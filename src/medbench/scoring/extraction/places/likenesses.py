"""Takes out words that only look like a side or a place: 'both solid and cystic', 'kidney-shaped'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.words.forms import canonical
from medbench.scoring.extraction.words.tokens import MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases

_SHAPED: Final = frozenset({"shaped", "like"})
"""Words behind a place that make it a likeness."""
LIKENESSES: Final = _SHAPED | {"both", "either", "each"}
_PAIRED: Final = {"both": "and", "either": "or"}
_LONGEST_PAIR: Final = 6
_LONGEST_SIDES: Final = 9
"""Most words from 'both' to 'and', and to the second of two sides."""
_SIDES: Final = ("left", "right")


def drop_lookalikes(phrases: Phrases, tokens: Sequence[str]) -> None:
    """Take out every 'both' that only joins two words, and every place that is a likeness."""
    for word in sorted(LIKENESSES.intersection(tokens)):
        at = -1
        for _ in range(tokens.count(word)):
            at = tokens.index(word, at + 1)
            _drop_lookalike(phrases, tokens, at)


def _drop_lookalike(phrases: Phrases, tokens: Sequence[str], at: int) -> None:
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    if tokens[at] in _SHAPED:
        index = ends.index(at) if at in ends else 0
        false = kinds[index] == "place"
    else:
        index = starts.index(at) if at in starts else 0
        false = kinds[index] == "both" and (
            # 'Two nodules, each measuring 5 mm'; 'each kidney' is two sides.
            kinds[index + 1] != "place" or starts[index + 1] != ends[index]
            if tokens[at] == "each"
            else _only_joins(tokens, at)
        )
    if false:
        phrases.drop(index)


def _only_joins(tokens: Sequence[str], at: int) -> bool:
    """True for 'both tibia and fibula', 'either benign or malignant'; 'both lungs and' are two sides."""
    joint = _PAIRED.get(tokens[at])
    behind = tokens[at + 1 : at + 1 + _LONGEST_PAIR]
    if joint is None or joint not in behind:
        return False
    between = behind[: behind.index(joint)]
    if not between or (joint == "and" and any(mark in MARKS for mark in between)):
        return False
    if all(side in tokens[at : at + _LONGEST_SIDES] for side in _SIDES):
        return False
    return joint == "or" or all(canonical(word) == word for word in between)
