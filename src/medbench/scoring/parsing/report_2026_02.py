"""The parser of the report of February 2026, kept so that its ROUGE numbers can be computed again.

It takes the text after the first heading ``FINDINGS:`` or ``**FINDINGS:**`` (any case, at the start of a
line) up to the next heading of its four. Where there is no such heading it takes the first 2,000 characters,
which cut the ends off eight answers of the old run: a reason for a newer parser, not a rule to keep.
"""

from __future__ import annotations

import re

_HEADING = re.compile(
    r"^(?:\*\*)?(DIAGNOSIS|FINDINGS|DIFFERENTIAL|IMPRESSION):(?:\*\*)?", re.IGNORECASE | re.MULTILINE
)
_FALLBACK_CHARACTERS = 2_000


def findings_section(text: str) -> str | None:
    """Return the text between the first findings heading and the next heading; None without one."""
    start: int | None = None
    for match in _HEADING.finditer(text):
        if start is not None:
            return text[start : match.start()].strip()
        if match[1].upper() == "FINDINGS":
            start = match.end()
    return None if start is None else text[start:].strip()


def fallback(text: str) -> str:
    """Return the text that the old run scored where it saw no findings heading."""
    return text[:_FALLBACK_CHARACTERS]
