"""What one run shows by itself: grades, hardest cases, patterns, what goes with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.conclusion import NAMES
from medbench.report.numbers import UNKNOWN, between, mean, rate, share
from medbench.report.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from medbench.schema.results.profile import Association, Part, Profile

SHOWN = ("finding.f1", "rouge_l.recall", "rouge_l.f1")
_TITLES = {"sequence": "By pulse sequence (cases with all of these)", "words": "By words of the output"}


def profile(found: Profile) -> Iterator[RenderableType]:
    """Its parts, each with its title."""
    if found.raters:
        yield Text("\nGrades")
        yield table(
            ["rater", "graded", "good %", "partial %", "poor %", "key finding %"],
            (
                [
                    one.rater,
                    str(one.good.n),
                    rate(one.good),
                    rate(one.partial),
                    rate(one.poor),
                    rate(one.key_finding),
                ]
                for one in found.raters
            ),
            wraps=(0,),
        )
    for by, title in _TITLES.items():
        parts = [part for part in found.parts if part.by == by]
        if parts:
            yield Text(f"\n{title}")
            yield _parts(by, parts)
    if found.hardest:
        yield Text(f"\nHardest cases: lowest {NAMES.get(found.metric, found.metric)}")
        yield table(["case", "value"], ([case, share(value)] for case, value in found.hardest), wraps=(0,))
    yield Text("\nPatterns of failure, in outputs")
    yield table(
        ["pattern", "outputs", "of"],
        ([one.name, str(one.count), str(one.of)] for one in found.patterns if one.count),
        wraps=(0,),
    )
    yield from _associations(found.associations)


def _parts(by: str, parts: Sequence[Part]) -> RenderableType:
    shown = [name for name in SHOWN if any(name in part.metrics for part in parts)]
    return table(
        [by, "n", *(NAMES[metric] for metric in shown)],
        ([part.value, str(part.n), *(mean(part.metrics.get(metric)) for metric in shown)] for part in parts),
        wraps=(0,),
    )


def _associations(found: Sequence[Association]) -> Iterator[RenderableType]:
    """Kendall's tau of each rater, and of the length, with each metric."""
    if not found:
        return
    metrics = list(dict.fromkeys(one.metric for one in found))
    beside = list(dict.fromkeys(one.what for one in found))
    of = {(one.metric, one.what): one for one in found}
    yield Text("\nWhat each metric goes with: Kendall's tau-b [95 %] of grades, and of words")
    yield table(
        ["metric", *beside],
        (
            [NAMES.get(metric, metric), *(_tau(of.get((metric, what))) for what in beside)]
            for metric in metrics
        ),
    )


def _tau(found: Association | None) -> str:
    if found is None or found.tau.value is None:
        return UNKNOWN
    return f"{share(found.tau.value, 2)} {between(found.tau.interval, of_points=False)}".rstrip()
