"""Reads what a value says of its label: 'none' denies it, 'yes' affirms it, 'cannot be excluded' doubts it.

A value is recognised by its head ('no', 'not', 'present', 'possible', a tick) rather than as a whole, so that
'none that I can see' denies as 'none' does.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal, NamedTuple

from medbench.scoring.layout.words import words_of

Stance = Literal["", "absent", "present", "uncertain", "unknown"]
"""Status of a finding; 'unknown' is an empty slot."""


class Status(NamedTuple):
    """Status that a value gives its label."""

    stance: Stance
    rest: int
    """The first character behind it, where a description may follow."""


_NO: Final = "✗✘✖❌❎☐⬜⭕🚫⛔\u2212\u2013\u2014-"
_YES: Final = "✓✔✅☑☒🗹⬛●+"
MARKS: Final[dict[str, Stance]] = {**dict.fromkeys(_NO, "absent"), **dict.fromkeys(_YES, "present")}
"""A mark that stands for no or yes."""
SIGNS: Final = "✓✔✅☑☒✗✘✖❌❎☐⬜"
"""The marks that also stand alone behind or before a label."""
_TICKS: Final = "☑☒✓✔✅"
# In this order: 'not assessed' and 'not excluded' deny nothing.
_STANCES: Final[dict[str, Stance]] = {
    "unknown": "unknown",
    "same": "",
    "uncertain": "uncertain",
    "absent": "absent",
    "present": "present",
}
# A bracket is a blank, unless a tick, an answer, a side or a size stands in it.
_BLANK: Final = re.compile(
    r"[\s_.\u2026*<>#:|]*"
    r"(?![\[{] ?(?i:\d[\d .x-]{0,16}[cm]m\b|(?:left|right|bilateral)\b(?! ?(?:/|or\b))))"
    r"(?:\[(?![ ]?[xX✓✔✗✘+-][ ]?\]"
    r"|(?i:no|yes|y|n|none|absent|present|negative|positive|neg|pos|nil|not \w+)\])[^\[\]]{0,80}\]"
    r"|\{\{?[^{}]{0,60}\}\}?|<[\w ]{2,60}>)?[\s_.\u2026*]*$"
)
_OPTION: Final = re.compile(
    r"(?:[\[(]\s?(?P<box>[xX✓✔*]?)\s?[\])]|(?P<sign>[☐☑☒✓✔✅✗✘❌]))\s{0,2}(?P<word>[A-Za-z][A-Za-z/ ]{0,24})"
)
_SIGNS: Final = re.compile("[☐☑☒✓✔✅✗✘❌]")
_QUOTES: Final = r"[\s*_`'\"\u2018\u2019\u201c\u201d]*"
_WRAPPED: Final = re.compile(rf"{_QUOTES}[(\[]?{_QUOTES}")
_FIRST: Final = re.compile(r"[A-Za-z]+|[01?]")
_ENDS: Final = " \t.!)]*_'\"\u201d`"
_LONGEST: Final = 160


@cache
def _heads() -> tuple[frozenset[str], tuple[tuple[Stance, re.Pattern[str]], ...]]:
    """Return the first words of all heads, which sort out most values at once, and the heads."""
    return frozenset(words_of("first")), tuple(
        (
            stance,
            re.compile(
                rf"(?:(?:definite|clear|certain)(?:ly)? )?(?:{'|'.join(words_of(kind))})", re.IGNORECASE
            ),
        )
        for kind, stance in _STANCES.items()
    )


def status_of(value: str) -> Status | None:
    """Return what a value says of its label; None if it only describes it."""
    shown = value[:_LONGEST]
    at = 0
    if not shown[:1].isalnum():
        if _BLANK.match(shown):
            return Status("unknown", len(value))
        start = _WRAPPED.match(shown)
        at = start.end() if start else 0
    signed = not shown.isascii() and (shown[at : at + 1] in MARKS or _SIGNS.search(shown))
    if signed or shown[at : at + 1] in {"-", "+"} or shown.count("[") + shown.count("(") > 1:
        marked = _chosen(shown, len(value)) or _marked(shown, at)
        if marked is not None:
            return marked
    if shown[at : at + 1] in {"x", "X"} and not any(map(str.isalnum, shown[at + 1 :])):
        return Status("present", len(value))
    bare = shown[at:].rstrip(_ENDS)
    first = _FIRST.match(bare)
    openers, heads = _heads()
    if first is None or first[0].lower() not in openers:
        return None
    for stance, pattern in heads:
        if head := pattern.match(bare):
            return Status(stance, at + head.end()) if stance else None
    return None


def _marked(value: str, at: int) -> Status | None:
    """Return what a mark says; a word behind it, as in '✅ None', counts for more."""
    mark = MARKS.get(value[at : at + 1])
    if not mark or value[at + 1 : at + 2].isalnum():
        return None
    end = len(value) - len(value[at + 1 :].lstrip(" \t)]\ufe0f*,:;."))
    if value[at] in "+-" and value[end : end + 1].isdigit():
        return None
    worded = status_of(value[end:]) if end < len(value) else None
    if worded is not None and worded.stance not in {"", "unknown"}:
        return Status(worded.stance, end + worded.rest)
    return Status(mark, end)


def _chosen(value: str, end: int) -> Status | None:
    """Return the ticked one of several options: '[ ] Yes [x] No'."""
    options = list(_OPTION.finditer(value))
    if len(options) < 2:
        return None
    for option in options:
        if option["box"] or (option["sign"] and option["sign"] in _TICKS):
            said = status_of(option["word"])
            return Status(said.stance if said else "present", end)
    return Status("unknown", end)
