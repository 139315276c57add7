"""Divides a text into statements: what its layout says, and sentences. Pure; in time linear in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from medbench.scoring.layout import json_text
from medbench.scoring.layout.lines import Lines
from medbench.scoring.layout.status import MARKS

if TYPE_CHECKING:
    from medbench.scoring.layout.statement import Statement

_MARKS: Final = "".join(mark for mark in MARKS if mark not in "-+\u2212\u2013\u2014")
# One set of characters in front, so that the search leaps from one of them to the next.
_SIGN: Final = re.compile(
    rf"[:=|\t?\[{{;\u2192\uff1a{_MARKS}\u2026.,(\-\u2013\u2014]"
    r"(?:(?<=[^.,(\-\u2013\u2014])"
    r"|(?<= [-\u2013\u2014]) |(?<= --) |(?<=-)>|(?<=\.)\.\.|(?<=[a-z\"],)[A-Za-z01\"]"
    r"|(?<= \()(?:[-+\u2212xX]|[nN]o|[nN]\)|[yY]\)|[yY]es|[aA]bs|[pP]res|[nN]eg|[pP]os|[pP]rob)"
    r"|(?<=,)[ ]?(?:absent|present|none|negative|positive|not "
    r"|(?:neg|pos|no|yes|true|false|[01])\.?(?:\n|$)))"
)
"""A sign that there may be more to a text than sentences."""
_COLUMNS: Final = re.compile(r"[a-z]{3} {3}")
_ENTRY: Final = re.compile(r"\n[ \t]{0,8}(?:[-*\u2022+]{1,2}|\#+|\d\.|\([-+]\))[ \t]?\S")
"""The same, for the beginning of a line."""
_TAG: Final = re.compile(
    r"</?(b|strong|i|em|u|p|li|ul|ol|br|span|div|table|thead|tbody|tr|td|th|h[1-6])(?:\s[^<>]{0,80})?/?>",
    re.IGNORECASE,
)
_BREAKS: Final = {**dict.fromkeys(("br", "li", "tr", "p", "div"), "\n"), "td": "|", "th": "|"}
_TRIES: Final = 4
"""Places of a text at which JSON is looked for."""


def has_layout(text: str) -> bool:
    """Return True if there may be more to a text than sentences."""
    if _SIGN.search(text) or _ENTRY.search(f"\n{text}"):
        return True
    return "   " in text and _COLUMNS.search(text) is not None


def statements(text: str) -> list[Statement]:
    """Return the statements of a text, in their order."""
    if "</" in text or "<br" in text:
        text = _TAG.sub(_blanked, text)
    found: list[Statement] = []
    at = 0
    for _ in range(_TRIES):
        begin = json_text.begins(text, at)
        if begin < 0:
            break
        lines, end, _ = json_text.read(text, begin)
        if not lines:
            end = begin = text.find("\n", begin)
            if end < 0:
                break
        found += Lines(text, at, begin).read()
        found += _of_json(lines)
        at = end
    return found + Lines(text, at, len(text)).read()


def _blanked(tag: re.Match[str]) -> str:
    """Return what a tag of HTML does to a text, as long as the tag is."""
    name = tag[1].lower()
    mark = _BREAKS.get(name, " ") if tag[0][1] != "/" or name in {"p", "div"} else " "
    return mark.ljust(len(tag[0]))


def _of_json(lines: list[json_text.Line]) -> list[Statement]:
    """Return the statements of rendered JSON; each belongs where its source stands."""
    starts = [0, *accumulate(len(line.text) + 1 for line in lines)]
    rendered = "\n".join(line.text for line in lines)
    found = []
    for statement in Lines(rendered, 0, len(rendered)).read():
        source = lines[bisect_right(starts, statement.start) - 1]
        found.append(statement._replace(start=source.start, end=source.end))
    return found
