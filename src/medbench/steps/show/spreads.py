"""How seconds, dollars and scores are spread over the outputs of each system, by length and by grade."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from medbench.schema.results.report_view import Spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.schema.results.report_view import ReportCase

_DRAWN = 150
"""Values that a spread keeps at most, taken evenly through their order."""
_GRADES = ("good", "partial", "poor")
_QUARTERS = (0.25, 0.5, 0.75)


class _Scored(NamedTuple):
    """An output with what is known of it."""

    system: str
    metrics: dict[str, float]
    grade: str | None


def spreads_of(cases: Sequence[ReportCase], systems: Sequence[str]) -> Iterator[Spread]:
    """Yield the spreads of what is known of at least one output."""
    found = [one for case in cases for one in _outputs(case)]
    for metric in ("latency_ms", "cost_usd"):
        yield from _each(systems, metric, "all", {"": found})
    yield from _each(systems, "finding.f1", "length", _by_length(found))
    graded = {grade: [one for one in found if one.grade == grade] for grade in _GRADES}
    yield from _each(systems, "finding.f1", "grade", graded)


def _outputs(case: ReportCase) -> Iterator[_Scored]:
    for system, grades in case.grades.items():
        views = [view for view in case.view.outputs if view.run == system]
        for view, grade in zip(views, grades, strict=True):
            if view.score is not None:
                known = {name: value for name, value in view.score.scores.items() if value is not None}
                yield _Scored(system, known, grade)


def _by_length(found: Sequence[_Scored]) -> dict[str, list[_Scored]]:
    """Return the outputs in quarters by their number of words, the same for all systems."""
    words = [one.metrics["words"] for one in found if "words" in one.metrics]
    if not words:
        return {}
    ends = [0, *(int(np.quantile(words, at, method="higher")) for at in _QUARTERS), int(max(words))]
    return {
        f"{low + 1}\N{EN DASH}{high} words": [
            one for one in found if low < one.metrics.get("words", 0) <= high
        ]
        for low, high in pairwise(ends)
        if high > low
    }


def _each(systems: Sequence[str], metric: str, by: str, parts: dict[str, list[_Scored]]) -> Iterator[Spread]:
    for system in systems:
        for part, outputs in parts.items():
            values = sorted(
                one.metrics[metric] for one in outputs if one.system == system and metric in one.metrics
            )
            if values:
                low, median, high = (float(np.quantile(values, at)) for at in (0.05, 0.5, 0.95))
                yield Spread(metric, by, system, part, len(values), median, low, high, _evenly(values))


def _evenly(values: Sequence[float]) -> tuple[float, ...]:
    places = np.linspace(0, len(values) - 1, min(len(values), _DRAWN)).round().astype(int)
    return tuple(values[place] for place in places)
