"""ROUGE-L of the findings against the reference, equal to the package rouge-score 0.1.2, many times faster.

With ``lcs`` the length of the longest common subsequence of the two token lists (Lin 2004, section 3):
recall = lcs / tokens of the reference, precision = lcs / tokens of the findings, F1 their harmonic mean; each
is a share from 0 to 1. The tokens are those of rouge-score: lower case, a-z and 0-9 only, Porter-stemmed
where longer than three characters. As in that package, a side without tokens gives 0 for all three.

`docs/scoring.md` says what the number rewards and what it cannot see.
"""

from __future__ import annotations

import string
from functools import lru_cache
from typing import TYPE_CHECKING

from medbench.scoring.item import MOST_REMEMBERED
from medbench.scoring.porter import stem

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.scoring.item import Item

METRICS = ("rouge_l.recall", "rouge_l.precision", "rouge_l.f1")

METHOD = "rouge_l:1|stem:yes|as:rouge-score-0.1.2"
"""Raised with every change of a number."""
_MOST_WORDS = 200_000
_OTHER = chr(0x10FFFF)
"""The sign of all stems that the references of a benchmark do not have."""


def make() -> Callable[[Item], dict[str, float | None]]:
    """Return the scorer. Its caches live as long as it does."""
    return RougeL()


class _Kept(dict[int, int]):
    """Characters of tokens to themselves, for `str.translate`; every other one is a space."""

    def __missing__(self, _character: int) -> int:
        return ord(" ")


_KEPT = _Kept({ord(character): ord(character) for character in string.ascii_lowercase + string.digits})


class _Words(dict[str, str]):
    """Words to the signs of their stems."""

    def __init__(self, sign_of: Callable[[str], str]) -> None:
        self._sign_of = sign_of

    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_WORDS:
            self.clear()
        sign = self[word] = self._sign_of(stem(word) if len(word) > 3 else word)
        return sign


class Signs:
    """A character for each stem, so that rapidfuzz compares texts as strings: exactly, and faster than lists.

    Args:
        stems: The only stems with a character of their own; None to give one to each stem as it comes.
    """

    def __init__(self, stems: dict[str, str] | None = None) -> None:
        self.stems: dict[str, str] = {} if stems is None else stems
        self._words = _Words(self._next if stems is None else self._known)

    def of(self, text: str) -> str:
        """Return the signs of a text, one a token."""
        return "".join(map(self._words.__getitem__, text.lower().translate(_KEPT).split()))

    @property
    def is_full(self) -> bool:
        """True if there are so many stems that no more are to be remembered."""
        return len(self.stems) >= _MOST_WORDS

    def _next(self, token: str) -> str:
        return self.stems.setdefault(token, chr(len(self.stems)))

    def _known(self, token: str) -> str:
        return self.stems.get(token, _OTHER)


class RougeL:
    """Computes ROUGE-L item by item.

    It remembers words, references and the last texts, since a run has few distinct words and the swap control
    asks for the same references again. That changes the time only.
    """

    def __init__(self) -> None:
        from rapidfuzz.distance import LCSseq

        self._common: Callable[[str, str], int] = LCSseq.similarity
        self._signs = Signs()
        self._asked = lru_cache(maxsize=MOST_REMEMBERED)(Signs.of)
        self._said = lru_cache(maxsize=16)(Signs.of)

    def __call__(self, item: Item) -> dict[str, float | None]:
        """Return the three numbers of one output; None where it has no words."""
        if item.empty:
            return dict.fromkeys(METRICS)
        # Between items, since the signs of two texts can only be compared if the same stems gave them.
        if self._signs.is_full:
            self._signs = Signs()
            self._asked.cache_clear()
        signs, asked = (
            (self._signs, self._asked(self._signs, item.reference))
            if item.packed is None
            else (item.packed.signs, item.packed.tokens)
        )
        shares = self._shares(asked, self._said(signs, item.parsed.findings))
        return dict(zip(METRICS, shares, strict=True))

    def _shares(self, reference: str, findings: str) -> tuple[float, float, float]:
        common = self._common(reference, findings)
        if not common:
            return 0.0, 0.0, 0.0
        recall, precision = common / len(reference), common / len(findings)
        # In this order of operations the last digit is that of rouge-score.
        return recall, precision, 2 * precision * recall / (precision + recall)
