"""The tree of phrases: from each first word of the vocabulary to all that may follow it."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.vocabulary.entries import Cue
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary
from medbench.scoring.extraction.words.forms import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.scoring.extraction.vocabulary.entries import Entry

_FILLER: Final = "~"
"""Stands for all fillers."""
SIDES: Final = frozenset({"left", "right"})
"""Words that may stand between the words of a name."""
_NO_ADVERB: Final = ("megaly", "omaly")
"""Endings of findings, as of splenomegaly and anomaly."""


class Node:
    """A step of the tree of phrases: the meaning of the words so far, and the words that may follow."""

    __slots__ = ("bends", "entry", "seconds", "steps")

    def __init__(self) -> None:
        self.bends = False
        """True if fillers may stand before the next word: it is a cue's."""
        self.entry: Entry | None = None
        """None where the words so far are only the beginning of a phrase."""
        self.steps: dict[str, Node] = {}
        """The next word, in its canonical form, to the next step."""
        self.seconds: frozenset[str] = frozenset()
        """Of a first word, all that the second can be where a longer phrase begins."""


@cache
def first_step(word: str) -> Node:
    """Return the step of the tree of phrases that a word of the vocabulary leads to, made when first met."""
    known, first = vocabulary(), Node()
    bending: list[Node] = []
    for name, entry in known.phrases[word]:
        bends = isinstance(entry.value, Cue)
        for words in _spelled_out(name) if bends else (name.split(),):
            node = first
            for following in map(canonical, words[1:]):
                if bends and not node.bends:
                    node.bends = True
                    bending.append(node)
                if following not in node.steps:
                    node.steps[following] = Node()
                node = node.steps[following]
            node.entry = entry
    for node in bending:
        # 'May be' is a cue of its own, and 'may be seen with' still goes on as 'may seen with'.
        for following, after in node.steps.items():
            if is_filler(following):
                after.bends = True
                after.steps = {**node.steps, **after.steps}
    if first.steps:
        inside = {_FILLER} if first.bends else SIDES
        first.seconds = frozenset((*inside, *map(as_second, first.steps)))
    return first


def as_second(word: str) -> str:
    """Return what a word is as the second of a phrase: itself, or any filler."""
    return _FILLER if is_filler(word) else word


def is_filler(word: str) -> bool:
    """Return True if a word may stand between the words of a cue: one of a list, or an adverb."""
    return (word.endswith("ly") and not word.endswith(_NO_ADVERB)) or word in vocabulary().fillers


def _spelled_out(pattern: str) -> Iterator[list[str]]:
    """Yield the words of every phrase that a cue with classes in braces stands for, without inner fillers."""
    classes, fillers = vocabulary().classes, vocabulary().fillers
    for pieces in product(*[classes.get(piece) or [piece] for piece in pattern.split()]):
        first, *more = " ".join(pieces).split()
        yield [first, *[word for word in more[:-1] if word not in fillers], *more[-1:]]
