"""Makes findings of organs that are compared with the other side: 'smaller than the left'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.organs.subject import is_compared, organ_of_side, subject_before
from medbench.scoring.extraction.phrases.kinds import DEGREES, SIDES
from medbench.scoring.extraction.phrases.phrases import END
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases

LARGER: Final = {
    **dict.fromkeys(("smaller", "shorter"), "small size"),
    **dict.fromkeys(("larger", "bigger", "wider", "taller", "broader"), "enlargement"),
    "thinner": "thinning", "thicker": "thickening", "narrower": "narrowing",
}  # fmt: skip
"""Findings of an organ that is more so than that of the other side."""
_EXTENT: Final = frozenset(
    {"in", "and", "flatter", "size", "caliber", "diameter", "volume", "width", "height"})  # fmt: skip
"""Words between such a comparative and 'than'."""
_OTHER: Final = frozenset({"left", "right", "contralateral", "opposite", "other", "counterpart"})
_COMPARING: Final = frozenset({"like", "in", "and", "place", *SIDES})
"""Kinds of what a comparison consists of behind its adjective."""
_REACH: Final = 7  # Words from 'than' to the other side, at most.


def find_comparisons(phrases: Phrases, tokens: Sequence[str]) -> None:
    """Make findings of organs that are compared with the other side: 'smaller than the left'."""
    kinds, values, starts = phrases.kinds, phrases.values, phrases.starts
    for at, word in enumerate(tokens):
        if word not in LARGER:
            continue
        index = next(number for number, end in enumerate(phrases.ends) if end > at)
        than = at + 1
        while than < len(tokens) and tokens[than] in _EXTENT:
            than += 1
        # 'Right larger than left effusions' are on both sides.
        if starts[index] < at or _organ_that_is_more(phrases, index, than, tokens) < 0:
            continue
        while starts[index] == at or (
            starts[index] <= than + _REACH
            and (kinds[index] in _COMPARING or (kinds[index] == "break" and values[index].word == "that"))
        ):
            phrases.drop(index)
        phrases.insert(index, "finding", vocabulary().concepts[LARGER[word]], at, at + 1)


def _organ_that_is_more(phrases: Phrases, index: int, than: int, tokens: Sequence[str]) -> int:
    """Return the organ of which a comparative says that it is more so than on the other side; -1 without one.

    Args:
        phrases: Those of the sentence.
        index: Number of the phrase that begins with it, or of the one behind it.
        than: Where 'than' can stand behind it.
        tokens: Those of the sentence.
    """
    if tokens[than : than + 1] == ["than"]:
        compared = not _OTHER.isdisjoint(tokens[than + 1 : than + _REACH])
        return _compared_organ(phrases, index, tokens) if compared else -1
    if phrases.kinds[index] == END or phrases.starts[index + 1] > than:
        return -1
    if is_compared(phrases, index):
        return _compared_organ(phrases, index, tokens)
    # 'The kidneys differ, the left being smaller'.
    return organ_of_side(phrases, index - 1 if phrases.kinds[index - 1] == "verb" else index)


def _compared_organ(phrases: Phrases, index: int, tokens: Sequence[str]) -> int:
    """Return the organ that a comparative behind a verb, a size or a side alone speaks of; -1 without one."""
    kinds, verb = phrases.kinds, index - 1
    while kinds[verb] in DEGREES or kinds[verb] == "not":
        verb -= 1
    if kinds[verb] in SIDES:
        return organ_of_side(phrases, verb + 1)
    if kinds[verb] != "verb" and tokens[phrases.starts[verb]] not in {"is", "are"}:
        return -1
    subject = verb - 1
    if kinds[subject] == "and" and kinds[subject - 1] == "size":
        # 'The left kidney measures 8 cm and is smaller than the right'.
        subject -= 2
        while kinds[subject] in {"measure", "verb"}:
            subject -= 1
    return subject_before(phrases, subject, tokens)
