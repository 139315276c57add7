"""Places and findings that a row names by one word alone: 'right upper and left lower lobes'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.phrases.longest import phrases_in
from medbench.scoring.extraction.phrases.neighbours import before_sides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.phrases.phrases import Phrases
    from medbench.scoring.extraction.vocabulary.entries import Concept, Place

PART_WORDS: Final = frozenset(
    {"upper", "middle", "mid", "lower", "anterior", "posterior", "medial", "lateral", "superior", "inferior",
     "internal", "external", "ascending", "transverse", "descending", "proximal", "distal", "first", "second",
     "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"}
)  # fmt: skip
"""Words that tell one part from the next, and with the noun behind the row name a place."""


def complete_rows(phrases: Phrases) -> None:
    """Make a place or finding of every such word before 'and' or a comma and the name of the next."""
    for index in range(len(phrases.kinds) - 1, 1, -1):
        kind, value = phrases.kinds[index], phrases.values[index]
        if kind in {"place", "finding"}:
            noun = phrases.tokens[phrases.starts[index] : phrases.ends[index]]
            at = index
            while (at := _word_before(phrases, at)) and (named := _named(phrases, at, noun, kind)):
                if named is value and kind == "finding":
                    break  # 'Upper and lower GI bleed'.
                phrases.insert(at, kind, named, phrases.starts[at] - 1, phrases.starts[at])


def _word_before(phrases: Phrases, index: int) -> int:
    """Return the joint that leads from such a word, of no other phrase, to a place; 0 where there is none."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    joint = before_sides(phrases, index - 1)
    if kinds[joint] == "and" and kinds[joint - 1] == "," and ends[joint - 1] == starts[joint]:
        if phrases.tokens[starts[joint] - 3 : starts[joint] - 2] != [","]:
            return 0  # 'It is lateral, and the medial meniscus is torn'.
        joint -= 1  # 'The upper, middle, and lower lobes'.
    if kinds[joint] not in {"and", ","} or starts[joint + 1] != ends[joint]:
        return 0
    word = starts[joint] - 1
    return joint if word >= ends[joint - 1] and phrases.tokens[word] in PART_WORDS else 0


def _named(phrases: Phrases, joint: int, name: Sequence[str], kind: str) -> Place | Concept | None:
    """Return what the word before a joint names with the last words of another name, if of that kind."""
    word = phrases.tokens[phrases.starts[joint] - 1]
    for kept in range(1, len(name)):
        words = [word, *name[kept:]]
        read = phrases_in(words)
        if read.kinds[1] == kind and read.starts[1] == 0 and read.ends[1] == len(words):
            named: Place | Concept = read.values[1]
            return named
    return None
