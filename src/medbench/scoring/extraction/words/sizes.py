"""Sizes in a text: '2.1 x 3.4 cm', 'one and a half inches', in millimetres."""

from __future__ import annotations

import re
from typing import Final

NUMBER: Final = r"\d{1,6}(?:[.,]\d{1,4})?"
UNIT: Final = r"(?:(?:mm|cm|millimet(?:er|re)|centimet(?:er|re))s?|inch(?:es)?)"
GAP: Final = r"[\s-]{0,2}"
_COUNT: Final = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS: Final = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_NUMERAL: Final = rf"(?:({'|'.join(_TENS)})(?:[ -]({'|'.join(_COUNT)}))?|({'|'.join(_COUNT)}))( and a half)?"
_COUNTED: Final = re.compile(rf"\b(?:{_NUMERAL}|half(?: an?)?)[ -](?={UNIT}\b)")
"""A size in words: 'two centimeters', 'one and a half cm'."""
_ENDS: Final = "|".join(sorted({number[-2:] for number in (*_TENS, *_COUNT, "half", "half a", "half an")}))
_IN_WORDS: Final = re.compile(rf"[ -](?=[cim])(?<=(?:{_ENDS}).){UNIT}\b")
"""The last letters of a number in words, and the unit behind it."""
_AXIS: Final = re.compile(
    r"(?<=[\dm]) ?\((?:ap|tr|tv|cc|si|ml|lr|sag|trans|length|width|height|depth|transverse|craniocaudal"
    r"|anteroposterior|longitudinal|sagittal|coronal|axial|long axis|short axis)\)(?= ?(?:x|by|cm|mm|\d|,))"
)
"""The axis behind a number of a size: '2.1 (AP) x 3.4 (TR) cm'."""
_MILLIMETRES: Final = {"m": 1.0, "c": 10.0, "i": 25.4}
"""First letter of a unit to its length."""
_VALUE: Final = re.compile(rf"({NUMBER})(?:{GAP}({UNIT}))?")


def in_figures(text: str) -> str:
    """Return a text with its sizes in words as figures: 'two cm' gives '2 cm'."""
    return _COUNTED.sub(_figure_of, text) if _IN_WORDS.search(text) else text


def without_axes(text: str) -> str:
    """Return a text without the axes within its sizes."""
    return _AXIS.sub(" ", text)


def _figure_of(size: re.Match[str]) -> str:
    """Return the number of a size in words: 'one and a half' gives 1.5."""
    tens, more, word, half = size.groups()
    number = _TENS.get(tens, 0) + _COUNT.get(more or word, 0)
    return f"{number + (0.5 if half or not number else 0)} "


def millimetres(token: str, *, grown: bool = False) -> float | None:
    """Return the largest size in a token, in mm: '1.5 x 2 cm' gives 20; None where it isn't a size.

    Args:
        token: A token as `tokens_of` gives it.
        grown: True if 'from' stands before it: then the last counts, and one alone is a former one.
    """
    if not token[0].isdigit() or token[-1].isdigit():
        return None
    numbers: list[tuple[str, str]] = _VALUE.findall(token)
    known = next((unit for _, unit in reversed(numbers) if unit), None)
    if known is None:
        return None
    # In '1.5 x 2 cm' the unit behind the last number is that of the others too.
    sizes = [float(value.replace(",", ".")) * _MILLIMETRES[(unit or known)[0]] for value, unit in numbers]
    if grown:
        return sizes[-1] if len(sizes) > 1 else None
    return max(sizes)
