"""The phrases of the vocabulary in the tokens of a sentence, longest first, with the sizes between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medbench.scoring.extraction.spelling import spelled
from medbench.scoring.extraction.vocabulary import vocabulary
from medbench.scoring.extraction.words import millimetres

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

END = "|"
"""The kind of the phrase before the first of a sentence and behind its last."""


@dataclass(slots=True)
class Phrase:
    """One phrase, size or mark of a sentence."""

    kind: str
    """'finding', 'place', 'size', the kind of a cue, the mark itself, or the end of a sentence."""
    value: Any
    """Its meaning: a concept, a place, a cue, or millimetres."""
    start: int
    """Its first token."""
    end: int
    """The token behind its last."""


def phrases_in(tokens: Sequence[str]) -> list[Phrase]:  # noqa: C901 - the loop over tokens is one
    """Return the phrases in a row of tokens, the longest first, between two ends."""
    known = vocabulary()
    beginnings, fillers = known.phrases.steps, known.fillers
    words = [*map(spelled, tokens), END]
    phrases = [Phrase(END, None, -1, 0)]
    end = 0
    for start, token in enumerate(tokens):
        if start < end:
            continue
        node = beginnings.get(words[start])
        if node is None:
            size = millimetres(token, grown=words[start - 1] == "from") if token[0].isdigit() else None
            if size is not None:
                phrases.append(Phrase("size", size, start, start + 1))
            continue
        entry, at = None, start
        while node is not None:
            at += 1
            if node.entry is not None:
                entry, end = node.entry, at
            steps = node.steps
            if not steps:
                break
            word = words[at]
            bends = node.bends
            node = steps.get(word)
            if node is None and bends and (word in fillers or word[-2:] == "ly"):
                # 'Not clearly seen', 'cannot be entirely excluded'.
                while word in fillers or word[-2:] == "ly":
                    at += 1
                    word = words[at]
                node = steps.get(word)
        if entry is not None:
            phrases.append(Phrase(entry.kind, entry.value, start, end))
    phrases.append(Phrase(END, None, len(tokens), len(tokens) + 1))
    return phrases


def last_size(phrases: Iterable[Phrase]) -> float | None:
    """Return the last size among some phrases, in mm."""
    size: float | None = None
    for phrase in phrases:
        if phrase.kind == "size":
            size = phrase.value
    return size
