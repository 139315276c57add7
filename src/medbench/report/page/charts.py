"""Intervals as plots: each row of a table has a point and a line on the scale that all rows share."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from medbench.report.compare.comparison import judged, name_of
from medbench.report.compare.pairs import STRATA
from medbench.report.numbers import (
    UNKNOWN,
    between,
    cell,
    groups_of,
    is_of_points,
    metric_name,
    p_value,
    points,
    rate,
    sample,
    share,
)
from medbench.scoring.controls import ABOVE, above

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Span
    from medbench.schema.results.comparison import Comparison, Pair, PairedDifference, SystemRow
    from medbench.schema.score import Estimate, Interval

WIDTH = 240
"""Units of the width of a plot."""
_ROOM = 8


@dataclass(frozen=True, slots=True)
class PlotRow:
    """A row of a plot."""

    cells: tuple[str | Span, ...]
    """Its text: name, number of cases, value with interval, and what else stands beside it."""
    point: float | None
    """Where its value lies on the plot; None for a heading."""
    low: float | None = None
    high: float | None = None
    kind: str = ""
    """'overall', 'part', 'heading', or the name of a grade."""


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


class _Scale:
    """A stretch of numbers on the width of the plot."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def at(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return round(_ROOM + (WIDTH - 2 * _ROOM) * (inside - self.low) / (self.high - self.low), 1)

    def row(
        self, cells: Sequence[str | Span], value: float | None, ends: Interval | None, kind: str
    ) -> PlotRow:
        if value is None:
            return PlotRow(tuple(cells), None, kind=kind)
        low, high = (self.at(ends.low), self.at(ends.high)) if ends else (None, None)
        return PlotRow(tuple(cells), self.at(value), low, high, kind)


def grades(comparison: Comparison) -> Plot:
    """Return the grades of each system, or its findings where nothing is graded."""
    scale = _Scale(0.0, 1.0)
    rows = [row for system in (*comparison.systems, *comparison.floors) for row in _of_system(system, scale)]
    graded = any(system.graded for system in comparison.systems)
    return Plot(
        "Grades by system" if graded else "Findings by system",
        ("system", "judged" if graded else "n", "share" if graded else "value"),
        tuple(rows),
        tuple((scale.at(value / 4), f"{25 * value} %") for value in range(5)),
        note="Shares of graded outputs with 95 % intervals. What has no grade is in none of them."
        if graded
        else "Means with 95 % intervals.",
    )


def _of_system(system: SystemRow, scale: _Scale) -> Iterator[PlotRow]:
    if system.graded is None:
        for metric in ("finding.f1", "finding.key"):
            if one := system.metrics.get(metric):
                n = sample(one.n, groups_of([one]))
                shown = f"{metric_name(metric)}, %" if is_of_points(metric) else metric_name(metric)
                cells = (f"{name_of(system)}: {shown}", n, cell(metric, one))
                yield scale.row(
                    cells, one.mean, one.interval, "overall" if metric == "finding.f1" else "part"
                )
        return
    shown_grades: list[tuple[str, Estimate]] = [
        (name, getattr(system.graded, name)) for name in ("good", "partial", "poor", "key_finding")
    ]
    for name, one in shown_grades:
        title = f"{name_of(system)}: {name.replace('_', ' ')}, %"
        yield scale.row(
            (title, judged(system) if name == "good" else str(one.n), rate(one)),
            one.mean,
            one.interval,
            "overall" if name == "good" else "part",
        )


def forests(comparison: Comparison) -> Iterator[Plot]:
    """Yield for each pair of systems the difference of what the conclusion is about, overall and in parts."""
    for pair in comparison.pairs:
        if pair.conclusion is not None and pair.conclusion.difference is not None:
            yield _forest(pair, comparison)


def _forest(pair: Pair, comparison: Comparison) -> Plot:
    assert pair.conclusion is not None
    metric = pair.conclusion.metric
    raw = metric.removeprefix(ABOVE)
    strata = [one for one in comparison.strata if (one.a, one.b, one.metric) == (pair.a, pair.b, raw)]
    differences = [
        *_overall(pair, metric),
        *((part.value, part.difference) for one in strata for part in one.parts),
    ]
    ends = [
        abs(end)
        for _, one in differences
        for end in ((one.interval.low, one.interval.high) if one.interval else (one.difference,))
    ]
    reach = max(ceil(10 * max(ends, default=1.0)) / 10, 0.1)
    scale, of_points = _Scale(-reach, reach), metric == "good" or is_of_points(metric)
    rows = [
        scale.row(_cells(name, one, of_points), one.difference, one.interval, "overall")
        for name, one in _overall(pair, metric)
    ]
    for one in strata:
        if len(one.parts) > 1:
            rows.append(
                PlotRow((f"by {STRATA.get(one.by, one.by)}: {metric_name(raw)}",), None, kind="heading")
            )
            rows += [
                scale.row(
                    _cells(part.value, part.difference, of_points),
                    part.difference.difference,
                    part.difference.interval,
                    "part",
                )
                for part in one.parts
            ]
    unit = "points" if of_points else "difference"
    ticks = ((value, points(value) if of_points else share(value, 1)) for value in (-reach, 0.0, reach))
    return Plot(
        f"{pair.b} minus {pair.a}: {metric_name(metric)}",
        ("cases", "n", unit, "Holm"),
        tuple(rows),
        tuple((scale.at(value), text) for value, text in ticks),
        zero=scale.at(0.0),
        note=f"Left of the line {pair.a} is ahead, right of it {pair.b}. An interval that crosses the line "
        "shows no difference. Parts rest on few cases: the p-value is adjusted over the parts (Holm).",
    )


def _overall(pair: Pair, metric: str) -> list[tuple[str, PairedDifference]]:
    """Return the differences over all cases: of what decides, then of what stands beside it."""
    if metric == "good":
        assert pair.graded is not None
        found = {"good": pair.graded.good, "key finding": pair.graded.key_finding}
    else:
        beside = metric.removeprefix(ABOVE)
        names = dict.fromkeys((metric, beside, above(beside)))
        found = {metric_name(name): pair.metrics.get(name) for name in names}
    return [(f"all cases: {name}", one) for name, one in found.items() if one is not None]


def _cells(name: str, one: PairedDifference, of_points: bool) -> tuple[str, ...]:  # noqa: FBT001 - a unit
    value = points(one.difference) if of_points else share(one.difference, 2)
    ends = between(one.interval, of_points=of_points)
    holm = p_value(one.p_holm) if one.p_holm is not None else UNKNOWN
    return name, sample(one.n, groups_of([one])), f"{value} {ends}".rstrip(), holm
