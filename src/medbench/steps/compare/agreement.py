"""The agreement of each two raters on the same outputs."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING, Final, NamedTuple

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

MOST_FLIPS: Final = 100
"""Outputs of a system on which two raters differ that are named, at most."""
_PAIRS: list[tuple[Grade, Grade]] = list(product(GRADES, GRADES))
"""Each pair of grades, at the place of the one times their number and the place of the other."""


def judgings(graded: Mapping[str, Mapping[str, Grades]], cases: Cases) -> tuple[Judgings, ...]:
    """Return how far each two raters agree, and where they do not."""
    raters = sorted({rater for by_rater in graded.values() for rater in by_rater})
    return tuple(judging for a, b in combinations(raters, 2) for judging in _between(a, b, graded, cases))


class _Both(NamedTuple):
    """Outputs that two raters graded."""

    pairs: NDArray[np.int8]
    """Both grades of each, as a place in _PAIRS."""
    topics: Ints
    """Topic of the case of each."""
    flips: list[tuple[str, str, str, str]]
    """System, case and both grades of some on which they differ."""
    repeats: bool
    """True if one of them graded several outputs of a case."""


def _between(a: str, b: str, graded: Mapping[str, Mapping[str, Grades]], cases: Cases) -> Iterator[Judgings]:
    """Yield the agreement of two raters; nothing where no output was graded by both."""
    both = _graded_by_both(a, b, graded, cases)
    if len(both.pairs):
        yield _judgings(a, b, both)


def _graded_by_both(a: str, b: str, graded: Mapping[str, Mapping[str, Grades]], cases: Cases) -> _Both:
    pairs: list[NDArray[np.int8]] = [np.zeros(0, np.int8)]
    topics: list[Ints] = [np.zeros(0, np.int64)]
    repeats = False
    flips: list[tuple[str, str, str, str]] = []
    for system, by_rater in graded.items():
        if a not in by_rater or b not in by_rater:
            continue
        first, second = by_rater[a].level(), by_rater[b].level()
        repeats = repeats or any(int(by_rater[rater].graded.max(initial=0)) > 1 for rater in (a, b))
        both = np.flatnonzero(~np.isnan(first) & ~np.isnan(second))
        # To the even one of two, as `round` does.
        of_a, of_b = np.rint(first[both]).astype(np.int8), np.rint(second[both]).astype(np.int8)
        pairs.append(of_a * np.int8(len(GRADES)) + of_b)
        topics.append(cases.topics[both])
        differing = np.flatnonzero(of_a != of_b)[:MOST_FLIPS]
        named = zip(both[differing].tolist(), pairs[-1][differing].tolist(), strict=True)
        flips += [(system, cases.ids[index], *_PAIRS[pair]) for index, pair in named]
    return _Both(np.concatenate(pairs), np.concatenate(topics), flips, repeats)


def _judgings(a: str, b: str, both: _Both) -> Judgings:
    """Return the agreement of two raters on outputs that both graded."""
    pairs, topics = both.pairs, both.topics
    counts = np.bincount(pairs, minlength=len(_PAIRS)).reshape(len(GRADES), -1)
    of_a, of_b = [one for one, _ in _PAIRS], [other for _, other in _PAIRS]
    return Judgings(
        a=a,
        b=b,
        n=len(pairs),
        same=int(counts.trace()),
        kappa=_coefficient(cohen_kappa(of_a, of_b, GRADES, labels=topics, places=pairs)),
        quadratic=_coefficient(cohen_kappa(of_a, of_b, GRADES, quadratic=True, labels=topics, places=pairs)),
        ac1=_coefficient(gwet_ac(_PAIRS, GRADES, labels=topics, places=pairs)),
        table={
            one: dict(zip(GRADES, row, strict=True)) for one, row in zip(GRADES, counts.tolist(), strict=True)
        },
        flips=tuple(both.flips),
        repeats=both.repeats,
    )


def _coefficient(agreement: Agreement) -> Coefficient:
    return Coefficient(value=agreement.value, interval=agreement.interval)
