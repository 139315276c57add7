"""Tells what a radiograph shows, in a text that goes on with CT, MR or another study that shows more."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding

_FILM = (
    "radiogra",
    "x-ray",
    "xray",
    "x ray",
    "cxr",
    "plain",
    "scout",
    "kub",
    " series",
    "barium",
    "upper gi",
)
"""Some of a name of a radiograph: most texts have none."""
_STUDY = re.compile(
    r"\b(?:(?P<film>(?:radiograph|plain[ -]film|x[ -]?ray|scout)[a-z]*|cxr|kub|(?:abdominal|skull) series"
    r"|barium|upper gi)|(?:cts?|cect|ncct|hrct|cta|ctpa|mr[ai]?|mrcp|pet|ultrasound|us:|sonogra[a-z]+"
    r"|computed tomography|magnetic resonance|angiogra[a-z]+|arteriogra[a-z]+)\b)"
)
"""A name of a study: of a radiograph, or of one that shows more."""


class Studies:
    """The studies that a text names, from its first character to its last."""

    def __init__(self, text: str) -> None:
        text = text.lower()
        marks = [*_STUDY.finditer(text)] if any(name in text for name in _FILM) else []
        self._at = [mark.start() for mark in marks]
        self._films = [mark["film"] is not None for mark in marks]
        more = [at for at, film in zip(self._at, self._films, strict=True) if not film]
        self._last = more[-1] if True in self._films and more else -1
        """Where the last study is named that is no radiograph."""

    def seen(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return the findings of one sentence, marked where a radiograph before other studies shows them."""
        if not findings or self._last < findings[0].span[1]:
            return findings
        start, end = (bisect_left(self._at, at) for at in findings[0].span)
        # A sentence that names no study goes on with the one before.
        named = self._films[start:end] or self._films[max(start - 1, 0) : start]
        on_film = bool(named) and all(named)
        return [finding._replace(on_film=True) for finding in findings] if on_film else findings
