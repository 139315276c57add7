"""A statement: a piece of a text that is read at once; and the sentences of a text without any layout."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from medbench.scoring.layout.status import Stance


class Statement(NamedTuple):
    """A piece of a text that is read at once."""

    start: int
    """Its first character in the text."""
    end: int
    """The character behind its last."""
    words: str
    """All of it, as a sentence."""
    label: str = ""
    """Label that its value speaks of."""
    value: str = ""
    """Words on the label, without the status."""
    stance: Stance = ""
    """Status of the label; without a label, that of the whole list."""
    heading: bool = False
    """True if it claims nothing, but gives its place to what follows."""
    under: str = ""
    """The title of the list that it is in."""
    normal: bool = False
    """True in a list of what is normal."""


# One set of characters in front, so that the search leaps from one of them to the next.
_STOP: Final = re.compile(
    r"[.!?;\u2022\u3002\n:]"
    r"(?:(?<=[.!])(?<!\b[vV]s\.)(?<!\bapprox\.)(?<!\b[bB]ilat\.)(?<!\b[lLrR]t\.)"
    r"(?!(?<=\s[LR]\.)\s(?:[a-z]|[A-Z]{2}))"
    r"(?=\s|(?<=[a-z)]\.)[A-Z][a-z ])"
    r"|(?<=[\w)]\?)(?=\s)"
    r"|(?<=[;\u2022\u3002])|(?<=\n)(?!\s{0,20}[a-z(,])|(?<=:)\**[ \t]*\n)"
)
_DOUBTFUL: Final = re.compile(
    r"\b(?:differential|ddx|possibilit(?:y|ies)|considerations?|variety of)\b[^.;:\n]{0,60}"
    r"(?::|\binclud(?:es?|ing))[^.;:\n]{1,60}(?:;[^.;:\n]{1,60})+",
    re.IGNORECASE,
)
"""A list of what may be, parted by semicolons."""


def with_lists_whole(text: str) -> str:
    """Return a text with commas in its lists of what may be, so that the doubt is of each: 'DDX: A; B'."""
    return _DOUBTFUL.sub(lambda found: found[0].replace(";", ","), text)


def sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return first and last character (exclusive) of each sentence. It goes on in a line of lower case."""
    found, at = [], start
    for stop in [*map(re.Match.end, _STOP.finditer(text, start, end)), end]:
        sentence = text[at:stop].strip()
        if sentence:
            first = text.index(sentence[0], at)
            found.append((first, first + len(sentence)))
        at = stop
    return found
