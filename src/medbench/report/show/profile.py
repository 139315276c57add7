"""One run by itself: its raters, hardest cases, patterns of failure, and what its metrics go with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Heading, table
from medbench.report.numbers import (
    SHOWN,
    UNKNOWN,
    between,
    groups_of,
    mean,
    metric_name,
    rate,
    sample,
    share,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Block, Table
    from medbench.schema.results.profile import Association, Part, Profile

_TITLES = {"sequence": "By pulse sequence (cases with all of these)", "words": "By words of the output"}


def grades(view: Profile) -> Iterator[Block]:
    """Yield the rates of grades of each judge and reviewer."""
    judges = [rater for rater in view.raters if rater.rater != "rules"]
    if judges:
        yield Heading("Grades")
        yield table(
            ["rater", "graded", "good %", "partial %", "poor %", "key finding %"],
            (
                [
                    rater.rater,
                    str(rater.good.n),
                    *map(rate, (rater.good, rater.partial, rater.poor, rater.key_finding)),
                ]
                for rater in judges
            ),
            wraps=(0,),
        )


def profile(view: Profile) -> Iterator[Block]:
    """Yield the parts of a profile, each with its title; parts of one case are left out."""
    for by, title in _TITLES.items():
        parts = [part for part in view.parts if part.by == by and part.n > 1]
        if parts:
            yield Heading(title)
            yield _parts(by, parts)
    if view.hardest:
        yield Heading(f"Hardest cases: lowest {metric_name(view.metric)}")
        yield table(["case", "value"], ([case, share(value)] for case, value in view.hardest), wraps=(0,))
    yield Heading("Patterns of failure, in outputs")
    yield table(
        ["pattern", "outputs", "of"],
        ([pattern.name, str(pattern.count), str(pattern.of)] for pattern in view.patterns if pattern.count),
        wraps=(0,),
    )
    if view.associations:
        yield Heading("What each metric goes with: Kendall's tau-b [95 %] of grades, and of words")
        yield _associations(view.associations)


def _parts(by: str, parts: Sequence[Part]) -> Table:
    shown = [name for name in SHOWN if any(name in part.metrics for part in parts)]
    return table(
        [by, "n", *map(metric_name, shown)],
        (
            [
                part.value,
                sample(part.n, groups_of(part.metrics.values())),
                *(mean(part.metrics.get(metric)) for metric in shown),
            ]
            for part in parts
        ),
        wraps=(0,),
    )


def _associations(associations: Sequence[Association]) -> Table:
    """Build the table of Kendall's tau of each metric with the grades of each rater and with the length."""
    metrics = list(dict.fromkeys(association.metric for association in associations))
    others = list(dict.fromkeys(association.what for association in associations))
    by_pair = {(association.metric, association.what): association for association in associations}
    return table(
        ["metric", *others],
        (
            [metric_name(metric), *(_tau(by_pair.get((metric, other))) for other in others)]
            for metric in metrics
        ),
    )


def _tau(association: Association | None) -> str:
    if association is None or association.tau.value is None:
        return UNKNOWN
    interval = between(association.tau.interval, of_points=False)
    return f"{share(association.tau.value, 2)} {interval}".rstrip()
