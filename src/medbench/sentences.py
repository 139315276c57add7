"""Helps to write sentences: counts, the nearest name, printable text, safe cells, lines that fit."""

from __future__ import annotations

import difflib
import math
import re
import shlex
import textwrap
import unicodedata
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH: Final = 80
"""Columns of a line where no terminal says how wide it is."""
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""The control characters of ASCII but newline and tab."""
_COMMAND: Final = re.compile(
    r"(?P<line>(?:Next:)?\s*(?:medbench|git|pip|export) .*?)(?:\s{2,}(?P<about>\S.*))?"
)
_LABEL: Final = re.compile(r"\s*(?:(?:Note|Next|Missing|Stopped): |\S+(?: \S+)?\s{2,})")
_WIDEST_LABEL: Final = 32
_LEAST_USD: Final = 0.000001
"""Dollars below which a sum is only said to be less."""
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - read as ASCII ones
"""Beginnings of a text that some spreadsheet takes for a formula, the full-width signs included."""
_MARKED = ("'", *_BEGINS_FORMULA)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a count with its noun: '1 case', '1,200 cases'.

    Args:
        number: The count.
        one: Words after 1, such as 'output is'.
        many: Words after any other number; '' for `one` with an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def rounded(value: float, places: int = 0, *, times: int = 0) -> str:
    """Return a number with so many places, rounded as by hand: a half goes away from zero.

    The shortest decimal of the float is rounded, since that is what a reader divides: 23 of 40 are 57.5 %, so
    58 %, where 100 * .575 is 57.49 in binary, and Python's own formats would make 32.5 an even 32.

    Args:
        value: The number. No digits come of one that is infinite or NaN.
        places: Digits after the point.
        times: Power of ten that it is multiplied by first: 2 for a share in percent.
    """
    if not math.isfinite(value):
        return f"{value:.{places}f}"
    exact = Decimal(repr(float(value))).scaleb(times)
    text = f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    return text.removeprefix("-") if not float(text) else text


def money(usd: float | None, *, up: bool = False) -> str:
    """Return dollars with as many digits as tell something: '$12.50', '$0.114', '$0.000021'.

    Cents from a dollar on, three places below, and two digits of what is smaller. Nothing that costs looks
    free: only 0 is '$0'.

    Args:
        usd: Dollars; None where they are unknown.
        up: True for a forecast or a bound, which has cents where two digits need no more, and is rounded up.
    """
    if usd is None or not usd:
        return "unknown" if usd is None else "$0"
    if usd < _LEAST_USD:
        return "<$0.000001"
    exact = Decimal(f"{usd:.12g}")
    places = max(2 if up or usd >= 1 else 3, 1 - exact.adjusted())
    if usd >= 1:
        places = 2
    shown = exact.quantize(Decimal(1).scaleb(-places), ROUND_CEILING if up else ROUND_HALF_UP)
    whole, _, digits = f"{shown:,f}".partition(".")
    return f"${whole}.{digits[:2]}{digits[2:].rstrip('0')}"


def listed(words: Sequence[str], most: int) -> str:
    """Return the first of some words with commas, and '…' where there are more."""
    return ", ".join(words[:most]) + (" …" if len(words) > most else "")


def p_text(p: float, name: str = "p") -> str:
    """Return a p-value as it stands in every sentence: 'p = .11', 'p = .046', 'p < .001', 'p > .99'.

    Two places; three below .01, and more where fewer would make it .05 (after the AMA Manual of Style).

    Args:
        p: The p-value.
        name: What it is called, such as 'mid-p'.
    """
    p = round(p, 12)  # the last bits of a p-value differ between machines
    if p < 0.001 or p > 0.99:
        return f"{name} < .001" if p < 0.001 else f"{name} > .99"
    places = 3 if p < 0.01 else next((n for n in (2, 3) if float(rounded(p, n)) != 0.05), 4)
    return f"{name} = {rounded(p, places)}".replace("0.", ".")


def alpha_text(alpha: float) -> str:
    """Return the level of a test as it stands in sentences: '.05', '.0083'."""
    return f"{alpha:.2g}".removeprefix("0")


def line_of(*words: object) -> str:
    """Return a command as it is typed, each word quoted where it has to be; no path looks like an option."""
    return shlex.join(["medbench", *map(_typed, words)])


def _typed(word: object) -> str:
    return f"./{word}" if isinstance(word, PurePath) and str(word).startswith("-") else str(word)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like the given one; None if none is like it."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that the given one misspells; None if it may well be a name of its own.

    Stricter than `nearest`: a letter or two are wrong, swapped, too many or too few. Case, '-' and '_' do not
    count.
    """
    from rapidfuzz.distance import OSA

    letters = _letters(name)
    most = 2 if len(letters) > 8 else 1 if len(letters) > 2 else 0
    apart = {each: OSA.distance(letters, _letters(each)) for each in sorted(known)}
    close = min(apart, key=apart.__getitem__, default=None)
    return close if close is not None and apart[close] <= most else None


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def printable(text: str) -> str:
    """Return a text from outside, safe to print: no control characters but newline and tab."""
    if text.isascii() and not _CONTROLS.search(text):
        return text
    return "".join(
        char
        if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cs"}
        else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def guarded(text: str) -> str:
    """Return a cell: a text that a spreadsheet could run, or that begins with ', with a ' before it."""
    return f"'{text}" if text.startswith(_MARKED) else text


def unguarded(cell: str) -> str:
    """Return the text of such a cell; one in which a person wrote a ' of their own is left as it is."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_MARKED) else cell


def within(text: str, width: int = WIDTH, hang: int | None = None) -> str:
    """Return the text with long lines broken at spaces.

    A broken line goes on `hang` columns further in than it begins; with None below the text beside its label,
    or a little further in where it has none.

    A word that is wider than a line, such as a path, stays whole. So does a command to type; a remark on it
    goes to the line below.
    """
    return "\n".join(part for line in text.split("\n") for part in _broken(line, width, hang))


def _broken(line: str, width: int, hang: int | None) -> list[str]:
    if len(line) <= width:
        return [line]
    command = _COMMAND.fullmatch(line)
    if command:
        about = command["about"]
        return [command["line"], *([" " * 8 + about] if about else [])]
    return textwrap.wrap(
        line,
        width,
        subsequent_indent=" " * (_hang(line) if hang is None else len(line) - len(line.lstrip(" ")) + hang),
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
        drop_whitespace=True,
    )


def _hang(line: str) -> int:
    label = _LABEL.match(line)
    if label and len(label.group()) <= _WIDEST_LABEL:
        return len(label.group())
    return len(line) - len(line.lstrip(" ")) + 2


def by_size(group: str) -> tuple[int, str]:
    """Return the key to sort names of groups by: '26-50 words' before '101+ words', others by letter."""
    digits = re.match(r"\d+", group)
    return (int(digits.group()) if digits else 0), group
