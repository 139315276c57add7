"""Finds the phrases of the vocabulary in the tokens of a sentence, the longest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from medbench.scoring.extraction.phrases.endings import by_ending
from medbench.scoring.extraction.phrases.phrases import END, Phrases
from medbench.scoring.extraction.phrases.spelling import spelled
from medbench.scoring.extraction.vocabulary.entries import Cue
from medbench.scoring.extraction.vocabulary.tree import SIDES, Node, as_second, first_step, is_filler
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.vocabulary.entries import Entry

_JOINING: Final = frozenset({"and", "or", ","})
"""Words behind a name that go on with its places: 'fractures of the left clavicle and the right femur'."""
_END: Final = Cue(END, END)
_NOTHING: Final = Node()
_MOST_WORDS: Final = 50_000


class _Word:
    """A token as the vocabulary knows it."""

    __slots__ = ("as_second", "is_filler", "is_first", "meaning", "seconds", "step", "text")

    def __init__(self, text: str, step: Node | None) -> None:
        self.text = text
        self.as_second = as_second(text)
        """Its form as the second word of a phrase."""
        self.is_filler = is_filler(text)
        """True if it may stand between the words of a cue."""
        self.is_first = step is not None
        """True if a phrase begins with it."""
        self.step = step or _NOTHING
        """Its step of the tree."""
        self.seconds = self.step.seconds
        entry = self.step.entry
        self.meaning: tuple[str, Any] | None = None if entry is None else (entry.kind, entry.value)
        """Kind and value of the word alone."""


class _Words(dict[str, _Word]):
    """Tokens to words, looked up when first met: texts have few distinct ones, many times."""

    def __missing__(self, token: str) -> _Word:
        if len(self) >= _MOST_WORDS:
            self.clear()
        text = spelled(token)
        word = self[token] = _Word(text, first_step(text) if text in vocabulary().phrases else None)
        if word.meaning is None:
            concept = by_ending(text)
            if concept is not None:
                word.is_first, word.meaning = True, ("finding", concept)
        return word


_WORDS: Final = _Words()


def phrases_in(tokens: Sequence[str]) -> Phrases:
    """Return the phrases in a row of tokens, the longest first; sizes have no millimetres yet."""
    words = [*map(_WORDS.__getitem__, tokens), _WORDS[END]]
    phrases, end = Phrases(tokens), 0
    kinds, values, starts, ends = phrases.kinds, phrases.values, phrases.starts, phrases.ends
    for start, word in enumerate(words):
        if not word.is_first or start < end:
            continue
        meaning, end = word.meaning, start + 1
        # Few words have the beginning of a longer phrase behind them.
        if words[end].as_second in word.seconds:
            meaning, end, side = _longest(words, start)
            if side:
                phrases.add(side, Cue(side, side), start, start)
        if meaning is not None:
            kinds.append(meaning[0])
            values.append(meaning[1])
            starts.append(start)
            ends.append(end)
    phrases.add(END, _END, len(tokens), len(tokens) + 1)
    return phrases


def _longest(words: Sequence[_Word], start: int) -> tuple[tuple[str, Any] | None, int, str]:
    """Return the meaning of the longest phrase from a word on, the word behind it, and a side within it.

    Args:
        words: The words of the sentence.
        start: Number of the first one.
    """
    step, at = words[start].step, start + 1
    meaning, stop, side, within = words[start].meaning, at, "", ""
    while steps := step.steps:
        word = words[at]
        following = steps.get(word.text)
        if following is None:
            if step.bends:
                # 'Not clearly seen', 'cannot be entirely excluded'.
                while word.is_filler:
                    at += 1
                    word = words[at]
            elif word.text in SIDES and not within:
                # 'A bifid left ureter': the name, and its side.
                within = word.text
                at += 1
                word = words[at]
            following = steps.get(word.text)
            if following is None:
                break
        step = following
        at += 1
        if step.entry is not None and (not within or _is_sided(step.entry, words[at].text)):
            meaning, stop, side = step.entry, at, within
    return meaning, stop, side


def _is_sided(entry: Entry, following: str) -> bool:
    return entry.kind == "finding" and following not in _JOINING
