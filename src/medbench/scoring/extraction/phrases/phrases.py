"""The phrases, sizes and marks of one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from medbench.scoring.extraction.words.sizes import millimetres

if TYPE_CHECKING:
    from collections.abc import Sequence

END: Final = "|"
"""The kind of what stands before the first phrase of a sentence and behind its last."""


class Phrases:
    """The phrases, sizes and marks of a sentence between two ends; each list has one item for each."""

    __slots__ = ("ends", "kinds", "starts", "tokens", "values", "words")

    def __init__(self, tokens: Sequence[str]) -> None:
        """Begin with the end before the first."""
        self.tokens = tokens
        """Those of the sentence."""
        self.words = {*tokens}
        """The same, for a rule that a word anywhere in the sentence calls for."""
        self.kinds = [END]
        """'finding', 'place', 'size', the kind of a cue, the mark itself, or the end of a sentence."""
        self.values: list[Any] = [None]
        """The meaning: a concept, a place, a cue, or millimetres."""
        self.starts = [-1]
        """The first token."""
        self.ends = [0]
        """The token behind the last."""

    def add(self, kind: str, value: Any, start: int, end: int) -> None:
        """Put a phrase behind the others."""
        self.kinds.append(kind)
        self.values.append(value)
        self.starts.append(start)
        self.ends.append(end)

    def insert(self, index: int, kind: str, value: Any, start: int, end: int) -> None:
        """Put a phrase in before another one."""
        self.kinds.insert(index, kind)
        self.values.insert(index, value)
        self.starts.insert(index, start)
        self.ends.insert(index, end)

    def drop(self, index: int) -> None:
        """Take out a phrase."""
        del self.kinds[index], self.values[index], self.starts[index], self.ends[index]

    def measure(self, tokens: Sequence[str]) -> None:
        """Give each size its millimetres; one without, as that of an earlier study, is taken out."""
        sizes = [index for index, kind in enumerate(self.kinds) if kind == "size"]
        for index in reversed(sizes):
            start = self.starts[index]
            size = millimetres(tokens[start], grown=start > 0 and tokens[start - 1] == "from")
            self.values[index] = size
            if size is None:
                self.drop(index)

    def last_size(self, among: Sequence[int]) -> float | None:
        """Return the last size among some phrases, in mm."""
        return next((self.values[index] for index in reversed(among) if self.kinds[index] == "size"), None)
