"""The phrases of the vocabulary in the tokens of a sentence, longest first, with the sizes between them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from medbench.scoring.extraction.spelling import spelled
from medbench.scoring.extraction.vocabulary import Cue, Entry, Node, first_step, vocabulary
from medbench.scoring.extraction.words import millimetres

if TYPE_CHECKING:
    from collections.abc import Sequence

END = "|"
"""The kind of what stands before the first phrase of a sentence and behind its last."""


class Phrases:
    """The phrases, sizes and marks of a sentence between two ends; each list has one item for each."""

    __slots__ = ("ends", "kinds", "starts", "values")

    def __init__(self) -> None:
        self.kinds = [END]
        """'finding', 'place', 'size', the kind of a cue, the mark itself, or the end of a sentence."""
        self.values: list[Any] = [None]
        """The meaning: a concept, a place, a cue, or millimetres."""
        self.starts = [-1]
        """The first token."""
        self.ends = [0]
        """The token behind the last."""

    def last_size(self, among: Sequence[int]) -> float | None:
        """Return the last size among some phrases, in mm."""
        return next((self.values[index] for index in reversed(among) if self.kinds[index] == "size"), None)


_SIDES = frozenset({"left", "right"})
_JOINING = frozenset({"and", "or", ","})
"""Words behind a name that go on with its places: 'fractures of the left clavicle and the right femur'."""
_STOP = Node()
_STOP.entry = Entry(END, Cue(END, END))


# Texts have few distinct words, many times.
@lru_cache(maxsize=50_000)
def _word(token: str) -> tuple[str, Node | None]:
    """Return a token as the vocabulary spells it, and its step of the tree if a phrase begins with it."""
    word = spelled(token)
    return word, first_step(word) if word in vocabulary().phrases else None


def phrases_in(tokens: Sequence[str]) -> Phrases:
    """Return the phrases in a row of tokens, the longest first."""
    known = [*map(_word, tokens), (END, _STOP)]
    phrases = Phrases()
    add_kind, add_value = phrases.kinds.append, phrases.values.append
    add_start, add_end = phrases.starts.append, phrases.ends.append
    end = 0
    for start, (_, node) in enumerate(known):
        if node is None or start < end:
            continue
        entry, stop, side = _longest(known, start, node) if node.steps else (node.entry, start + 1, "")
        if entry is not None:
            end = stop
            size = entry.kind == "size"
            value: Any = (
                millimetres(tokens[start], grown=known[start - 1][0] == "from") if size else entry.value
            )
            if side:
                add_kind(side)
                add_value(Cue(side, side))
                add_start(start)
                add_end(start)
            # A size without a value is that of an earlier study.
            if value is not None:
                add_kind(entry.kind)
                add_value(value)
                add_start(start)
                add_end(end)
    return phrases


def _longest(
    known: Sequence[tuple[str, Node | None]], start: int, node: Node
) -> tuple[Entry | None, int, str]:
    """Return the meaning of the longest phrase from a word on, the token behind it, and a side within it.

    Args:
        known: The words of the sentence, each with its step of the tree.
        start: Number of the first word.
        node: Its step.
    """
    fillers = vocabulary().fillers
    entry, steps, at = node.entry, node.steps, start + 1
    stop, side, within = at, "", ""
    while steps:
        word = known[at][0]
        if word not in steps:
            if node.bends:
                # 'Not clearly seen', 'cannot be entirely excluded'.
                while word in fillers or word[-2:] == "ly":
                    at += 1
                    word = known[at][0]
            elif word in _SIDES and not within:
                # 'A bifid left ureter': the name, and its side.
                within = word
                at += 1
                word = known[at][0]
        following = steps.get(word)
        if following is None:
            break
        node = following
        at += 1
        if node.entry is not None and (not within or _is_sided(node.entry, known[at][0])):
            entry, stop, side = node.entry, at, within
        steps = node.steps
    return entry, stop, side


def _is_sided(entry: Entry, following: str) -> bool:
    return entry.kind == "finding" and following not in _JOINING
