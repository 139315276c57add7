"""Reads texts that people have rated: a CSV or JSON Lines file of reference, candidate and ratings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medbench.datasets.table import read_table, text_of
from medbench.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

MOST_RATERS = 20
_MARKS = ("rating", "errors")
"""Columns of marks: the higher the better, and counts of errors, the lower the better."""
_NAMES = (
    *("id", "reference", "candidate", "group", "better", "worse", "rating", "ratings", "errors"),
    *(f"{mark}_{number}" for mark in _MARKS for number in range(1, MOST_RATERS + 1)),
)
_HINT = "each row has reference, candidate and rating (or rating_1, …), or reference, better and worse"


@dataclass(frozen=True, slots=True)
class Rated:
    """One candidate, with what people thought of it."""

    reference: str
    candidate: str
    group: str
    """Unit of resampling, such as the patient; the reference where the file names none."""
    ratings: tuple[float, ...]
    """One number a rater, the higher the better."""


@dataclass(frozen=True, slots=True)
class Preference:
    """Two candidates of which people prefer one."""

    reference: str
    better: str
    worse: str
    group: str


def read_ratings(path: Path) -> tuple[list[Rated], list[Preference]]:
    """Return the candidates with ratings and the preferences of a file.

    Raises:
        UsageError: There is no such file.
        InputError: A row is broken, has an unknown column, or lacks a text or a rating.
    """
    rated: list[Rated] = []
    preferences: list[Preference] = []
    for where, row in read_table(path, dict(zip(_NAMES, _NAMES, strict=True))).rows:
        texts = {name: text_of(where, row, name) for name in ("reference", "candidate", "better", "worse")}
        group = str(row.get("group", texts["reference"]))
        ratings = _ratings(where, row)
        reference, candidate, better, worse = texts.values()
        if reference and better and worse and not (candidate or ratings):
            preferences.append(Preference(reference, better, worse, group))
        elif reference and candidate and ratings and not (better or worse):
            rated.append(Rated(reference, candidate, group, ratings))
        else:
            missing = "no reference" if not reference else "neither a rated candidate nor a preference"
            raise InputError(f"{where}: {missing}.", _HINT)
    if not (rated or preferences):
        raise InputError(f"'{path}' has no rows.", _HINT)
    return rated, preferences


def _ratings(where: str, row: dict[str, Any]) -> tuple[float, ...]:
    """Return the numbers of all raters; counts of errors with their sign turned."""
    numbers = []
    for column, value in row.items():
        if column.startswith(_MARKS):
            sign = -1.0 if column.startswith("errors") else 1.0
            for one in value if isinstance(value, list) else [value]:
                try:
                    number = float(one)
                except (TypeError, ValueError):
                    number = math.nan
                if not math.isfinite(number):
                    raise InputError(f"{where}: {column} is '{value}'.", "a number, or a list of numbers")
                numbers.append(sign * number)
    return tuple(numbers)
