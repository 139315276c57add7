"""A pair in parts: by region, modality, number of images and length of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.comparison import StratumDifference, StratumTable
from medbench.sentences import by_size
from medbench.stats.bootstrap import mean_interval
from medbench.stats.describe import mean_difference, mean_of
from medbench.stats.groups import grouped
from medbench.stats.holm import holm
from medbench.stats.paired import difference_intervals
from medbench.stats.power import ALPHA
from medbench.stats.rates import rate
from medbench.stats.strata import interaction, pooled
from medbench.steps.compare.pairs import rate_difference

if TYPE_CHECKING:
    from medbench.schema.score import Estimate
    from medbench.steps.compare.pairs import Bools, PairSide


def stratum_tables(a: PairSide, b: PairSide, metric: str, alpha: float = ALPHA) -> tuple[StratumTable, ...]:
    """Return one table a stratum; the interaction tests of all of them are adjusted together (Holm).

    Args:
        a: The first system.
        b: The second.
        metric: 'good', or a metric of the scores.
        alpha: Level of the tests; the intervals of differences hold 1 minus it.
    """
    cases = a.table.cases
    differences = b.column(metric) - a.column(metric)
    if np.isnan(differences).all():
        return ()
    tables = []
    for by, values in cases.strata.items():
        shrunk = pooled(differences, values)
        assert shrunk is not None
        of_case = np.asarray(values)
        parts = [
            _part(a, b, metric, value, of_case == value, shrunk.means[value], alpha)
            for value in sorted(shrunk.means, key=by_size)
        ]
        tables.append(
            StratumTable(
                by=by,
                a=a.name,
                b=b.name,
                metric=metric,
                parts=_adjusted(parts),
                p=interaction(differences, values, cases.topics),
                p_holm=None,
            )
        )
    p_values = holm([table.p for table in tables if table.p is not None])
    adjusted = iter(p_values)
    return tuple(
        table if table.p is None else table.model_copy(update={"p_holm": next(adjusted)}) for table in tables
    )


def _part(  # noqa: PLR0913 - one row of the table
    a: PairSide, b: PairSide, metric: str, value: str, inside: Bools, shrunk: float, alpha: float
) -> StratumDifference:
    both = inside & ~np.isnan(a.column(metric)) & ~np.isnan(b.column(metric))
    differences = np.where(both, b.column(metric) - a.column(metric), np.nan)
    if metric == "good":
        difference = rate_difference(differences, a.table.cases, "mcnemar", alpha)
    else:
        (interval,) = difference_intervals([differences], a.table.cases.topics, 1 - alpha)
        difference = mean_difference(differences, interval)
    return StratumDifference(
        value=value,
        n=difference.n,
        a=_estimate(a, metric, both),
        b=_estimate(b, metric, both),
        difference=difference,
        pooled=shrunk,
    )


def _estimate(side: PairSide, metric: str, both: Bools) -> Estimate:
    topics = side.table.cases.topics
    if metric == "good" and side.grades is not None:
        graded = np.where(both, side.grades.graded, 0.0)
        return rate(np.where(both, side.grades.counts["good"], 0.0), graded, topics, int(graded.sum()))
    groups = grouped(np.where(both, side.column(metric), np.nan), topics)
    return mean_of(groups, mean_interval(groups))


def _adjusted(parts: list[StratumDifference]) -> tuple[StratumDifference, ...]:
    p_values = [part.difference.p for part in parts if part.difference.p is not None]
    if len(p_values) < len(parts):
        return tuple(parts)
    return tuple(
        part.model_copy(update={"difference": part.difference.model_copy(update={"p_holm": p})})
        for part, p in zip(parts, holm(p_values), strict=True)
    )
