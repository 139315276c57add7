"""The agreement of each two raters on the same outputs."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.agreement import Coefficient, Judgings
from medbench.schema.verdict import GRADES
from medbench.stats.agreement import cohen_kappa, gwet_ac

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from medbench.schema.verdict import Grade
    from medbench.stats.agreement import Agreement
    from medbench.steps.reading.grades import Grades
    from medbench.steps.reading.score_columns import Cases

    Ints = NDArray[np.int64]

_PAIRS: list[tuple[Grade, Grade]] = list(product(GRADES, GRADES))
"""Each pair of grades, at the place of the one times their number and the place of the other."""


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
    codes: list[Ints] = []
    topics: list[Ints] = []
    flips = []
    for system, by_rater in graded.items():
        if a not in by_rater or b not in by_rater:
            continue
        first, second = by_rater[a].level(), by_rater[b].level()
        both = np.flatnonzero(~np.isnan(first) & ~np.isnan(second))
        # To the even one of two, as `round` does.
        of_a, of_b = np.rint(first[both]).astype(np.int64), np.rint(second[both]).astype(np.int64)
        codes.append(of_a * len(GRADES) + of_b)
        topics.append(cases.topics[both])
        for index, code in zip(both[of_a != of_b].tolist(), codes[-1][of_a != of_b].tolist(), strict=True):
            flips.append((system, cases.ids[index], *_PAIRS[code]))
    if not sum(map(len, codes)):
        return
    # A pair of grades is one of nine, and each of these is held once.
    pairs = [_PAIRS[code] for code in np.concatenate(codes).tolist()]
    labels = np.concatenate(topics).tolist()
    of_first, of_second = [one for one, _ in pairs], [other for _, other in pairs]
    yield Judgings(
        a=a,
        b=b,
        n=len(pairs),
        same=len(pairs) - len(flips),
        kappa=_coefficient(cohen_kappa(of_first, of_second, GRADES, labels=labels)),
        quadratic=_coefficient(cohen_kappa(of_first, of_second, GRADES, quadratic=True, labels=labels)),
        ac1=_coefficient(gwet_ac(pairs, GRADES, labels=labels)),
        flips=tuple(flips),
    )


def _coefficient(agreement: Agreement) -> Coefficient:
    return Coefficient(value=agreement.value, interval=agreement.interval)
