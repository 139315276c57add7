"""A pair in parts: by region, modality, number of images and length of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.comparison import StratumDifference, StratumTable
from medbench.schema.score import Estimate
from medbench.sentences import by_size
from medbench.stats.bootstrap import mean_interval
from medbench.stats.groups import grouped
from medbench.stats.holm import holm
from medbench.stats.paired import difference_intervals
from medbench.stats.rates import rate
from medbench.stats.strata import interaction, pooled
from medbench.steps.compare.pairs import mean_difference, rate_difference

if TYPE_CHECKING:
    from medbench.schema.results.comparison import PairedDifference
    from medbench.steps.compare.pairs import Bools, PairSide


def stratum_tables(a: PairSide, b: PairSide, metric: str) -> tuple[StratumTable, ...]:
    """One table a stratum, with the interaction tests of all of them adjusted together (Holm).

    Args:
        a: The first system.
        b: The second.
        metric: 'good', or a metric of the scores.
    """
    cases = a.sheet.cases
    first, second = a.column(metric), b.column(metric)
    differences = second - first
    if np.isnan(differences).all():
        return ()
    tables = []
    for by, values in cases.strata.items():
        drawn = pooled(differences, values)
        assert drawn is not None
        of_case = np.asarray(values)
        parts = []
        for value in sorted(drawn.means, key=by_size):
            one, other, difference = _part(a, b, metric, of_case == value)
            parts.append(
                StratumDifference(
                    value=value,
                    n=difference.n,
                    a=one,
                    b=other,
                    difference=difference,
                    pooled=drawn.means[value],
                )
            )
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
    known = [number for number, table in enumerate(tables) if table.p is not None]
    for number, p in zip(known, holm([tables[number].p or 0.0 for number in known]), strict=True):
        tables[number] = tables[number].model_copy(update={"p_holm": p})
    return tuple(tables)


def _part(
    a: PairSide, b: PairSide, metric: str, inside: Bools
) -> tuple[Estimate, Estimate, PairedDifference]:
    both = inside & ~np.isnan(a.column(metric)) & ~np.isnan(b.column(metric))
    differences = np.where(both, b.column(metric) - a.column(metric), np.nan)
    topics = a.sheet.cases.topics
    if metric == "good":
        difference = rate_difference(differences, a.sheet.cases, "mcnemar")
    else:
        difference = mean_difference(differences, difference_intervals([differences], topics)[0])
    return _estimate(a, metric, both), _estimate(b, metric, both), difference


def _estimate(side: PairSide, metric: str, both: Bools) -> Estimate:
    topics = side.sheet.cases.topics
    if metric == "good" and side.grades is not None:
        graded = np.where(both, side.grades.graded, 0.0)
        return rate(np.where(both, side.grades.shares["good"], 0.0), graded, topics, int(graded.sum()))
    groups = grouped(np.where(both, side.column(metric), np.nan), topics)
    return Estimate(
        mean=groups.mean, median=None, p95=None, n=groups.n, missing=0, interval=mean_interval(groups)
    )


def _adjusted(parts: list[StratumDifference]) -> tuple[StratumDifference, ...]:
    if any(part.difference.p is None for part in parts):
        return tuple(parts)
    p_values = holm([part.difference.p or 0.0 for part in parts])
    return tuple(
        part.model_copy(update={"difference": part.difference.model_copy(update={"p_holm": p})})
        for part, p in zip(parts, p_values, strict=True)
    )
