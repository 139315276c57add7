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


def make() -> Callable[[Item], dict[str, float | None]]:
    """Return the scorer. Its caches live as long as it does."""
    return RougeL()


class _Kept(dict[int, int]):
    """Characters of tokens to themselves, for `str.translate`; every other one is a space."""

    def __missing__(self, _character: int) -> int:
        return ord(" ")


_KEPT = _Kept({ord(character): ord(character) for character in string.ascii_lowercase + string.digits})


class _Numbers(dict[str, int]):
    """Words to the numbers of their stems: words with the same stem have the same number."""

    def __init__(self) -> None:
        self._stems: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        token = stem(word) if len(word) > 3 else word
        number = self[word] = self._stems.setdefault(token, len(self._stems))
        return number


class RougeL:
    """Computes ROUGE-L item by item.

    It remembers words, references and the last texts, since a run has few distinct words and the swap control
    asks for the same references again. That changes the time only.
    """

    def __init__(self) -> None:
        from rapidfuzz.distance import LCSseq

        self._common: Callable[[list[int], list[int]], int] = LCSseq.similarity
        self._words = _Numbers()
        self._asked = lru_cache(maxsize=MOST_REMEMBERED)(self._tokens)
        self._said = lru_cache(maxsize=16)(self._tokens)

    def __call__(self, item: Item) -> dict[str, float | None]:
        """Return the three numbers of one output; None where it has no words."""
        if item.empty:
            return dict.fromkeys(METRICS)
        # Between items, since the numbers of two texts can only be compared if the same dictionary gave them.
        if len(self._words) > _MOST_WORDS:
            self._words = _Numbers()
            self._asked.cache_clear()
            self._said.cache_clear()
        # Of a reference with findings at hand there are too many to remember.
        asked = self._asked if item.packed is None else self._tokens
        shares = self._shares(asked(item.reference), self._said(item.parsed.findings))
        return dict(zip(METRICS, shares, strict=True))

    def _shares(self, reference: list[int], findings: list[int]) -> tuple[float, float, float]:
        common = self._common(reference, findings)
        if not common:
            return 0.0, 0.0, 0.0
        recall, precision = common / len(reference), common / len(findings)
        # In this order of operations the last digit is that of rouge-score.
        return recall, precision, 2 * precision * recall / (precision + recall)

    def _tokens(self, text: str) -> list[int]:
        """Return the stems as numbers: rapidfuzz compares strings by a hash, small integers exactly."""
        return [*map(self._words.__getitem__, text.lower().translate(_KEPT).split())]
