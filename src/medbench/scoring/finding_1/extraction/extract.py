"""Reads the findings of a text: present, absent, uncertain or past; with place, size and severity.

Words of the vocabulary are found sentence by sentence, the longest phrase first. A sentence is divided into
clauses, within which cues act: 'no' on what follows, 'is not seen' on what precedes, 'possible' up to the
next statement. Places, sides, sizes and degrees belong to the finding that is nearest. Pure; in time linear
in the text. `docs/scoring.md` holds the rules in words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from medbench.scoring.finding_1.extraction.merged import Merged
from medbench.scoring.finding_1.extraction.sentence import read_sentence
from medbench.scoring.finding_1.extraction.words import plain, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.scoring.finding_1.extraction.observed import Finding

VERSION = 1
"""Raised with every change of what is found in a text."""

_LONGEST = 120
"""Tokens of a sentence that are read together, so that time is linear in a text without a full stop."""
# One set of characters in front, so that the search leaps from one of them to the next.
_STOP = re.compile(
    r"[.!?;\u2022\u3002\n:]"
    r"(?:(?<=[.!?])(?=\s)|(?<=[;\u2022\u3002])|(?<=\n)(?!\s{0,20}[a-z(,])|(?<=:)\**[ \t]*\n)"
)


def extract(text: str) -> tuple[Finding, ...]:
    """Return the findings of a text, in the order of their first mention, each once."""
    merged = Merged()
    written = plain(text)
    for start, end in _sentences(text):
        tokens = tokens_of(written[start:end])
        findings: list[Finding] = []
        size = heading = None
        for at in range(0, len(tokens), _LONGEST):
            more, loose, heading = read_sentence(tokens[at : at + _LONGEST], (start, end))
            findings += more
            size = size if loose is None else loose
        if len(tokens) > _LONGEST or not text[start:end].rstrip("* \t\n").endswith(":"):
            heading = None
        merged.add(findings, size, heading)
    return merged.settled()


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield first and last character (exclusive) of each sentence. It goes on in a line of lower case."""
    at = 0
    for stop in (*(match.end() for match in _STOP.finditer(text)), len(text)):
        sentence = text[at:stop].strip()
        if sentence:
            start = text.index(sentence[0], at)
            yield start, start + len(sentence)
        at = stop
