"""Reads the findings of a text: present, absent, uncertain or past; with place, size and severity.

Words of the vocabulary are found sentence by sentence, the longest phrase first. A sentence is divided into
clauses, within which cues act: 'no' on what follows, 'is not seen' on what precedes, 'possible' up to the
next statement. Places, sides, sizes and degrees belong to the finding that is nearest. Pure; in time linear
in the text. `docs/scoring.md` holds the rules in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.extraction.merging.merged import Merged
from medbench.scoring.extraction.sentences.emphasis import under_title
from medbench.scoring.extraction.sentences.film import part_on_film, seen_on
from medbench.scoring.extraction.sentences.labelled import read_statement, read_words
from medbench.scoring.extraction.sentences.normal_contents import without_normal_contents
from medbench.scoring.extraction.words.tokens import plain
from medbench.scoring.layout.statement import sentences, with_lists_whole
from medbench.scoring.layout.statements import has_layout, statements

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding

VERSION = 58
"""Raised with every change of what is found in a text."""


def extract(text: str) -> tuple[Finding, ...]:
    """Return the findings of a text, in the order of their first mention, each once."""
    if ";" in text:
        text = with_lists_whole(text)
    merged, film = Merged(), part_on_film(text)
    if has_layout(text):
        for statement in statements(text):
            findings, size, heading = read_statement(statement)
            findings = without_normal_contents(findings, statement.words, statement.under)
            if findings and statement.under:
                findings = under_title(statement.under, findings)
            merged.add(seen_on(film, findings) if film else findings, size, heading)
    else:
        written = plain(text)
        for start, end in sentences(written, 0, len(written)):
            words = written[start:end]
            findings, size, _ = read_words(words, (start, end))
            findings = without_normal_contents(findings, words)
            merged.add(seen_on(film, findings) if film else findings, size, None)
    return merged.settled(text)
