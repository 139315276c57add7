"""Pairs of systems on the screen: tests, parts of the benchmark, cases to look at, and two raters beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.conclusion import NAMES, RECALL
from medbench.report.numbers import UNKNOWN, between, mean, p_value, points, rate, share
from medbench.report.profile import SHOWN
from medbench.report.table import table
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from medbench.schema.results.comparison import Comparison, Pair, PairedDifference, StratumTable

STRATA = {
    "region": "region",
    "modality": "modality",
    "images": "images a case",
    "reference": "length of the reference",
}
LISTED = 8
"""Cases that a list names at most; --json has all."""


def differences(comparison: Comparison) -> Iterator[RenderableType]:
    """Each pair with its tests, then each part of the benchmark."""
    for pair in comparison.pairs:
        if pair.conclusion is not None:
            yield Text(f"\n{pair.b} minus {pair.a}, on the cases that both have")
            yield _tests(pair)
    for found in comparison.strata:
        yield Text(f"\nBy {STRATA.get(found.by, found.by)}: {NAMES.get(found.metric, found.metric)}")
        yield _stratum(found)
        yield Text(_interaction(found))


def _tests(pair: Pair) -> RenderableType:
    rows: list[tuple[str, PairedDifference | None, bool]] = []
    if pair.graded:
        rows += [
            ("good, points", pair.graded.good, True),
            ("key finding, points", pair.graded.key_finding, True),
            ("higher grade, points", pair.graded.ordinal, True),
        ]
    rows += [(NAMES[metric], pair.metrics.get(metric), False) for metric in SHOWN]
    rows += [
        (f"{NAMES[RECALL]}, {name.removeprefix('first').partition('.')[0]} words", found, False)
        for name, found in pair.metrics.items()
        if name.startswith("first")
    ]
    return table(
        ["metric", "n", "difference", "higher", "lower", "test", "mid-p", "p", "Holm"],
        (
            [
                name,
                str(found.n),
                _difference(found, rates=rates),
                str(found.higher),
                str(found.lower),
                found.test or UNKNOWN,
                p_value(found.p_mid),
                p_value(found.p),
                p_value(found.p_holm),
            ]
            for name, found, rates in rows
            if found is not None
        ),
        left=(0, 5),
        wraps=(0,),
    )


def _difference(found: PairedDifference, *, rates: bool) -> str:
    value = points(found.difference) if rates else share(found.difference, 3)
    return f"{value} {between(found.interval, of_points=rates)}".rstrip()


def _stratum(found: StratumTable) -> RenderableType:
    graded = found.metric == "good"
    show = rate if graded else mean
    return table(
        [found.by, "n", found.a, found.b, "difference", "pooled", "Holm"],
        (
            [
                part.value,
                str(part.n),
                show(part.a),
                show(part.b),
                points(part.difference.difference) if graded else share(part.difference.difference, 2),
                points(part.pooled) if graded else share(part.pooled, 2),
                p_value(part.difference.p_holm),
            ]
            for part in found.parts
        ),
        wraps=(0, 2, 3),
    )


def _interaction(found: StratumTable) -> str:
    if found.p is None:
        return ""
    adjusted = p_value(found.p_holm)
    if found.p_holm is not None and found.p_holm <= 0.05:
        return f"The difference is not the same in all of them (interaction p = {adjusted})."
    return f"None demonstrably differs from the others (interaction p = {adjusted}): name no weakest one."


def cases_to_look_at(comparison: Comparison) -> Iterator[RenderableType]:
    """The cases on which a pair of systems is of two minds, and those where neither is good."""
    for pair in comparison.pairs:
        if pair.conclusion is None or pair.graded is None:
            continue
        yield Text("\nCases to look at (medbench show CASE)")
        for title, found in (
            (f"only {pair.a} good", pair.graded.only_a),
            (f"only {pair.b} good", pair.graded.only_b),
            ("neither good", pair.graded.neither),
        ):
            if found:
                more = f" … and {len(found) - LISTED} more" if len(found) > LISTED else ""
                yield Text(f"  {title} ({len(found)}): {', '.join(found[:LISTED])}{more}")


def judgings(comparison: Comparison) -> Iterator[RenderableType]:
    """How far two raters that graded the same outputs agree, and where they do not."""
    for found in comparison.judgings:
        kappa, quadratic = (
            f"{share(one.value, 2)} {between(one.interval, of_points=False)}".rstrip()
            for one in (found.kappa, found.quadratic)
        )
        yield Text()
        yield Text(
            f"{found.a} and {found.b} graded {counted(found.n, 'output')} both and agree on {found.same}: "
            f"kappa {kappa}, quadratic {quadratic}, AC1 {share(found.ac1.value, 2)}."
        )
        for system, case, one, other in found.flips[:LISTED]:
            yield Text(f"  {system} {case}: {one} → {other}")
        if len(found.flips) > LISTED:
            yield Text(f"  … and {len(found.flips) - LISTED} more")
