"""Grades, findings and paired differences as plots of their intervals."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from medbench.report.compare.comparison import family, judged, name_of
from medbench.report.compare.pairs import STRATA
from medbench.report.numbers import (
    UNKNOWN,
    cell,
    groups_of,
    is_of_points,
    metric_name,
    p_value,
    paired,
    points,
    rate,
    sample,
    share,
)
from medbench.report.page.plots import Plot, PlotRow, Scale
from medbench.scoring.controls import ABOVE, above

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.schema.results.comparison import Comparison, Pair, PairedDifference
    from medbench.schema.results.system_row import SystemRow
    from medbench.schema.score import Estimate


def by_system(comparison: Comparison) -> Iterator[Plot]:
    """Yield the grades of the systems, where there are any, and their findings beside those of the floors."""
    scale = Scale(0.0, 1.0)
    ticks = tuple((scale.at(value / 4), f"{25 * value} %") for value in range(5))
    graded = [system for system in comparison.systems if system.graded]
    if graded:
        yield Plot(
            "Grades by system",
            ("system", "judged", "share"),
            (),
            ticks,
            note="Shares of graded outputs with 95 % intervals. What has no grade is in none of them.",
            parts=tuple(_grades(graded, scale)),
        )
    rows = (*comparison.systems, *comparison.floors)
    floors = " A floor looks at no image, or copies the text of one: read each value against them."
    yield Plot(
        "Findings by system, floors below" if comparison.floors else "Findings by system",
        ("system", "n", "value"),
        (),
        ticks,
        note="Means with 95 % intervals." + floors * bool(comparison.floors),
        parts=tuple(_findings(rows, scale)),
    )


def _grades(systems: Sequence[SystemRow], scale: Scale) -> Iterator[tuple[str, tuple[PlotRow, ...]]]:
    for name in ("good", "partial", "poor", "key_finding"):
        found: list[tuple[SystemRow, Estimate]] = [(row, getattr(row.graded, name)) for row in systems]
        kind = "overall" if name == "good" else "part"
        yield (
            f"{name.replace('_', ' ')}, %",
            tuple(
                scale.row(
                    (row.name, judged(row) if name == "good" else str(one.n), rate(one)),
                    one.mean,
                    one.interval,
                    kind,
                )
                for row, one in found
            ),
        )


_OVERALL = frozenset({"finding.f1", "answer.right"})
"""Metrics of a whole output; others are parts of it."""


def _findings(systems: Sequence[SystemRow], scale: Scale) -> Iterator[tuple[str, tuple[PlotRow, ...]]]:
    asked = any((one := row.metrics.get("answer.right")) and one.n for row in systems)
    for metric in (*["answer.right"] * asked, "finding.f1", "finding.key"):
        # A benchmark of questions has no findings, whose empty rows would only be in the way.
        found = [(row, one) for row in systems if (one := row.metrics.get(metric)) and (one.n or not asked)]
        title = f"{metric_name(metric)}, %" if is_of_points(metric) else metric_name(metric)
        rows = tuple(
            scale.row(
                (name_of(row), sample(one.n, groups_of([one])), cell(metric, one)),
                one.mean,
                one.interval,
                "overall" if metric in _OVERALL and not row.floor else "part",
            )
            for row, one in found
        )
        if rows:
            yield title, rows


def forests(comparison: Comparison) -> Iterator[Plot]:
    """Yield for each pair of systems the difference of what the conclusion is about, overall and in parts."""
    for pair in comparison.pairs:
        if pair.conclusion is not None and pair.conclusion.difference is not None:
            yield _forest(pair, comparison)


def against_the_first(comparison: Comparison) -> Plot | None:
    """Return the difference of each other system to the one that all are paired with.

    Returns:
        None for one pair, and where an experiment declared pairs that have no system in common.
    """
    pairs = [(pair, one) for pair in comparison.pairs if (one := _deciding(pair))]
    if len(pairs) < 2 or len({pair.a for pair, _ in pairs}) > 1:
        return None
    pair = pairs[0][0]
    assert pair.conclusion is not None
    plot = _forest(pair, comparison)
    scale = _around_zero([(pair.b, one) for pair, one in pairs])
    of_points = pair.conclusion.metric == "good" or is_of_points(pair.conclusion.metric)
    return replace(
        plot,
        title=f"Each system minus {pair.a}: {metric_name(pair.conclusion.metric)}",
        header=("system", *plot.header[1:]),
        rows=tuple(
            scale.row(_cells(pair.b, one, of_points=of_points), one.difference, one.interval, "overall")
            for pair, one in pairs
        ),
        ticks=_ticks(scale, of_points=of_points),
        note=f"Left of the line {pair.a} is ahead, right of it the other. An interval that crosses the line "
        f"shows no difference. {family(comparison)}; none where too few cases have both.",
        parts=(),
    )


def _forest(pair: Pair, comparison: Comparison) -> Plot:
    assert pair.conclusion is not None
    metric = pair.conclusion.metric
    raw = metric.removeprefix(ABOVE)
    overall = _overall(pair, metric)
    strata = [
        one
        for one in comparison.strata
        if (one.a, one.b, one.metric) == (pair.a, pair.b, raw) and len(one.parts) > 1
    ]
    scale = _around_zero([*overall, *((part.value, part.difference) for one in strata for part in one.parts)])
    of_points = metric == "good" or is_of_points(metric)

    def row(name: str, one: PairedDifference, kind: str) -> PlotRow:
        return scale.row(_cells(name, one, of_points=of_points), one.difference, one.interval, kind)

    adjusted = family(comparison)
    if any(part.difference.p_holm is not None for one in strata for part in one.parts):
        adjusted += "; for a part, over the parts beside it"
    return Plot(
        f"{pair.b} minus {pair.a}: {metric_name(metric)}",
        ("cases", "n", "points" if of_points else "difference", "Holm"),
        tuple(row(name, one, "overall") for name, one in overall),
        _ticks(scale, of_points=of_points),
        zero=scale.at(0.0),
        note=f"Left of the line {pair.a} is ahead, right of it {pair.b}. An interval that crosses the line "
        f"shows no difference. {adjusted}.",
        parts=tuple(
            (
                f"by {STRATA.get(one.by, one.by)}: {metric_name(raw)}",
                tuple(row(part.value, part.difference, "part") for part in one.parts),
            )
            for one in strata
        ),
    )


def _ticks(scale: Scale, *, of_points: bool) -> tuple[tuple[float, str], ...]:
    values = (scale.low, 0.0, scale.high)
    return tuple((scale.at(value), points(value) if of_points else share(value, 1)) for value in values)


def _around_zero(differences: Sequence[tuple[str, PairedDifference]]) -> Scale:
    """Return a scale on which all intervals lie, as wide to the left as to the right."""
    ends = [
        abs(end)
        for _, one in differences
        for end in ((one.interval.low, one.interval.high) if one.interval else (one.difference,))
    ]
    reach = max(ceil(10 * max(ends, default=1.0)) / 10, 0.1)
    return Scale(-reach, reach)


def _overall(pair: Pair, metric: str) -> list[tuple[str, PairedDifference]]:
    """Return the differences over all cases: of what decides, then of what stands beside it."""
    if metric == "good":
        assert pair.graded is not None
        found = {"good": pair.graded.good, "key finding": pair.graded.key_finding}
    else:
        beside = metric.removeprefix(ABOVE)
        names = dict.fromkeys((metric, beside, above(beside)))
        found = {metric_name(name): pair.metrics.get(name) for name in names}
    return [(f"all: {name}", one) for name, one in found.items() if one is not None]


def _deciding(pair: Pair) -> PairedDifference | None:
    """Return the difference that the conclusion is about."""
    if pair.conclusion is None or pair.conclusion.metric != "good":
        return pair.metrics.get(pair.conclusion.metric) if pair.conclusion else None
    return pair.graded.good if pair.graded else None


def _cells(name: str, one: PairedDifference, *, of_points: bool) -> tuple[str, ...]:
    holm = p_value(one.p_holm) if one.p_holm is not None else UNKNOWN
    return name, sample(one.n, groups_of([one])), paired(one, of_points=of_points), holm
