"""The phrases of the vocabulary in a row of tokens, longest first, with the sizes and marks between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.scoring.extraction.vocabulary import Node
from medbench.scoring.extraction.words import MARKS, MOST_WORDS, canonical, millimetres

if TYPE_CHECKING:
    from collections.abc import Iterable


END = "|"
"""Stands behind the tokens of each sentence, and in the place of a phrase; it is no token of any text."""


class Phrases:
    """Phrases, sizes and marks in the order of the text, by column: one place of each list is one of them."""

    __slots__ = ("ends", "kinds", "starts", "values")

    def __init__(self, kinds: list[str], values: list[Any], starts: list[int], ends: list[int]) -> None:
        self.kinds = kinds
        """'finding', 'place', 'size', the kind of a cue, the mark itself, or the end of a sentence."""
        self.values = values
        """What each stands for: a concept, a place, a cue, millimetres; nothing for a mark."""
        self.starts = starts
        """First token."""
        self.ends = ends
        """Token behind the last."""


class Meanings(dict[str, "Node | None"]):
    """Token to the step of the vocabulary's tree that it begins with; None for other words. Bounded."""

    def __init__(self, words: dict[str, Node]) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, token: str) -> Node | None:
        if len(self) > MOST_WORDS:
            self.clear()
        node: Node | None
        if token in MARKS or token == END:
            node = Node(token)
        elif token[0] in "0123456789" and (size := millimetres(token)) is not None:
            node = Node("size", size)
        else:
            node = self._words.get(canonical(token))
        self[token] = node
        return node


def phrases_in(steps: Iterable[Node | None]) -> Phrases:
    """The phrases in a row of tokens, the longest first.

    Args:
        steps: What each token begins with.
    """
    kinds: list[str] = []
    values: list[Any] = []
    starts: list[int] = []
    ends: list[int] = []
    # No phrase goes on with nothing, so the walk along a phrase stops behind the last token.
    row = [*steps, None]
    end = 0
    for at, node in enumerate(row):
        if node is None or at < end:
            continue
        best = node
        step = stop = at + 1
        while (node := node.steps.get(row[step])) is not None:
            step += 1
            if node.kind:
                best, stop = node, step
        if best.kind:
            kinds.append(best.kind)
            values.append(best.value)
            starts.append(at)
            ends.append(stop)
            end = stop
    return Phrases(kinds, values, starts, ends)


def last_size(said: Phrases, among: Iterable[int]) -> float | None:
    """The last size among some of the phrases, in mm."""
    size: float | None = None
    for index in among:
        if said.kinds[index] == "size":
            size = said.values[index]
    return size
