"""Systems in order, the groups that cannot be told apart, and what clearly differs between any two."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from string import ascii_letters
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.comparison import ClearDifference, PairedDifference, Ranked, Ranking
from medbench.schema.results.system_row import best_floor, in_order
from medbench.schema.score import descending
from medbench.stats.describe import mean_difference
from medbench.stats.groups import grouped
from medbench.stats.holm import holm
from medbench.stats.paired import difference_intervals
from medbench.stats.power import ALPHA
from medbench.stats.sign_flips import flip_numbers
from medbench.steps.compare.pairs import DECLARED, columns_of, rate_difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from medbench.schema.results.system_row import SystemRow
    from medbench.schema.score import Interval
    from medbench.steps.compare.pairs import PairSide

    Array = NDArray[np.float64]
    Bools = NDArray[np.bool_]

_GRADED = ("good", "key_finding")


@dataclass(frozen=True, slots=True)
class RankingData:
    """The data of a ranking."""

    sides: Mapping[str, PairSide]
    """Every system and floor by its name."""
    wanted: Mapping[str, Bools]
    """True for the cases that each was asked for."""
    metric: str
    """The metric by which they are ordered."""
    min_coverage: float
    """Share of the wanted cases that two must both have before they can be told apart."""
    alpha: float = ALPHA
    """Level of the tests."""


def ranking(
    systems: Sequence[SystemRow],
    floors: Sequence[SystemRow],
    data: RankingData,
    against: str | None,
    *,
    alike: bool,
) -> Ranking | None:
    """Return the systems in order of the metric, the best first; None where none has it.

    Args:
        systems: The systems that are compared.
        floors: The baselines beside them.
        data: What they scored.
        against: The system that the others are held against; None for the best baseline.
        alike: True if the test of all systems at once does not tell them apart.
    """
    order = [row.name for row in in_order(systems, data.metric)]
    if not order:
        return None
    floor = best_floor(floors, data.metric)
    reference = against or (floor.row.name if floor and floor.by == data.metric else order[0])
    pairs = list(combinations(order, 2))
    p_values = holm([_p(_tested_one(data, a, b)) for a, b in pairs])
    apart = {pair for pair, p in zip(pairs, p_values, strict=True) if p <= data.alpha and not alike}
    held = {
        name: difference
        for name in order
        if name != reference and (difference := _tested_one(data, reference, name, interval=True))
    }
    adjusted = dict(zip(held, holm([_p(difference) for difference in held.values()]), strict=True))
    groups = letters_of(order, apart)
    return Ranking(
        metric=data.metric,
        reference=reference,
        tests=len(pairs),
        systems=tuple(
            Ranked(
                name=name,
                groups=groups[name],
                difference=held[name].model_copy(update={"p_holm": adjusted[name]}) if name in held else None,
            )
            for name in order
        ),
    )


def clear_differences(names: Iterable[str], data: RankingData) -> tuple[ClearDifference, ...]:
    """Return what differs clearly between any two of the systems, the largest first.

    All pairs are tested in every declared metric, all tests at once (Holm).
    """
    tested = [
        (a, b, metric, difference)
        for a, b in combinations(names, 2)
        for metric, difference in _tested(data, a, b, (*_GRADED, *DECLARED)).items()
    ]
    found = []
    p_values = holm([_p(difference) for *_, difference in tested])
    for (a, b, metric, difference), p in zip(tested, p_values, strict=True):
        if p <= data.alpha:
            higher, lower = (b, a) if difference.difference > 0 else (a, b)
            shown = _tested(data, lower, higher, [metric], interval=True)[metric]
            shown = shown.model_copy(update={"p_holm": p})
            found.append(ClearDifference(higher=higher, lower=lower, metric=metric, difference=shown))
    return tuple(sorted(found, key=lambda one: descending(one.difference.difference)))


def _p(difference: PairedDifference | None) -> float:
    return 1.0 if difference is None or difference.p is None else difference.p


def _tested_one(data: RankingData, a: str, b: str, *, interval: bool = False) -> PairedDifference | None:
    """Return the second minus the first in the metric of the order; None where too few cases have both."""
    return _tested(data, a, b, [data.metric], interval=interval).get(data.metric)


def _tested(
    data: RankingData, a: str, b: str, metrics: Sequence[str], *, interval: bool = False
) -> dict[str, PairedDifference]:
    """Return the second minus the first in each metric, tested; without those that too few cases have."""
    first, second = data.sides[a], data.sides[b]
    cases = first.table.cases
    fewest = max(data.min_coverage * int((data.wanted[a] & data.wanted[b]).sum()), 1)
    columns = {metric: _differences(first, second, metric) for metric in metrics}
    columns = {metric: one for metric, one in columns.items() if (~np.isnan(one)).sum() >= fewest}
    numbers = {metric: one for metric, one in columns.items() if metric not in _GRADED}
    p_values = flip_numbers([grouped(one, cases.topics).sums for one in numbers.values()])
    p_of = dict(zip(numbers, p_values, strict=True))
    ends: dict[str, Interval | None] = {}
    if interval:
        level = 1 - data.alpha
        ends = dict(zip(numbers, difference_intervals([*numbers.values()], cases.topics, level), strict=True))
    return {
        metric: mean_difference(one, ends.get(metric)).model_copy(
            update={"test": "sign-flip", "p": p_of[metric]}
        )
        if metric in numbers
        else rate_difference(one, cases, "mcnemar", data.alpha)
        for metric, one in columns.items()
    }


def _differences(a: PairSide, b: PairSide, metric: str) -> Array:
    if metric == "key_finding":
        if a.grades is None or b.grades is None:
            return np.full(len(a.table.cases), np.nan)
        return b.grades.share(metric) - a.grades.share(metric)
    first, second = columns_of((a, b), metric)
    return second - first


def letters_of(order: Sequence[str], apart: set[tuple[str, str]]) -> dict[str, str]:
    """Return the letters of each system: neighbours share one if no two from the one to the other differ."""
    letters = dict.fromkeys(order, "")
    end = 0
    for first in range(len(order)):
        last = next(
            (
                n
                for n in range(first, len(order))
                if any((name, order[n]) in apart for name in order[first:n])
            ),
            len(order),
        )
        if last > end:
            end, letter = (
                last,
                ascii_letters[min(len(set("".join(letters.values()))), len(ascii_letters) - 1)],
            )
            for name in order[first:last]:
                letters[name] += letter
    return letters
