"""Plots as tables: each row has a point and a line on the scale that all rows share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.report.blocks import Span
    from medbench.schema.score import Interval

WIDTH = 240
"""Units of the width of a plot."""
_ROOM = 8


@dataclass(frozen=True, slots=True)
class PlotRow:
    """A row of a plot."""

    cells: tuple[str | Span, ...]
    """Its text: name, number of cases, value with interval, and what else stands beside it."""
    point: float | None
    """Where its value lies on the plot; None where it has none."""
    low: float | None = None
    high: float | None = None
    kind: str = ""
    """'overall' for a row that is read first, 'part' for one that says more."""
    dots: tuple[float, ...] = ()
    """Where single values lie."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot as a table with a picture in each row."""

    title: str
    header: tuple[str, ...]
    """Names of the cells of a row; the picture stands between the second and the third."""
    rows: tuple[PlotRow, ...]
    ticks: tuple[tuple[float, str], ...]
    """Places on the scale and their labels."""
    zero: float | None = None
    """Where no difference lies; None on a scale that has no such place."""
    note: str = ""
    parts: tuple[tuple[str, tuple[PlotRow, ...]], ...] = ()
    """Further rows below titles of their own."""


class Scale:
    """A stretch of numbers on the width of the plot."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def at(self, value: float) -> float:
        """Return the place of a value; of one beyond an end, that end."""
        inside = min(max(value, self.low), self.high)
        return round(_ROOM + (WIDTH - 2 * _ROOM) * (inside - self.low) / (self.high - self.low), 1)

    def row(
        self, cells: Sequence[str | Span], value: float | None, ends: Interval | None, kind: str
    ) -> PlotRow:
        """Return a row with a value and its interval; without a point where the value is unknown."""
        if value is None:
            return PlotRow(tuple(cells), None, kind=kind)
        low, high = (self.at(ends.low), self.at(ends.high)) if ends else (None, None)
        return PlotRow(tuple(cells), self.at(value), low, high, kind)
