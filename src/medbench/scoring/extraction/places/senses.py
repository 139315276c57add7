"""Words for a part that several organs have: the cortex of the brain, of a bone or of the kidney.

The organ is that of the nearest other place in the sentence, else of a finding in it that has a usual place,
else of what the text spoke of before; compose.txt says what the word is then. Words that only look like a
side or a place are taken out: 'both solid and cystic', 'kidney-shaped'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.paths import within
from medbench.scoring.extraction.vocabulary.vocabulary import Place, vocabulary
from medbench.scoring.extraction.words.tokens import MARKS, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases

_SHAPED: Final = frozenset({"shaped", "like"})
"""Words behind a place that make it a likeness."""
LIKENESSES: Final = _SHAPED | {"both", "either", "each"}
_PAIRED: Final = {"both": "and", "either": "or"}
_LONGEST_PAIR: Final = 6
_LONGEST_SIDES: Final = 9
"""Most words from 'both' to 'and', and to the second of two sides."""
_SIDES: Final = ("left", "right")


def settle(phrases: Phrases) -> None:
    """Make a place of every word with several senses: the part that it is, or itself if nothing says."""
    known = [*zip(phrases.kinds, phrases.values, phrases.starts, strict=True)]
    places = [(start, value.path) for kind, value, start in known if kind == "place"]
    usual = [(start, value.place) for kind, value, start in known if kind == "finding"]
    for index, (kind, value, start) in enumerate(known):
        if kind == "sense":
            word = value.path
            path = part_of(word, _nearest(start, places)) or part_of(word, _nearest(start, usual))
            phrases.kinds[index], phrases.values[index] = "place", Place(path or word, "")


def part_of(word: str, organs: Iterable[str]) -> str:
    """Return the part that a word means beside these places; empty where they say nothing of it."""
    senses = vocabulary().senses[word]
    for path in organs:
        for organ, part in senses.items():
            if path and within(path, organ):
                return part
    return ""


def _nearest(at: int, places: list[tuple[int, str]]) -> list[str]:
    return [path for _, path in sorted(places, key=lambda place: abs(place[0] - at))]


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
