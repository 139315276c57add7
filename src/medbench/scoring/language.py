"""Tells English from other languages, in which no findings are read."""

from __future__ import annotations

import re

_SHOWN = 4_000
"""Characters by which a language is told."""
_WORD = re.compile(r"[^\W\d_]+")
_LAST_LATIN = "\u024f"
_ENGLISH = """the is are was were of and with without there no not to a an this that these has have which
within seen it by or on at for"""
# Small words of some European languages that aren't English.
_OTHERS = """der das und ist sind im ein eine einer kein keine keinen mit ohne nicht von zu auf el los las del
una un en sin con se y es por le les des du et est sont pas une dans sans avec au aux il lo gli della di nel
nella e sono senza o os da do na n\u00e3o sem com um uma het een van geen met zijn niet det och inte med ingen
w nie jest bez bir ve ile yok mevcut var olarak"""
_WORDS = {**dict.fromkeys(_OTHERS.split(), 1), **dict.fromkeys(_ENGLISH.split(), -2)}


def is_other_language(text: str) -> bool:
    """Return True if a text isn't English: by its letters, or by its small words."""
    shown = text[:_SHOWN].lower()
    if not shown.isascii():
        letters = [letter for letter in shown if letter.isalpha()]
        if sum(letter > _LAST_LATIN for letter in letters) > 0.3 * len(letters):
            return True
    weights = [_WORDS.get(word, 0) for word in _WORD.findall(shown)]
    return sum(weights) > 0 and weights.count(1) > 1
