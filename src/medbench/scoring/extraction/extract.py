"""A text's findings: what is said to be there, not there, unsure or past; where, how large, how severe.

Words of the vocabulary are found sentence by sentence, the longest phrase first. A sentence is divided into
clauses, within which cues act: 'no' on what follows, 'is not seen' on what precedes, 'possible' up to the
next statement.
Places, sides, sizes and degrees belong to the finding that is nearest. Pure; in time linear in the
text. `docs/scoring.md` holds the rules in words.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from medbench.scoring.extraction.merged import Merged
from medbench.scoring.extraction.phrases import END, Meanings, phrases_in
from medbench.scoring.extraction.sentence import heading_of, read_sentence
from medbench.scoring.extraction.vocabulary import vocabulary
from medbench.scoring.extraction.words import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from medbench.scoring.extraction.merged import Read
    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.vocabulary import Vocabulary

VERSION = 1
"""Raised with every change of what is found in a text."""

_LONGEST_CLAUSE = 120
_MOST_SENTENCES = 20_000
_LONGEST_REMEMBERED = 1_000
# One set of characters in front, so that the search leaps from one of them to the next.
_STOP = re.compile(
    r"[.!?;\u2022\u3002\n:]"
    r"(?:(?<=[.!?])(?=\s)|(?<=[;\u2022\u3002])|(?<=\n)(?!\s{0,20}[a-z(,])|(?<=:)\**[ \t]*\n)"
)


@cache
def extractor() -> Extractor:
    """The extractor with the shipped vocabulary."""
    return Extractor(vocabulary())


def extract(text: str) -> tuple[Finding, ...]:
    """The findings of a text, in the order of their first mention, each once."""
    return extractor()(text)


class Extractor:
    """Finds findings, remembering the sentences it has read: reports share many, loops repeat few.

    What it remembers changes the time only: called twice it gives the same.
    """

    def __init__(self, known: Vocabulary) -> None:
        self._meanings = Meanings(known.words)
        self._read: dict[str, Read] = {}

    def forget_sentences(self) -> None:
        """Read every sentence anew; the result is the same."""
        self._read.clear()

    def __call__(self, text: str) -> tuple[Finding, ...]:
        """The findings of a text, in the order of their first mention, each once."""
        sentences = list(_sentences(text))
        known = self._read
        new = {sentence: start for start, sentence in sentences if sentence not in known}
        if new:
            known = {sentence: known[sentence] for _, sentence in sentences if sentence in known}
            known.update(zip(new, self._read_all(text, new), strict=True))
            self._remember((sentence, known[sentence]) for sentence in new)
        merged = Merged()
        for start, sentence in sentences:
            merged.add(known[sentence], (start, start + len(sentence)))
        return merged.settled()

    def _remember(self, new: Iterable[tuple[str, Read]]) -> None:
        self._read.update((sentence, read) for sentence, read in new if len(sentence) < _LONGEST_REMEMBERED)
        if len(self._read) > _MOST_SENTENCES:
            self._read.clear()

    def _read_all(self, text: str, starts: dict[str, int]) -> Iterator[Read]:
        """What each of some sentences says; each is given with the place where it starts."""
        # One loop after the other over the whole text is faster than each in turn for every sentence.
        spans = [(start, start + len(sentence)) for sentence, start in starts.items()]
        tokens, parts = _in_a_row(rows_of(text, spans))
        said = phrases_in(map(self._meanings.__getitem__, tokens))
        last = 0
        for sentence, count in zip(starts, parts, strict=True):
            first, last = last + 1, said.kinds.index(END, last + 1)
            findings, size = read_sentence(said, first, last, tokens)
            for _ in range(1, count):
                first, last = last + 1, said.kinds.index(END, last + 1)
                more, loose = read_sentence(said, first, last, tokens)
                findings += more
                size = size if loose is None else loose
            if findings:
                yield findings, None, None
            elif count == 1 and sentence.rstrip("* \t\n").endswith(":"):
                yield (), size, heading_of(said, first, last)
            else:
                yield (), size, None


def _in_a_row(rows: list[list[str]]) -> tuple[list[str], list[int]]:
    """The tokens of all sentences with an end around each part, and how many parts each sentence has."""
    tokens, parts = [END], []
    for row in rows:
        firsts = range(_LONGEST_CLAUSE, len(row), _LONGEST_CLAUSE)
        for first in firsts:
            tokens += row[first - _LONGEST_CLAUSE : first]
            tokens.append(END)
        tokens += row[firsts[-1] :] if firsts else row
        tokens.append(END)
        parts.append(len(firsts) + 1)
    return tokens, parts


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Start and text of each sentence. A line that goes on in lower case is no end."""
    at = 0
    for stop in _STOP.finditer(text):
        end = stop.end()
        sentence = text[at:end].strip()
        if sentence and end - at > 1:
            yield text.index(sentence[0], at), sentence
        at = end
    sentence = text[at:].strip()
    if sentence:
        yield text.index(sentence[0], at), sentence
