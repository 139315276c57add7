"""How far two raters agree on the same outputs."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.comparison import Coefficient, Judgings
from medbench.stats.agreement import cohen_kappa, gwet_ac
from medbench.steps.reading.grades import GRADES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from medbench.stats.agreement import Agreement
    from medbench.steps.reading.grades import Grades
    from medbench.steps.reading.score_columns import Cases

    Array = NDArray[np.float64]


def judgings(graded: Mapping[str, Mapping[str, Grades]], cases: Cases) -> tuple[Judgings, ...]:
    """Every two raters of the systems: how far they agree, and where they do not."""
    raters = sorted({rater for of_run in graded.values() for rater in of_run})
    found = (_between(a, b, graded, cases) for a, b in combinations(raters, 2))
    return tuple(one for one in found if one is not None)


def _between(a: str, b: str, graded: Mapping[str, Mapping[str, Grades]], cases: Cases) -> Judgings | None:
    pairs: list[tuple[str, str]] = []
    topics: list[int] = []
    flips = []
    for system, of_run in graded.items():
        if a not in of_run or b not in of_run:
            continue
        first, second = of_run[a].level(), of_run[b].level()
        for place in np.flatnonzero(~np.isnan(first) & ~np.isnan(second)):
            one, other = GRADES[round(first[place])], GRADES[round(second[place])]
            pairs.append((one, other))
            topics.append(int(cases.topics[place]))
            if one != other:
                flips.append((system, cases.ids[place], one, other))
    if not pairs:
        return None
    ones, others = zip(*pairs, strict=True)
    return Judgings(
        a=a,
        b=b,
        n=len(pairs),
        same=len(pairs) - len(flips),
        kappa=_coefficient(cohen_kappa(ones, others, GRADES, labels=topics)),
        quadratic=_coefficient(cohen_kappa(ones, others, GRADES, quadratic=True, labels=topics)),
        ac1=_coefficient(gwet_ac(pairs, GRADES, labels=topics)),
        flips=tuple(flips),
    )


def _coefficient(found: Agreement) -> Coefficient:
    return Coefficient(value=found.value, interval=found.interval)
