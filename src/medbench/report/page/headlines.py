"""The rates that a reader would quote where no difference is shown, and why not, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.compare.comparison import many
from medbench.report.numbers import percent
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.results.comparison import Comparison, Conclusion, GradedPair, Pair
    from medbench.schema.results.system_row import Graded

_OPEN = frozenset({"inconclusive", "withheld"})
"""Outcomes that leave open which system is better."""


def headlines(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield the two rates of each undecided pair, of the first alone where systems are many, and why not."""
    grades = {row.name: row.graded for row in comparison.systems}
    for pair in comparison.pairs[: 1 if many(comparison) else None]:
        a, b = grades.get(pair.a), grades.get(pair.b)
        if a is None or b is None or pair.conclusion is None or pair.graded is None:
            continue
        shown = [_rate(name, graded) for name, graded in ((pair.a, a), (pair.b, b))]
        if pair.conclusion.outcome in _OPEN and percent(a.good.mean or 0.0) != percent(b.good.mean or 0.0):
            why = _why_not(pair, pair.graded, pair.conclusion, most=max(a.good.n, b.good.n))
            yield f"{shown[0]} against {shown[1]}: this difference does not hold.", " ".join(why)


def _rate(name: str, graded: Graded) -> str:
    rate = graded.good.mean or 0.0
    return f"{name} {percent(rate)} % good ({round(rate * graded.good.n)} of {graded.good.n})"


def _why_not(pair: Pair, graded: GradedPair, conclusion: Conclusion, *, most: int) -> Iterator[str]:
    """Yield in plain words why the difference between two rates does not hold."""
    if graded.unpaired:
        others = "; the two rates rest on other cases too" * (graded.n < most <= conclusion.wanted)
        yield f"Only {graded.n} of {counted(conclusion.wanted, 'case')} have a grade of both systems{others}."
    if conclusion.outcome == "withheld":
        yield "That is too few to conclude from (--min-coverage)."
        return
    only = len(graded.only_a), len(graded.only_b)
    yield (
        f"On these {counted(graded.n, 'case')} {pair.a} alone is good on {only[0]}, {pair.b} alone on "
        f"{only[1]}, and on {graded.n - sum(only)} they are alike."
    )
    if graded.good.p is not None:  # of this comparison alone: it is not raised for the others
        share = percent(graded.good.p)
        often = "fewer than 1" if share == "0" else f"about {share}"
        others = f"; {conclusion.tested_pairs} are made here" * (conclusion.tested_pairs > 1)
        yield (
            f"Two systems that are equally good come out at least so far apart in {often} of 100 such "
            f"comparisons{others}."
        )
    if graded.if_missing is not None and graded.if_missing.turns:
        yield "With the verdicts that are missing the conclusion could be another one."
