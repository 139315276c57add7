"""What `compare` adds to the rows of runs: tested pairs, strata, raters, and a conclusion of each pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from medbench.registry import scorers
from medbench.schema.results.comparison import Omnibus as OmnibusRecord
from medbench.stats.omnibus import omnibus
from medbench.steps.compare.agreement import judgings
from medbench.steps.compare.conclusion import Terms, concluded
from medbench.steps.compare.graded_rows import graded_row
from medbench.steps.compare.headline_rater import RaterChoice, headline_rater, reviewed
from medbench.steps.compare.pairs import PairSide, adjusted, graded_pair, metric_differences
from medbench.steps.compare.strata import stratum_tables
from medbench.steps.reading.grades import RULES
from medbench.steps.reading.summaries import rates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.schema.results.comparison import Comparison, Pair
    from medbench.steps.compare.inputs import CompareOptions, ComparisonData
    from medbench.steps.reading.grades import Grades

PRIMARY = ("finding.f1", "rouge_l.f1")
"""What a conclusion is about where nothing is graded: the first that both systems have."""


def tested(
    comparison: Comparison,
    found: ComparisonData,
    graded: Mapping[str, dict[str, Grades]],
    asked: CompareOptions,
) -> Comparison:
    """The comparison with what its rows alone do not say: pairs, strata, raters and the conclusion."""
    systems = [row.name for row in comparison.systems]
    choice = RaterChoice(asked.judge, asked.offline, asked.force, take_first=found.imported)
    heads = headline_rater({name: graded[name] for name in systems}, choice)
    counting = {
        name: graded[name].get(heads.get(name, next(iter(heads.values()), ""))) for name in found.sheets
    }
    sides = {
        name: PairSide(name, sheet, counting[name], None if asked.offline else reviewed(graded[name]))
        for name, sheet in found.sheets.items()
    }
    pairs = [
        _paired(pair, sides, found) if pair.a in systems or not _many_floors(comparison) else pair
        for pair in comparison.pairs
    ]
    metric = _primary([sides[name] for name in systems])
    overall = _omnibus([sides[name] for name in systems], metric) if len(systems) > 2 else None
    among = [pair for pair in pairs if pair.a in systems]
    wanted = [int((found.wanted[pair.a] & found.wanted[pair.b]).sum()) for pair in among]
    deviations = [_deviation(sides[pair.a], sides[pair.b], metric) for pair in among]
    terms = Terms(margin=asked.margin, min_coverage=asked.min_coverage, omnibus=overall)
    pairs = [
        *concluded(metric, among, wanted, deviations, terms),
        *(pair for pair in pairs if pair.a not in systems),
    ]
    rows = {
        row.name: row.model_copy(
            update={
                "graded": graded_row(sides[row.name], row.wanted, found.wanted[row.name], asked.intervals)
            }
        )
        for row in (*comparison.systems, *comparison.floors)
    }
    raters = set(heads.values())
    forced = comparison.forced
    if len(raters) > 1:
        forced += (
            "the systems were graded by different raters: "
            + ", ".join(f"{s} by {r}" for s, r in heads.items()),
        )
    return comparison.model_copy(
        update={
            "systems": tuple(rows[row.name] for row in comparison.systems),
            "floors": tuple(rows[row.name] for row in comparison.floors),
            "pairs": tuple(pairs),
            "omnibus": overall,
            "strata": tuple(
                table
                for pair in pairs
                if pair.a in systems
                for table in stratum_tables(sides[pair.a], sides[pair.b], metric)
            ),
            "judgings": judgings({name: graded[name] for name in systems}, found.cases),
            "notices": (*comparison.notices, *_first_judging(raters, {n: graded[n] for n in systems}, asked)),
            "rater": raters.pop() if len(raters) == 1 else None,
            "forced": forced,
        }
    )


def _first_judging(
    raters: set[str], graded: Mapping[str, Mapping[str, Grades]], asked: CompareOptions
) -> Iterator[str]:
    """That other judges graded too, where one of them was taken without being named."""
    judges = {rater for of_run in graded.values() for rater, one in of_run.items() if one.kind == "judge"}
    if asked.judge is None and not asked.offline and judges and raters == {RULES}:
        missing = ", ".join(name for name, of_run in graded.items() if not judges & of_run.keys())
        yield f"the rules count: {', '.join(sorted(judges))} did not grade {missing} (medbench judge)."
    if asked.judge is None and len(raters & judges) == 1 and len(judges) > 1:
        others = ", ".join(sorted(judges - raters))
        yield f"{min(raters)} counts, the first to grade these runs; --judge for the others: {others}."


def _many_floors(comparison: Comparison) -> bool:
    """Whether pairs with floors are too many to be looked at: then only their counts are given."""
    return len(comparison.floors) * len(comparison.systems) > 8


def _paired(pair: Pair, sides: Mapping[str, PairSide], found: ComparisonData) -> Pair:
    a, b = sides[pair.a], sides[pair.b]
    metrics = metric_differences(a, b, rates(scorers().values()))
    graded = graded_pair(a, b, found.wanted[pair.a] & found.wanted[pair.b])
    holm_of = adjusted(metrics, graded)
    if graded:
        update: dict[str, Any] = {
            name: getattr(graded, name).model_copy(update={"p_holm": holm_of[name]})
            for name in ("good", "key_finding")
            if name in holm_of
        }
        graded = graded.model_copy(update=update)
    metrics = {
        name: one.model_copy(update={"p_holm": holm_of[name]}) if name in holm_of else one
        for name, one in metrics.items()
    }
    return pair.model_copy(update={"metrics": metrics, "graded": graded})


def _primary(sides: Sequence[PairSide]) -> str:
    if sides and all(side.grades is not None for side in sides):
        return "good"
    for metric in PRIMARY:
        if all(metric in side.sheet.sums for side in sides):
            return metric
    return PRIMARY[-1]


def _omnibus(sides: Sequence[PairSide], metric: str) -> OmnibusRecord | None:
    columns = [side.column(metric) for side in sides]
    cases = sides[0].sheet.cases
    tested = omnibus(np.column_stack(columns), cases.topics)
    if tested is None:
        return None
    return OmnibusRecord(metric=metric, statistic=tested.statistic, p=tested.p, n=tested.n)


def _deviation(a: PairSide, b: PairSide, metric: str) -> float | None:
    """Standard deviation of the difference within cases; None for grades, and for fewer than two cases."""
    differences = b.column(metric) - a.column(metric)
    there = differences[~np.isnan(differences)]
    return float(there.std(ddof=1)) if metric != "good" and len(there) > 1 else None
