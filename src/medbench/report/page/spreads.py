"""Seconds, dollars and scores of single outputs as plots: a dot each, the median and nine tenths of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from math import log10
from typing import TYPE_CHECKING

from medbench.report.numbers import DASH, seconds, share
from medbench.report.page.plots import Plot, PlotRow, Scale
from medbench.sentences import money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from medbench.schema.results.report_view import Spread

_TITLES = {
    ("latency_ms", "all"): ("Seconds of an answer", "Nine tenths of the answers lie in the brackets."),
    ("cost_usd", "all"): ("Dollars of an answer", "Nine tenths of the answers lie in the brackets."),
    ("finding.f1", "length"): (
        "Score against length: finding F1 by the words of the output",
        "Quarters of all outputs by length. If longer ones score higher, a difference may be one of length.",
    ),
    ("finding.f1", "grade"): (
        "Metric against judge: finding F1 by the grade",
        "A metric that agrees with the rater is highest where the grade is good, lowest where it is poor.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Axis:
    """A scale, and the words for what lies on it."""

    words: Callable[[float], str]
    place: Callable[[float], float]
    """From a value to its place on the scale, which goes by powers of ten or evenly."""
    ends: tuple[float, ...]
    """The values that are labelled, the lowest first."""

    def at(self, value: float) -> float:
        low, high = (self.place(end) for end in (self.ends[0], self.ends[-1]))
        return Scale(low, high).at(self.place(value))

    def row(self, one: Spread) -> PlotRow:
        ends = f"[{self.words(one.low)}{DASH}{self.words(one.high)}]"
        return PlotRow(
            cells=(one.part or one.system, str(one.n), f"{self.words(one.median)} {ends}"),
            point=self.at(one.median),
            low=self.at(one.low),
            high=self.at(one.high),
            kind="part" if one.part else "overall",
            dots=tuple(self.at(value) for value in one.values),
        )


def spread_plots(spreads: Sequence[Spread]) -> Iterator[Plot]:
    """Yield a plot for each metric and each way to part the outputs, in the order given."""
    for (metric, by), group in groupby(spreads, key=lambda one: (one.metric, one.by)):
        rows = list(group)
        title, note = _TITLES[metric, by]
        axis = _shares() if metric == "finding.f1" else _powers(rows)
        parts = {one.system: tuple(axis.row(of) for of in rows if of.system == one.system) for one in rows}
        yield Plot(
            title,
            ("system" if by == "all" else by, "n", "median"),
            tuple(map(axis.row, rows)) if by == "all" else (),
            tuple((axis.at(end), axis.words(end)) for end in axis.ends),
            note=note,
            parts=() if by == "all" else tuple(parts.items()),
        )


def _shares() -> _Axis:
    return _Axis(lambda value: share(value, 2), float, (0.0, 0.5, 1.0))


def _powers(rows: Sequence[Spread]) -> _Axis:
    """Return a scale by powers of ten on which all values lie; what cost nothing lies at its low end."""
    values = [value for one in rows for value in one.values if value > 0]
    low, high = (min(values), max(values)) if values else (1.0, 1.0)
    if high < 1.5 * low:
        low, high = low / 2, high * 2
    words = seconds if rows[0].metric == "latency_ms" else money
    return _Axis(words, lambda value: log10(max(value, low)), (low, (low * high) ** 0.5, high))
