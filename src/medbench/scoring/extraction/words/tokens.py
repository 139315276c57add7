"""The words, sizes and marks of a text, in lower case."""

from __future__ import annotations

import re
from typing import Final

from medbench.scoring.extraction.words.sizes import GAP, NUMBER, UNIT, in_figures, without_axes

_TOKEN: Final = re.compile(
    # Words and marks come first because they are most; only a size or a word begins with a digit.
    rf"[a-z][a-z0-9]*|[,:()?]|{NUMBER}(?:{GAP}{UNIT})?(?:\s{{0,2}}(?:x|by|to|-)\s{{0,2}}{NUMBER}(?:{GAP}{UNIT})?){{0,3}}{GAP}{UNIT}\b"
    rf"|[0-9][a-z0-9]*"
)
"""A size with its unit, a word, or a mark that separates."""
_HAS_SIZE: Final = re.compile(rf"\d{GAP}{UNIT}")
_SET_IN: Final = re.compile(r"(?<=\bnot), (?:[a-z]{1,12} ){0,3}[a-z]{1,12},")
"""Words that commas set in behind 'not': 'does not, in fact, show'."""
MARKS: Final = ",:()?"
"""Marks that separate; each is a token."""
SIZE: Final = "#"
"""Stands for every size where only its kind counts."""
_MOST_PIECES: Final = 50_000

# What models and people write, as ASCII: marks of emphasis and quotes, then typography. One character stands
# for one, so that places in the text stay where they are.
_PLAIN: Final = (
    *((mark, " ") for mark in "*_`#\u00a0\u2009\u202f"),
    *((mark, "'") for mark in "\u2018\u2019"),
    *((mark, "-") for mark in "\u2010\u2011\u2012\u2013\u2212"),
    ("\u2014", ","),
    ("\u00d7", "x"),
)


# The sign first, so that the search leaps from one to the next.
_TIMES: Final = re.compile(r"\*(?:(?<=[\dm]\*)(?=\d)|(?<=[\dm] \*)(?= \d))")
"""A sign of a product: '1.5*0.9 cm'."""


def plain(text: str) -> str:
    """Return a text with dashes, quotes and marks of emphasis as plain ASCII, as long as it was."""
    if "*" in text:
        text = _TIMES.sub("x", text)
    if text.isascii():
        return text.replace("*", " ")
    for mark, written in _PLAIN:
        text = text.replace(mark, written)
    return text


class _Pieces(dict[str, list[str]]):
    """Pieces between spaces to their tokens, read when first met: texts have few distinct ones."""

    def __missing__(self, piece: str) -> list[str]:
        if len(self) >= _MOST_PIECES:
            self.clear()
        tokens = self[piece] = _TOKEN.findall(_spelled_out(piece))
        return tokens


_PIECES: Final = _Pieces()


def tokens_of(text: str) -> list[str]:
    """Return the words, sizes and marks of a plain text, in lower case."""
    text = text.lower()
    sized = "mm" in text or "cm" in text or "imet" in text or "inch" in text
    if sized or "not, " in text or "n't, " in text:
        # Only a size, and what is set in behind 'not', is of several pieces.
        text = _spelled_out(text)
        if "not, " in text:
            text = _SET_IN.sub(" ", text)
        text = in_figures(text)
        if sized and "(" in text:
            text = without_axes(text)
        if _HAS_SIZE.search(text):
            return _TOKEN.findall(text)
    tokens: list[str] = []
    for known in map(_PIECES.__getitem__, text.split()):
        tokens += known
    return tokens


def _spelled_out(text: str) -> str:
    """Return a text without contractions."""
    if "n't" in text or "cannot" in text:
        return text.replace("can't", "not").replace("n't", " not").replace("cannot", "not")
    return text
