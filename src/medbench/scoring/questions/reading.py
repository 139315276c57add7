"""Reads the answer to a question from a text; docs/scoring.md has the rules."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.case import Question

VERSION: Final = 3
"""Of how an answer is read, and of what guessing gets."""
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MARKS: Final = re.compile(r"[*_`#]+|^\s*>+(?!\s*\d)|\\boxed|[{}$]", re.MULTILINE)
"""Marks of Markdown and TeX around an answer; '>' is a sign within a line or before a number."""
_ENDS: Final = r"(?:\s+is)?\s*[:=-]?\s*[\"'(\[]*"
_ANSWER: Final = rf"\b(?:final\s+|correct\s+|my\s+)?answer{_ENDS}"
"""Words before an answer that is announced."""
_SAID: Final = rf"\b(?:final\s+|correct\s+|my\s+)?(?:answer|option|choice){_ENDS}"
"""The same, also before a choice that is only spoken of."""
_YES: Final = r"(yes)\b(?!\s*(?:/|or\b)\s*no\b)"
"""'Yes or no' repeats how to answer."""
_NO: Final = (
    r"(no)(?=\s*(?:$|[.,;:!)\]\"'\n-]|\s(?:there|it|this|the|these|they|because|since|as)\b))"
    r"(?!\s*(?:/|or\b)\s*yes\b)"
)
"""'No' by itself or before a sentence: in 'No abnormality is seen' it is not an answer."""
_YES_NO: Final = re.compile(rf"{_SAID}(?:{_YES}|{_NO})", re.IGNORECASE)
_BEGINS: Final = re.compile(rf"\W*(?:{_YES}|{_NO})", re.IGNORECASE)
_ALONE: Final = r"[A-Z]\b(?!')|[a-z](?=\W*$)"
"""A letter by itself; a small one only where nothing follows."""
_CAPITAL: Final = rf"((?![A-Z]\s*(?:,|/|&|or\b|and\b)\s*(?:option\s+|choice\s+)?[A-Z]\b)(?:{_ALONE}))"
"""The same, but not of several: 'A or B' commits to neither."""
_LETTER: Final = re.compile(rf"(?i:{_ANSWER})(?:(?i:option|choice)\s+)?{_CAPITAL}")
_OPTION: Final = re.compile(rf"(?i:{_SAID})(?:{_CAPITAL}|({_ALONE}))")
_BEGINS_LETTER: Final = re.compile(rf"\W*(?=[A-Za-z]\s*(?:$|[.):,\]\n-])){_CAPITAL}")
"""'a mass' begins with an article."""
_ANNOUNCED: Final = re.compile(rf"^\W*{_SAID}", re.IGNORECASE)
_ARTICLES: Final = frozenset({"a", "an", "the"})
_PARTS: Final = re.compile(r"(?<!\d)[,;/&]|[,;/&](?!\d)|\band\b", re.IGNORECASE)
"""Marks between the parts of a list; '1/2' and '1,5' are numbers."""
_WORD: Final = re.compile(r"[<>≤≥±]|(?<!\w)[+-](?=\s?\d)|(?<=\w)[+-](?!\w)|\w+")
"""A word, or a sign that changes what is meant: '< 5', '-5', 'T1+'."""


def answer_of(text: str, question: Question) -> str | None:
    """Return the answer that a text gives, as `right_answer` would be written; None where it gives none."""
    plain = _MARKS.sub(" ", text).strip()
    if question.kind == "yes/no":
        return _yes_or_no(plain)
    if question.kind == "choice":
        return _choice(plain, question.choices)
    return plain_words(_ANNOUNCED.sub("", plain)) or None


def right_answer(reference: str, question: Question) -> str:
    """Return the reference as `answer_of` returns an answer."""
    return reference.strip().casefold() if question.kind == "yes/no" else plain_words(reference)


def plain_words(text: str) -> str:
    """Return a text in lower case, without punctuation and articles; the parts of a list in one order.

    Signs that change what is meant stay: '< 5 mm' is not '5 mm', nor 'T1+' 'T1'.
    """
    return ", ".join(sorted(filter(None, map(_in_order, _PARTS.split(text)))))


def _in_order(text: str) -> str:
    """Return the words of a text in lower case, without articles, in their order."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    # The last word is not an article: 'hepatitis A'.
    return " ".join([word for word in words[:-1] if word not in _ARTICLES] + words[-1:])


def _yes_or_no(text: str) -> str | None:
    announced = _YES_NO.findall(text)
    if announced:
        return "".join(announced[-1]).lower()
    begins = _BEGINS.match(text)
    return str(begins[1] or begins[2]).lower() if begins else None


def _choice(text: str, choices: Sequence[str]) -> str | None:
    """Return the choice that a text names: by its letter, or else by its words alone."""
    letter = _letter(text, choices)
    if letter is not None and _LETTERS.index(letter) < len(choices):
        return plain_words(choices[_LETTERS.index(letter)])
    by_words = {_in_order(choice): plain_words(choice) for choice in choices}
    if (whole := plain_words(text)) in by_words.values():
        return whole
    said = f" {_in_order(text)} "
    named = [words for words in by_words if f" {words} " in said]
    # 'lung' in 'lung cancer' is named with it, not beside it.
    longest = [one for one in named if not any(one != other and one in other for other in named)]
    return by_words[longest[0]] if len(longest) == 1 else None


def _letter(text: str, choices: Sequence[str]) -> str | None:
    """Return the letter that a text commits to, as a capital; None where it names none, or several."""
    if answers := _LETTER.findall(text):
        return str(answers[-1]).upper()
    if begins := _BEGINS_LETTER.match(text):
        return begins[1].upper() if not _is_list(text, begins[1].upper(), choices) else None
    # 'Option A is wrong' speaks of a choice, too.
    options = {(letter.upper(), several) for letter, several in _OPTION.findall(text)}
    return next(iter(options))[0] or None if len(options) == 1 else None


def _is_list(text: str, first: str, choices: Sequence[str]) -> bool:
    """Return True if a text names another choice too by its letter with its words, as a list of them does."""
    others = (pair for pair in zip(_LETTERS, choices, strict=False) if pair[0] != first)
    return any(re.search(rf"\b{letter}[.):]\s*{re.escape(words)}", text) for letter, words in others)
