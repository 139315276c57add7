"""Pairs of systems on the screen: tests, parts of the benchmark, cases to look at, agreement of raters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Heading, Paragraph, flush, table
from medbench.report.compare.comparison import family
from medbench.report.numbers import (
    FINDINGS,
    OTHERS,
    RECALL,
    UNKNOWN,
    between,
    groups_of,
    is_of_points,
    mean,
    metric_name,
    p_value,
    paired,
    points,
    rate,
    sample,
    share,
)
from medbench.scoring.controls import ABOVE
from medbench.sentences import counted, p_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.report.blocks import Block, Table
    from medbench.schema.results.agreement import Judgings
    from medbench.schema.results.comparison import Comparison, Pair, PairedDifference, StratumTable

STRATA = {
    "region": "region",
    "modality": "modality",
    "images": "images a case",
    "reference": "length of the reference",
}
CORRECTED = "  above chance"
LISTED = 8
"""Cases that a list names at most; --json has all."""


def pair_tests(comparison: Comparison) -> Iterator[Block]:
    """Yield each pair of systems with its tests."""
    pairs = [pair for pair in comparison.pairs if pair.conclusion is not None]
    for pair in pairs:
        yield Heading(f"{pair.b} minus {pair.a}, on the cases that both have")
        yield _tests(pair, comparison.topics)
    if pairs:
        yield flush(
            f"{family(comparison)}, as for clear differences; none where too few cases have both "
            "(--min-coverage). A conclusion is about its own metric alone, and names its p."
        )


def strata(comparison: Comparison, by: str | None = None) -> Iterator[Block]:
    """Yield each pair of systems in parts of the benchmark: in all, or in those by one name."""
    for stratum in comparison.strata:
        if len(stratum.parts) == 1 or by not in {None, stratum.by}:
            continue
        yield Heading(f"By {STRATA.get(stratum.by, stratum.by)}: {metric_name(stratum.metric)}")
        yield _stratum(stratum, comparison.topics)
        yield Paragraph(_interaction(stratum, comparison.alpha))


def _tests(pair: Pair, topics: int) -> Table:
    rows: list[tuple[str, PairedDifference | None, bool]] = []
    if pair.graded:
        rows += [
            ("graded good, points", pair.graded.good, True),
            ("graded key finding, points", pair.graded.key_finding, True),
            ("higher grade, points", pair.graded.ordinal, True),
        ]
    for metric in (*FINDINGS, *OTHERS):
        of_points = is_of_points(metric)
        # Of a ratio of means the number of a single case says nothing, so none is counted as higher.
        name = CORRECTED if metric.startswith(ABOVE) else metric_name(metric)
        rows.append((name + ", points" * of_points, pair.metrics.get(metric), of_points))
    rows += [
        (f"{metric_name(RECALL)}, {name.removeprefix('first').partition('.')[0]} words", difference, False)
        for name, difference in pair.metrics.items()
        if name.startswith("first")
    ]
    return table(
        ["metric", "n", "difference", "higher", "lower", "test", "mid-p", "p", "Holm"],
        (
            [
                name,
                sample(difference.n, groups_of([difference], topics)),
                paired(difference, of_points=of_points, places=3),
                *(
                    [UNKNOWN] * 2
                    if name.startswith(CORRECTED)
                    else map(str, (difference.higher, difference.lower))
                ),
                difference.test or UNKNOWN,
                *map(p_value, (difference.p_mid, difference.p, difference.p_holm)),
            ]
            for name, difference, of_points in rows
            if difference is not None
        ),
        left=(0, 5),
        wraps=(0,),
    )


def _stratum(stratum: StratumTable, topics: int) -> Table:
    graded = stratum.metric == "good"
    show = rate if graded else mean
    return table(
        [stratum.by, "n", stratum.a, stratum.b, "difference", "pooled", "Holm"],
        (
            [
                part.value,
                sample(part.n, groups_of([part.a, part.b], topics)),
                show(part.a),
                show(part.b),
                points(part.difference.difference) if graded else share(part.difference.difference, 2),
                points(part.pooled) if graded else share(part.pooled, 2),
                p_value(part.difference.p_holm),
            ]
            for part in stratum.parts
        ),
        wraps=(0, 2, 3),
    )


def _interaction(stratum: StratumTable, alpha: float) -> str:
    if stratum.p is None:
        return ""
    p = stratum.p if stratum.p_holm is None else stratum.p_holm
    adjusted = f"{p_text(p, 'interaction p')}, Holm"
    if p <= alpha:
        return f"The difference is not the same in all of them ({adjusted})."
    return f"None demonstrably differs from the others ({adjusted}): name no weakest one."


def cases_to_look_at(comparison: Comparison) -> Iterator[Block]:
    """Yield the cases on which a pair of systems is of two minds, and those where neither is good."""
    for pair in comparison.pairs:
        if pair.conclusion is None or pair.graded is None:
            continue
        yield Heading("Cases to look at (medbench show CASE)")
        for title, cases in (
            (f"only {pair.a} good", pair.graded.only_a),
            (f"only {pair.b} good", pair.graded.only_b),
            ("neither good", pair.graded.neither),
        ):
            if cases:
                more = f" … and {len(cases) - LISTED} more" if len(cases) > LISTED else ""
                yield Paragraph(f"  {title} ({len(cases)}): {', '.join(cases[:LISTED])}{more}")


def agreement(comparison: Comparison) -> Iterator[Block]:
    """Yield how far two raters that graded the same outputs agree, and where they do not."""
    for raters in comparison.judgings:
        yield Blank()
        yield Paragraph(agreement_words(raters))
        for system, case, grade, other_grade in raters.flips[:LISTED]:
            yield Paragraph(f"  {system} {case}: {grade} → {other_grade}")
        if (more := raters.n - raters.same - LISTED) > 0:
            yield Paragraph(f"  … and {more:,} more")


def agreement_words(raters: Judgings) -> str:
    """Return how far two raters agree, in a sentence."""
    kappa, quadratic = (
        f"{share(measure.value, 2)} {between(measure.interval, of_points=False)}".rstrip()
        for measure in (raters.kappa, raters.quadratic)
    )
    as_one = " (several of a case as one, by their mean grade)" * raters.repeats
    return (
        f"{raters.a} and {raters.b} graded {counted(raters.n, 'output')} both{as_one} "
        f"and agree on {raters.same}: kappa {kappa}, quadratic {quadratic}, AC1 {share(raters.ac1.value, 2)}."
    )
