"""The phrases of the vocabulary in the tokens of a sentence, longest first, with the sizes between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.scoring.extraction.spelling import spelled
from medbench.scoring.extraction.vocabulary import (
    SIDES,
    Cue,
    Entry,
    Node,
    as_second,
    first_step,
    is_filler,
    vocabulary,
)
from medbench.scoring.extraction.words import millimetres

if TYPE_CHECKING:
    from collections.abc import Sequence

END = "|"
"""The kind of what stands before the first phrase of a sentence and behind its last."""
_JOINING = frozenset({"and", "or", ","})
"""Words behind a name that go on with its places: 'fractures of the left clavicle and the right femur'."""
_END = Cue(END, END)
_NOTHING = Node()
_MOST_WORDS = 50_000


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


class _Word:
    """A token as the vocabulary knows it."""

    __slots__ = ("as_second", "entry", "is_first", "seconds", "step", "text")

    def __init__(self, text: str, step: Node | None) -> None:
        self.text = text
        self.as_second = as_second(text)
        """What it is as the second word of a phrase."""
        self.is_first = step is not None
        """True if a phrase begins with it."""
        self.step = step or _NOTHING
        """Its step of the tree; with its entry and its second words."""
        self.entry, self.seconds = self.step.entry, self.step.seconds


_LAST = _Word(END, None)


class _Words(dict[str, _Word]):
    """Tokens to words, looked up when first met: texts have few distinct ones, many times."""

    def __missing__(self, token: str) -> _Word:
        if len(self) >= _MOST_WORDS:
            self.clear()
        text = spelled(token)
        word = self[token] = _Word(text, first_step(text) if text in vocabulary().phrases else None)
        return word


_WORDS = _Words()


def phrases_in(tokens: Sequence[str]) -> Phrases:
    """Return the phrases in a row of tokens, the longest first."""
    words = [*map(_WORDS.__getitem__, tokens), _LAST]
    phrases = Phrases()
    add_kind, add_value = phrases.kinds.append, phrases.values.append
    add_start, add_end = phrases.starts.append, phrases.ends.append
    end = 0
    for start, word in enumerate(words):
        if start < end or not word.is_first:
            continue
        entry, end = word.entry, start + 1
        # Few words have the beginning of a longer phrase behind them.
        if words[end].as_second in word.seconds:
            entry, end, side = _longest(words, start)
            if side:
                add_kind(side)
                add_value(Cue(side, side))
                add_start(start)
                add_end(start)
        if entry is None:
            continue
        value: Any = entry.value
        if entry.kind == "size":
            value = millimetres(tokens[start], grown=words[start - 1].text == "from")
        # A size without a value is that of an earlier study.
        if value is not None:
            add_kind(entry.kind)
            add_value(value)
            add_start(start)
            add_end(end)
    add_kind(END)
    add_value(_END)
    add_start(len(tokens))
    add_end(len(tokens) + 1)
    return phrases


def _longest(words: Sequence[_Word], start: int) -> tuple[Entry | None, int, str]:
    """Return the meaning of the longest phrase from a word on, the word behind it, and a side within it.

    Args:
        words: The words of the sentence.
        start: Number of the first one.
    """
    step, at = words[start].step, start + 1
    entry, stop, side, within = step.entry, at, "", ""
    while step.steps:
        text = words[at].text
        following = step.steps.get(text)
        if following is None:
            if step.bends:
                # 'Not clearly seen', 'cannot be entirely excluded'.
                while is_filler(text):
                    at += 1
                    text = words[at].text
            elif text in SIDES and not within:
                # 'A bifid left ureter': the name, and its side.
                within = text
                at += 1
                text = words[at].text
            following = step.steps.get(text)
            if following is None:
                break
        step = following
        at += 1
        if step.entry is not None and (not within or _is_sided(step.entry, words[at].text)):
            entry, stop, side = step.entry, at, within
    return entry, stop, side


def _is_sided(entry: Entry, following: str) -> bool:
    return entry.kind == "finding" and following not in _JOINING
