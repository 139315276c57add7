"""Reads the answer to a question from a text; docs/scoring.md has the rules."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.case import Question

VERSION: Final = 1
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MARKS: Final = re.compile(r"[*_`#>]+|\\boxed|[{}$]")
"""Marks of Markdown and TeX around an answer."""
_SAID: Final = r"\b(?:final\s+|correct\s+|my\s+)?(?:answer|option|choice)(?:\s+is)?\s*[:=-]?\s*[\"'(\[]*"
"""What stands before an answer that is announced."""
_YES_NO: Final = re.compile(rf"{_SAID}(yes|no)\b", re.IGNORECASE)
_BEGINS: Final = re.compile(
    r"\W*(?:(yes)\b|(no)(?=\s*(?:$|[.,;:!)\]\"'\n-]|\s(?:there|it|this|the|these|they)\b)))", re.IGNORECASE
)
"""'No' by itself or before a sentence: in 'No abnormality is seen' it is no answer."""
_LETTER: Final = re.compile(rf"(?i:{_SAID})([A-Z]\b(?!')|[a-z](?=\W*$))")
_BEGINS_LETTER: Final = re.compile(r"\W*([A-Z](?:(?=\s*$)|(?=\s*[.):,\]\n-]))|[a-z](?=\W*$))")
"""A small letter is one only where nothing follows: 'a mass' begins with an article."""
_ANNOUNCED: Final = re.compile(rf"^\W*{_SAID}", re.IGNORECASE)
_ARTICLES: Final = frozenset({"a", "an", "the"})
_PARTS: Final = re.compile(r"[,;/&]|\band\b", re.IGNORECASE)


def answer_of(text: str, question: Question) -> str | None:
    """Return the answer that a text gives, as `right_answer` would be written; None where it gives none.

    Args:
        text: The text, without its wrappers.
        question: The question.
    """
    plain = _MARKS.sub(" ", text).strip()
    if question.kind == "yes/no":
        return _yes_or_no(plain)
    if question.kind == "choice":
        return _choice(plain, question.choices)
    return plain_words(_ANNOUNCED.sub("", plain)) or None


def right_answer(reference: str, question: Question) -> str:
    """Return the reference as `answer_of` returns an answer."""
    if question.kind == "exact":
        return plain_words(reference)
    return reference.strip().casefold() if question.kind == "yes/no" else plain_words(reference)


def plain_words(text: str) -> str:
    """Return a text in lower case, without punctuation and articles; the parts of a list in one order."""
    parts = []
    for part in _PARTS.split(unicodedata.normalize("NFKC", text).casefold()):
        words = [word for word in re.findall(r"\w+", part) if word not in _ARTICLES]
        if words:
            parts.append(" ".join(words))
    return ", ".join(sorted(parts))


def _yes_or_no(text: str) -> str | None:
    if announced := _YES_NO.findall(text):
        return str(announced[-1]).lower()
    begins = _BEGINS.match(text)
    return str(begins[1] or begins[2]).lower() if begins else None


def _choice(text: str, choices: Sequence[str]) -> str | None:
    """Return the choice that a text names: by its letter, or else by its words alone."""
    announced = _LETTER.findall(text)
    begins = _BEGINS_LETTER.match(text)
    letter = announced[-1] if announced else begins[1] if begins else None
    if letter is not None and _LETTERS.index(letter.upper()) < len(choices):
        return plain_words(choices[_LETTERS.index(letter.upper())])
    said = f" {plain_words(text)} "
    named = [plain for choice in choices if f" {(plain := plain_words(choice))} " in said]
    # 'lung' in 'lung cancer' is named with it, not beside it.
    longest = [one for one in named if not any(one != other and one in other for other in named)]
    return longest[0] if len(longest) == 1 else None
