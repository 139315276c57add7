"""Names and numbers in histories that may tell who the patient is: remarked, never taken out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from medbench.sentences import counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NAMED = 3
_NAME = r"[A-ZÄÖÜÉ][\w'-]+"
_SIGNS = re.compile(
    rf"""
    \b[^\W\d_]{{2,}}\^[^\W\d_]+                                      # DOE^JANE, as DICOM writes it
    | \b(?:[Mm](?:r|rs|s|iss|ister|me)|[Hh]errn?|[Ff]rau|[Ss]eñora?|[Ss]ignora?)\b\.?\s+{_NAME}
    | \b(?i:(?:patient|pt|case)(?:'s|ient)?\s+name|name\s+of\s+(?:the\s+)?patient|name)\s*[:=]\s*{_NAME}
    | \b(?i:patient|named?|called)\s+(?:(?i:is|was|named|called)\s+)?
        (?!(?i:has|with|is|was|[a-z]+s)\b){_NAME}\s+{_NAME}
    | \b(?i:mrn|medical\s+record(?:\s+(?:number|no\.?))?|patient[\s_-]*(?:id|no\.?|number)|accession|ssn|nhs)
        \s*(?:number|no\.?|\#)?\s*[:=\#]?\s*\d[\d/-]{{3,}}
    | \b(?i:dob|date\s+of\s+birth|born(?:\s+on)?|geb(?:oren)?(?:\s+am)?)\b\.?\s*[:=]?\s*\d{{1,4}}[./-]\d
    """,
    re.VERBOSE,
)


def in_words(histories: Iterable[tuple[str, str | None]], *, quoted: bool = True) -> Iterator[str]:
    """Yield a sentence on the histories that hold what looks like a name, a record number or a date of birth.

    Args:
        histories: Name and history of each case.
        quoted: False for histories whose words must not be shown.
    """
    found = [(name, match[0]) for name, history in histories if history and (match := _SIGNS.search(history))]
    if found:
        shown = [f"{name}: '{' '.join(words.split())}'" if quoted else name for name, words in found]
        seem = counted(len(found), "history seems", "histories seem")
        yield f"{seem} to name a person, which each model is told ({listed(shown, _NAMED)})."
