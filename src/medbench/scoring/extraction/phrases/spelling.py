"""Mends a typo of one letter in a long word."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary
from medbench.scoring.extraction.words.forms import canonical
from medbench.scoring.extraction.words.sizes import millimetres
from medbench.scoring.extraction.words.tokens import SIZE

_LONG: Final = 7
_END: Final = 3
"""Letters at the beginning or at the end of a long word that one typo leaves alone."""
_PREFIXES: Final = (
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
    if "f" in word and (written := word.replace("f", "ph")) in _known().words:
        return written  # 'Hydronefrosis'.
    # As it stands first: 'pancreatits' is not a plural of a 'pancreatit', which is nearer to 'pancreatic'.
    return _mended(token) or (_mended(word) if token != word else "") or word


class _Known:
    """The words of the vocabulary, and the long ones by their length and their first or last letters."""

    def __init__(self) -> None:
        text = (files("medbench.scoring.extraction.vocabulary") / "real_words.txt").read_text("utf-8")
        real = [word for line in text.splitlines() if line[0] != "#" for word in line.split()]
        self.words = vocabulary().words.union(real)
        self.alike: dict[tuple[int, str], list[str]] = {}
        for word in vocabulary().words:
            if len(word) >= _LONG and word.isalpha():
                for letters in _ends(word):
                    self.alike.setdefault((len(word), letters), []).append(word)


@cache
def _known() -> _Known:
    return _Known()


def _mended(word: str) -> str:
    """Return the one long word that is a typo away; empty if there is none, or more than one."""
    alike = _known().alike
    lengths = (len(word) - 1, len(word), len(word) + 1)
    candidates = {
        other for letters in _ends(word) for length in lengths for other in alike.get((length, letters), ())
    }
    near = [other for other in candidates if _is_typo(word, other)]
    return near[0] if len(near) == 1 else ""


def _ends(word: str) -> tuple[str, str]:
    """Return the first letters, and the first with the last ones: a typo leaves one of the two alone."""
    return word[:_END], f"{word[0]}-{word[-_END:]}"


def _is_typo(word: str, right: str) -> bool:
    """True if one letter is missing, too many, another, or changed places, and the prefix is the same."""
    start = next((at for at, pair in enumerate(zip(word, right, strict=False)) if pair[0] != pair[1]), None)
    if start is not None:
        rest, other = word[start:], right[start:]
        if len(rest) == len(other):
            swapped = rest[1::-1] + rest[2:]
            is_near = rest[1:] == other[1:] or swapped == other
        else:
            is_near = rest[1:] == other or rest == other[1:]
        if not is_near:
            return False
    return len({_prefix(word), _prefix(right)} - {""}) < 2


def _prefix(word: str) -> str:
    return max((prefix for prefix in _PREFIXES if word.startswith(prefix)), key=len, default="")
