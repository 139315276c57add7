"""The part of a comparison that is more than rows: tested pairs, strata, raters, and conclusions."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from medbench.registry import scorers
from medbench.schema.results.omnibus import Omnibus as OmnibusRecord
from medbench.schema.results.system_row import ORDERS
from medbench.scoring.controls import ABOVE
from medbench.scoring.questions import answers
from medbench.stats.groups import minus
from medbench.stats.omnibus import omnibus
from medbench.stats.paired import design_effect
from medbench.stats.power import alpha_at
from medbench.steps.compare.agreement import judgings
from medbench.steps.compare.conclusion import Criteria, concluded
from medbench.steps.compare.family import FamilyData, clear_differences, family_of, with_family
from medbench.steps.compare.graded_rows import graded_row
from medbench.steps.compare.headline_rater import RaterChoice, headline_rater, reviewed
from medbench.steps.compare.pairs import (
    PairSide,
    columns_of,
    graded_pair,
    metric_differences,
)
from medbench.steps.compare.ranking import ranking
from medbench.steps.compare.strata import stratum_tables
from medbench.steps.reading.summaries import rates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.schema.results.comparison import Comparison, Pair, Ranking
    from medbench.schema.results.system_row import SystemRow
    from medbench.steps.compare.inputs import CompareOptions, ComparisonData
    from medbench.steps.reading.grades import Grades

_MOST_AGAINST_FLOORS = 2
"""Systems that are still tested against each floor; of more, only the counts are given."""


def tested(
    comparison: Comparison,
    data: ComparisonData,
    graded: Mapping[str, dict[str, Grades]],
    options: CompareOptions,
) -> Comparison:
    """Return the comparison with pairs tested, strata, raters and the conclusion of each pair.

    Args:
        comparison: The rows, and the counts of the pairs.
        data: The scores of all systems, floors included.
        graded: System to rater to grades.
        options: How runs are to be compared.
    """
    names = [row.name for row in comparison.systems]
    of_systems = {name: graded[name] for name in names}
    choice = RaterChoice(options.judge, options.offline, options.force, take_first=data.imported)
    heads = headline_rater(of_systems, choice)
    raters = set(heads.values())
    sides = _sides(data, graded, heads, offline=options.offline)
    metric = options.primary or _primary([sides[name] for name in names])
    overall = _omnibus([sides[name] for name in names], metric) if len(names) > 2 else None
    alpha = alpha_at(options.look)
    # Declared pairs are adjusted among themselves; other systems that happen to be alike hold none back.
    held_by = None if options.pairs else overall
    criteria = Criteria(options.margin, options.min_coverage, held_by, options.look)
    pairs = _pairs(comparison, sides, data, metric, criteria)
    forced = comparison.forced
    if len(raters) > 1:
        listed = ", ".join(f"{system} by {rater}" for system, rater in heads.items())
        forced += (f"the systems were graded by different raters: {listed}",)

    def with_grades(row: SystemRow) -> SystemRow:
        grades = graded_row(sides[row.name], row.wanted, options.intervals)
        return row.model_copy(update={"graded": grades})

    systems, floors = (tuple(map(with_grades, rows)) for rows in (comparison.systems, comparison.floors))
    ranked = FamilyData(sides, data.wanted, metric, options.min_coverage, alpha)
    alike = overall is not None and overall.p > alpha
    order = ranking(systems, floors, ranked, options.against, alike=alike)
    family = family_of(_held_together(names, order), pairs, ranked)
    return comparison.model_copy(
        update={
            "systems": systems,
            "floors": floors,
            "ranking": order,
            "clear": clear_differences(family, ranked),
            "tests": len(family),
            "pairs": tuple(with_family(pair, family, ranked) for pair in pairs),
            "omnibus": overall,
            "look": options.look,
            "alpha": alpha,
            "strata": tuple(
                stratum_tables(
                    [(sides[pair.a], sides[pair.b]) for pair in pairs if pair.a in names],
                    metric.removeprefix(ABOVE),
                    alpha,
                )
            ),
            "judgings": judgings(of_systems, data.cases),
            "notices": (*comparison.notices, *_other_judges(raters, of_systems, options)),
            "rater": raters.pop() if len(raters) == 1 else None,
            "forced": forced,
        }
    )


def _held_together(names: list[str], order: Ranking | None) -> list[str]:
    """Return the names between which clear differences are looked for: one system is held against a floor."""
    alone = len(names) == 1 and order is not None and order.reference not in names
    return [*names, order.reference] if alone and order else names


def _sides(
    data: ComparisonData,
    graded: Mapping[str, Mapping[str, Grades]],
    heads: Mapping[str, str],
    *,
    offline: bool,
) -> dict[str, PairSide]:
    """Return each system with the grades that count; floors are graded by the rater of the first system."""
    first = next(iter(heads.values()), "")
    return {
        name: PairSide(
            name,
            table,
            grades=graded[name].get(heads.get(name, first)),
            people=None if offline else reviewed(graded[name]),
        )
        for name, table in data.tables.items()
    }


def _pairs(
    comparison: Comparison,
    sides: Mapping[str, PairSide],
    data: ComparisonData,
    metric: str,
    criteria: Criteria,
) -> list[Pair]:
    """Return the pairs: of systems with their conclusions, then those with floors."""
    names = {row.name for row in comparison.systems}
    many = len(comparison.systems) > _MOST_AGAINST_FLOORS
    alpha = criteria.alpha
    among = [_tested_pair(pair, sides, data, alpha) for pair in comparison.pairs if pair.a in names]
    with_floors = [
        pair if many else _tested_pair(pair, sides, data, alpha)
        for pair in comparison.pairs
        if pair.a not in names
    ]
    wanted = [int((data.wanted[pair.a] & data.wanted[pair.b]).sum()) for pair in among]
    deviations = [_deviation(sides[pair.a], sides[pair.b], metric) for pair in among]
    return [*concluded(metric, among, wanted, deviations, criteria), *with_floors]


def _tested_pair(pair: Pair, sides: Mapping[str, PairSide], data: ComparisonData, alpha: float) -> Pair:
    a, b = sides[pair.a], sides[pair.b]
    metrics = metric_differences(a, b, rates([*scorers().values(), answers]), alpha)
    graded = graded_pair(a, b, data.wanted[pair.a] & data.wanted[pair.b], alpha)
    return pair.model_copy(update={"metrics": metrics, "graded": graded})


def _primary(sides: Sequence[PairSide]) -> str:
    """Return the metric that conclusions are about."""
    if sides and all(side.grades is not None for side in sides):
        return "good"
    for metric in ORDERS:
        if sides and not np.isnan(columns_of(sides, metric)).all(axis=1).any():
            return metric
    return ORDERS[-1]


def _omnibus(sides: Sequence[PairSide], metric: str) -> OmnibusRecord | None:
    test = omnibus(np.column_stack(columns_of(sides, metric)), sides[0].table.cases.topics)
    if test is None:
        return None
    return OmnibusRecord(metric=metric, statistic=test.statistic, p=test.p, n=test.n)


def _deviation(a: PairSide, b: PairSide, metric: str) -> float | None:
    """Return the standard deviation of the difference within cases; None for a lone case.

    Where cases come in groups it is that of as many independent ones with the same error of the mean.
    """
    first, second = columns_of((a, b), metric)
    differences = minus(second, first)
    known = differences[~np.isnan(differences)]
    if len(known) < 2:
        return None
    return float(known.std(ddof=1)) * sqrt(design_effect(differences, a.table.cases.topics))


def _other_judges(
    raters: set[str], graded: Mapping[str, Mapping[str, Grades]], options: CompareOptions
) -> Iterator[str]:
    """Yield a notice where judges graded too that were not asked for and do not count."""
    judges = {name for by_rater in graded.values() for name, one in by_rater.items() if one.kind == "judge"}
    if options.judge is None and not options.offline and judges and not raters:
        missing = ", ".join(name for name, by_rater in graded.items() if not judges & by_rater.keys())
        yield f"no judge counts: {', '.join(sorted(judges))} did not grade {missing} (medbench judge)."
    if options.judge is None and len(raters & judges) == 1 and len(judges) > 1:
        others = ", ".join(sorted(judges - raters))
        yield f"{min(raters)} counts, the first to grade these runs; --judge for the others: {others}."
