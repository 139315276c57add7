"""The agreement of each two raters on the same outputs."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.agreement import Coefficient, Judgings
from medbench.schema.verdict import GRADES
from medbench.stats.agreement import cohen_kappa, gwet_ac

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from medbench.stats.agreement import Agreement
    from medbench.steps.reading.grades import Grades
    from medbench.steps.reading.score_columns import Cases


def judgings(graded: Mapping[str, Mapping[str, Grades]], cases: Cases) -> tuple[Judgings, ...]:
    """Return how far each two raters agree, and where they do not.

    Args:
        graded: System to rater to grades.
        cases: The cases, with their topics.
    """
    raters = sorted({rater for by_rater in graded.values() for rater in by_rater})
    return tuple(judging for a, b in combinations(raters, 2) for judging in _between(a, b, graded, cases))


def _between(a: str, b: str, graded: Mapping[str, Mapping[str, Grades]], cases: Cases) -> Iterator[Judgings]:
    """Yield the agreement of two raters; nothing where no output was graded by both."""
    pairs: list[tuple[str, str]] = []
    topics: list[int] = []
    flips = []
    for system, by_rater in graded.items():
        if a not in by_rater or b not in by_rater:
            continue
        first, second = by_rater[a].level(), by_rater[b].level()
        for index in np.flatnonzero(~np.isnan(first) & ~np.isnan(second)):
            pair = (GRADES[round(first[index])], GRADES[round(second[index])])
            pairs.append(pair)
            topics.append(int(cases.topics[index]))
            if pair[0] != pair[1]:
                flips.append((system, cases.ids[index], *pair))
    if not pairs:
        return
    of_a, of_b = zip(*pairs, strict=True)
    yield Judgings(
        a=a,
        b=b,
        n=len(pairs),
        same=len(pairs) - len(flips),
        kappa=_coefficient(cohen_kappa(of_a, of_b, GRADES, labels=topics)),
        quadratic=_coefficient(cohen_kappa(of_a, of_b, GRADES, quadratic=True, labels=topics)),
        ac1=_coefficient(gwet_ac(pairs, GRADES, labels=topics)),
        flips=tuple(flips),
    )


def _coefficient(agreement: Agreement) -> Coefficient:
    return Coefficient(value=agreement.value, interval=agreement.interval)
