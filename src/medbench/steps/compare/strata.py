"""A pair in parts: by region, modality, number of images and length of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.comparison import StratumDifference, StratumTable
from medbench.sentences import by_size
from medbench.stats.bootstrap import draws_for_part, mean_intervals
from medbench.stats.describe import mean_difference, mean_of
from medbench.stats.groups import grouped, minus
from medbench.stats.holm import holm
from medbench.stats.paired import difference_intervals
from medbench.stats.power import ALPHA
from medbench.stats.rates import rate
from medbench.stats.strata import interactions, pooled
from medbench.steps.compare.pairs import rate_difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.schema.results.comparison import PairedDifference
    from medbench.schema.score import Estimate
    from medbench.steps.compare.pairs import Array, Bools, PairSide
    from medbench.steps.reading.score_columns import Cases

    Pairs = Sequence[tuple[PairSide, PairSide]]
    """The first system of each pair and the second, all on the same cases."""


def stratum_tables(pairs: Pairs, metric: str, alpha: float = ALPHA) -> Iterator[StratumTable]:
    """Yield one table a stratum of each pair; the interaction tests of a pair are adjusted together (Holm).

    All pairs are taken together, stratum by stratum, since those on the same cases share their resamples.

    Args:
        pairs: The first system of each pair and the second, all on the same cases.
        metric: 'good', or a metric of the scores.
        alpha: Level of the tests; the intervals of differences hold 1 minus it.
    """
    columns = {side.name: side.column(metric) for pair in pairs for side in pair}
    pairs = [(a, b) for a, b in pairs if not np.isnan(minus(columns[b.name], columns[a.name])).all()]
    if not pairs:
        return
    cases = pairs[0][0].table.cases
    differences = [minus(columns[b.name], columns[a.name]) for a, b in pairs]
    tables: list[list[StratumTable]] = [[] for _ in pairs]
    for by, values in cases.strata.items():
        p_values = interactions(differences, values, cases.topics)
        parts = _parts(pairs, columns, metric, values, alpha)
        for of_pair, (a, b), rows, p in zip(tables, pairs, parts, p_values, strict=True):
            of_pair.append(
                StratumTable(
                    by=by, a=a.name, b=b.name, metric=metric, parts=_adjusted(rows), p=p, p_holm=None
                )
            )
    for of_pair in tables:
        adjusted = iter(holm([table.p for table in of_pair if table.p is not None]))
        for table in of_pair:
            yield table if table.p is None else table.model_copy(update={"p_holm": next(adjusted)})


def _parts(
    pairs: Pairs, columns: Mapping[str, Array], metric: str, values: Sequence[str], alpha: float
) -> list[list[StratumDifference]]:
    """Return the rows of each pair's table of one stratum.

    Args:
        pairs: The pairs.
        columns: The metric of each case, by system.
        metric: 'good', or a metric of the scores.
        values: The stratum's value of each case.
        alpha: Level of the tests.
    """
    differences = [minus(columns[b.name], columns[a.name]) for a, b in pairs]
    means = [found.means if (found := pooled(column, values)) else {} for column in differences]
    of_case = np.asarray(values)
    parts: list[list[StratumDifference]] = [[] for _ in pairs]
    for value in sorted({name: None for of_pair in means for name in of_pair}, key=by_size):
        numbers = [number for number, of_pair in enumerate(means) if value in of_pair]
        inside = [np.where(of_case == value, differences[number], np.nan) for number in numbers]
        between = _differences(inside, pairs[0][0].table.cases, metric, alpha)
        sides = [side for number in numbers for side in pairs[number]]
        both = [~np.isnan(column) for column in inside for _ in range(2)]
        estimates = iter(_estimates(sides, both, columns, metric))
        for number, difference in zip(numbers, between, strict=True):
            parts[number].append(
                StratumDifference(
                    value=value,
                    n=difference.n,
                    a=next(estimates),
                    b=next(estimates),
                    difference=difference,
                    pooled=means[number][value],
                )
            )
    return parts


def _differences(columns: Sequence[Array], cases: Cases, metric: str, alpha: float) -> list[PairedDifference]:
    """Return the difference of each pair over the cases of a part."""
    if metric == "good":
        return [rate_difference(column, cases, "mcnemar", alpha) for column in columns]
    intervals = difference_intervals(columns, cases.topics, 1 - alpha)
    return [mean_difference(column, one) for column, one in zip(columns, intervals, strict=True)]


def _estimates(
    sides: Sequence[PairSide], both: Sequence[Bools], columns: Mapping[str, Array], metric: str
) -> list[Estimate]:
    """Return the metric of systems, each over its own cases."""
    topics = sides[0].table.cases.topics
    if metric == "good":
        return [_share(side, inside) for side, inside in zip(sides, both, strict=True)]
    groups = [
        grouped(np.where(inside, columns[side.name], np.nan), topics)
        for side, inside in zip(sides, both, strict=True)
    ]
    # As many resamples as a summary takes, so that `show` has the same interval.
    draws = [
        draws_for_part(one.n, int(np.count_nonzero(~np.isnan(columns[side.name]))))
        for one, side in zip(groups, sides, strict=True)
    ]
    intervals = mean_intervals(groups, draws)
    return [mean_of(one, interval) for one, interval in zip(groups, intervals, strict=True)]


def _share(side: PairSide, inside: Bools) -> Estimate:
    assert side.grades is not None
    graded = np.where(inside, side.grades.graded, 0.0)
    good = np.where(inside, side.grades.counts["good"], 0.0)
    return rate(good, graded, side.table.cases.topics, int(graded.sum()))


def _adjusted(parts: list[StratumDifference]) -> tuple[StratumDifference, ...]:
    p_values = [part.difference.p for part in parts if part.difference.p is not None]
    if len(p_values) < len(parts):
        return tuple(parts)
    return tuple(
        part.model_copy(update={"difference": part.difference.model_copy(update={"p_holm": p})})
        for part, p in zip(parts, holm(p_values), strict=True)
    )
