"""Tells what only a radiograph shows, in a text that goes on with CT or MR."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding

_FILMS: Final = (
    "radiogra", "x-ray", "xray", "x ray", "cxr", "plain film", "scout", "kub", "abdominal series",
    "skull series", "barium", "upper gi", "chest pa:", "chest lat:", "pa view", "pa and lateral", "pa/lat",
)  # fmt: skip
"""The beginnings of the names of radiographs."""
_MORE: Final = re.compile(
    r"\b(?:cts?|cect|ncct|hrct|cta|ctpa|mr[ai]?|mrcp|pet|ultrasound|us:|sonogra[a-z]+|computed tomography"
    r"|magnetic resonance|angiogra[a-z]+|arteriogra[a-z]+)\b"
)
"""The name of a study that shows more."""

_ADVICE: Final = re.compile(r"[^.\n;]{0,40}\b(?:recommended|advised|suggested|is needed)\b")
"""Words behind a study that is yet to be made."""


def part_on_film(text: str) -> range:
    """Return the characters of a text from its first radiograph to the study behind it; none without both."""
    text = text.lower()
    films = [at for at in map(text.find, _FILMS) if at >= 0]
    if not films:
        return range(0)
    first = min(films)
    more = next((more for more in _MORE.finditer(text, first) if not _ADVICE.match(text, more.end())), None)
    return range(first, more.start()) if more else range(0)


def seen_on(film: range, findings: Sequence[Finding]) -> Sequence[Finding]:
    """Return the findings of a sentence, marked if it ends in the part of the text on a radiograph."""
    if findings and film.start < findings[0].span[1] <= film.stop:
        return [finding._replace(on_film=True) for finding in findings]
    return findings
