"""An answer of a batch, as far as checks look at it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_CODE: Final = re.compile(r"(?=([0-9a-f]{8}))")
"""Begins what may be the right answer of a check."""


class Came(NamedTuple):
    """The answer under one key, as far as it is looked at: texts of a whole batch are not held in memory."""

    codes: frozenset[str]
    """All in its text that may be the right answer of a check."""
    tokens: int | None
    """Tokens of the request, as the service billed them; None where unknown."""
    text_tokens: int | None = None
    """Those of them that are text; None where it does not tell them apart."""

    @classmethod
    def of(cls, text: str, tokens: int | None, text_tokens: int | None = None) -> Came:
        """Return what there is to look at in an answer."""
        return cls(frozenset(_CODE.findall(text.lower())), tokens, text_tokens)
