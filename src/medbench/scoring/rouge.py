"""ROUGE-L of the findings against the reference, equal to the package rouge-score 0.1.2, many times faster.

With ``lcs`` the length of the longest common subsequence of the two token lists (Lin 2004, section 3):
recall = lcs / tokens of the reference, precision = lcs / tokens of the findings, F1 their harmonic mean; each
is a share from 0 to 1. The tokens are those of rouge-score: lower case, a-z and 0-9 only, Porter-stemmed
where longer than three characters. As in that package, a side without tokens gives 0 for all three.

`docs/scoring.md` says what the number rewards and what it cannot see.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from medbench.scoring.item import Item

METRICS = ("rouge_l.recall", "rouge_l.precision", "rouge_l.f1")

METHOD = "rouge_l:1|stem:yes|as:rouge-score-0.1.2"
"""Raised with every change of a number."""
_MOST_WORDS = 200_000
_MOST_REFERENCES = 4_000


def make() -> Callable[[Item], dict[str, float | None]]:
    """The scorer. Its caches live as long as it does; it loads nltk, so make it no earlier than needed."""
    return RougeL()


@contextmanager
def _bare(*names: str) -> Iterator[None]:
    """Let modules be loaded from packages whose own code is not run.

    nltk's loads all that nltk has, scipy with it: a third of a second and 40 MB for a stemmer of one file.
    A package that is loaded already stays as it is.
    """
    added = [name for name in names if name not in sys.modules]
    for name in added:
        found = find_spec(name)
        package = ModuleType(name)
        package.__path__ = list(found.submodule_search_locations or []) if found else []
        sys.modules[name] = package
    try:
        yield
    finally:
        for name in list(sys.modules):
            if name in added or name.startswith(tuple(f"{package}." for package in added)):
                del sys.modules[name]


class RougeL:
    """Computes ROUGE-L item by item, remembering each distinct word's token and the tokens of references.

    Texts hold few distinct words, many times. What it remembers changes the time only: called twice it gives
    the same.
    """

    def __init__(self) -> None:
        from rapidfuzz.distance import LCSseq

        with _bare("nltk", "nltk.stem"):
            from nltk.stem.porter import PorterStemmer
        from rouge_score import tokenize

        self._package: Any = tokenize
        self._stemmer: Any = PorterStemmer()
        self._common: Callable[[list[int], list[int]], int] = LCSseq.similarity
        self._words: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._references: dict[str, list[int]] = {}
        self._last: tuple[str, list[int]] | None = None

    def __call__(self, item: Item) -> dict[str, float | None]:
        """The three numbers of one output; None where it has no words."""
        if item.empty:
            return dict.fromkeys(METRICS)
        reference, findings = self._reference(item.reference), self._findings(item.parsed.findings)
        recall, precision, f1 = self._shares(reference, findings)
        self._forget()
        return dict(zip(METRICS, (recall, precision, f1), strict=True))

    def _shares(self, reference: list[int], findings: list[int]) -> tuple[float, float, float]:
        if not reference or not findings:
            return 0.0, 0.0, 0.0
        common = self._common(reference, findings)
        recall, precision = common / len(reference), common / len(findings)
        # In this order of operations the last digit is that of rouge-score.
        return recall, precision, 2 * precision * recall / (precision + recall) if common else 0.0

    def _reference(self, text: str) -> list[int]:
        tokens = self._references.get(text)
        if tokens is None:
            tokens = self._references[text] = self._tokens(text.strip())
        return tokens

    def _findings(self, text: str) -> list[int]:
        # The swap control asks for one output against many references.
        if self._last is None or self._last[0] != text:
            self._last = (text, self._tokens(text))
        return self._last[1]

    def _tokens(self, text: str) -> list[int]:
        """The tokens that rouge-score gives, as numbers: rapidfuzz compares words by a 64-bit hash only."""
        known = self._words
        # The first half of rouge-score's tokenizer; the second half treats each word by itself.
        words = self._package.NON_ALPHANUM_RE.sub(" ", text.lower()).split()
        return [known[word] if word in known else self._new(word) for word in words]

    def _new(self, word: str) -> int:
        (token,) = self._package.tokenize(word, self._stemmer)
        number = self._words[word] = self._stems.setdefault(token, len(self._stems))
        return number

    def _forget(self) -> None:
        """Keep memory bounded however many outputs there are, and whatever is in them."""
        if len(self._words) > _MOST_WORDS:
            self._words.clear()
            self._stems.clear()
            self._references.clear()
            self._last = None
        elif len(self._references) > _MOST_REFERENCES:
            self._references.clear()
