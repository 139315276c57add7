"""The phrases of the vocabulary in the tokens of a sentence, longest first, with the sizes between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from medbench.scoring.extraction.spelling import spelled
from medbench.scoring.extraction.vocabulary import first_step, vocabulary
from medbench.scoring.extraction.words import millimetres

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.scoring.extraction.vocabulary import Node

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


_BEGINNING = Phrase(END, None, -1, 0)


# Texts have few distinct words, many times.
@lru_cache(maxsize=50_000)
def _word(token: str) -> tuple[str, Node | None]:
    """Return a token as the vocabulary spells it, and its step of the tree if a phrase begins with it."""
    word = spelled(token)
    return word, first_step(word) if word in vocabulary().phrases else None


def phrases_in(tokens: Sequence[str]) -> list[Phrase]:
    """Return the phrases in a row of tokens, the longest first, between two ends."""
    fillers = vocabulary().fillers
    known = [*map(_word, tokens)]
    words = [word for word, _ in known]
    words.append(END)
    phrases = [_BEGINNING]
    end = 0
    for start, (_, node) in enumerate(known):
        if node is None or start < end:
            continue
        entry, steps, at = node.entry, node.steps, start + 1
        stop = at
        while steps:
            word = words[at]
            if word not in steps and node.bends:
                # 'Not clearly seen', 'cannot be entirely excluded'.
                while word in fillers or word[-2:] == "ly":
                    at += 1
                    word = words[at]
            node = steps.get(word)  # noqa: PLW2901 - goes down the tree
            if node is None:
                break
            at += 1
            if node.entry is not None:
                entry, stop = node.entry, at
            steps = node.steps
        if entry is not None:
            end = stop
            phrases.append(Phrase(entry[0], entry[1], start, end))
            if entry[0] == "size":
                _measure(phrases, tokens[start], words[start - 1])
    phrases.append(Phrase(END, None, len(tokens), len(tokens) + 1))
    return phrases


def _measure(phrases: list[Phrase], token: str, before: str) -> None:
    """Give the last phrase its size; take it off if it is that of an earlier study."""
    size = millimetres(token, grown=before == "from")
    if size is None:
        phrases.pop()
    else:
        phrases[-1].value = size


def last_size(phrases: Iterable[Phrase]) -> float | None:
    """Return the last size among some phrases, in mm."""
    size: float | None = None
    for phrase in phrases:
        if phrase.kind == "size":
            size = phrase.value
    return size
