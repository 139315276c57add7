"""Mends a typo of one letter in a long word of the vocabulary."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from medbench.scoring.extraction.vocabulary import vocabulary
from medbench.scoring.extraction.words import SIZE, canonical, millimetres

_LONG = 7
_END = 3
"""Letters at the beginning or at the end of a long word that one typo leaves alone."""
_PREFIXES = (
    *("ab", "ad", "ante", "anti", "endo", "epi", "exo", "extra", "hyper", "hypo", "infra", "inter", "intra"),
    *("macro", "micro", "mono", "para", "per", "peri", "poly", "post", "pre", "pro", "retro", "sub", "supra"),
    *("in", "un", "non"),
)
"""Beginnings that turn a word into another, however near the letters are."""


def spelled(token: str) -> str:
    """Return the form of a token that the vocabulary uses; a typo of one letter in a long word is mended."""
    if millimetres(token) is not None:
        return SIZE
    word = canonical(token)
    if len(token) < _LONG - 1 or word in _known().words:
        return word
    return _mended(word) or (_mended(token) if token != word else "") or word


class _Known:
    """The words of the vocabulary, and the long ones by their first and last letters."""

    def __init__(self) -> None:
        text = (files("medbench.scoring.extraction") / "real_words.txt").read_text("utf-8")
        real = [word for line in text.splitlines() if line[0] != "#" for word in line.split()]
        self.words = vocabulary().words.union(real)
        self.alike: dict[str, list[str]] = {}
        for word in vocabulary().words:
            if len(word) >= _LONG and word.isalpha():
                self.alike.setdefault(f"{word[:_END]}-", []).append(word)
                self.alike.setdefault(f"-{word[-_END:]}", []).append(word)


@cache
def _known() -> _Known:
    return _Known()


def _mended(word: str) -> str:
    """Return the one long word that is a typo away; empty if there is none, or more than one."""
    alike = _known().alike
    candidates = {*alike.get(f"{word[:_END]}-", ()), *alike.get(f"-{word[-_END:]}", ())}
    near = [other for other in candidates if _is_typo(word, other)]
    return near[0] if len(near) == 1 else ""


def _is_typo(word: str, right: str) -> bool:
    """True if one letter is missing, too many, another, or changed places; the first letter stays."""
    if abs(len(word) - len(right)) > 1 or word[0] != right[0]:
        return False
    prefixes = {_prefix(word), _prefix(right)} - {""}
    if len(prefixes) > 1:
        return False
    start = next((at for at, pair in enumerate(zip(word, right, strict=False)) if pair[0] != pair[1]), -1)
    if start < 0:
        return True
    rest, other = word[start:], right[start:]
    if len(rest) == len(other):
        swapped = rest[1::-1] + rest[2:]
        return rest[1:] == other[1:] or swapped == other
    return rest[1:] == other or rest == other[1:]


def _prefix(word: str) -> str:
    return max((prefix for prefix in _PREFIXES if word.startswith(prefix)), key=len, default="")
