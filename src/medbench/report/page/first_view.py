"""What stands above all else on the page, in the words of `compare`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.report.build import terms_of
from medbench.report.compare.comparison import name_of, title
from medbench.report.compare.conclusion import rates_side_by_side
from medbench.report.compare.results import calls, results
from medbench.report.compare.summary import verdict, with_care

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.report.blocks import Block, Paragraph
    from medbench.schema.results.report_view import ReportView


@dataclass(frozen=True, slots=True)
class FirstView:
    """The first view of the page."""

    terms: tuple[str, ...]
    """What the source of the cases asks of whoever has this page."""
    title: Paragraph
    systems: tuple[str, ...]
    side_by_side: tuple[str, ...]
    """The rates that a reader would quote, and whether their difference holds."""
    verdict: tuple[Block, ...]
    results: tuple[Block, ...]
    coverage: tuple[Block, ...]
    care: tuple[Block, ...]
    seals: tuple[str, ...]
    notices: tuple[str, ...]


def first_view(view: ReportView) -> FirstView:
    """Return the first view of a report."""
    comparison = view.comparison
    return FirstView(
        terms=tuple(terms(view)),
        title=title(comparison),
        systems=tuple(name_of(row) for row in comparison.systems),
        side_by_side=tuple(rates_side_by_side(comparison)),
        verdict=tuple(verdict(comparison)),
        results=tuple(results(comparison)),
        coverage=tuple(calls(comparison)),
        care=tuple(with_care(comparison)),
        seals=tuple(_seals(view)),
        notices=tuple(f"Note: {notice}" for notice in comparison.notices),
    )


def terms(view: ReportView) -> Iterator[str]:
    """Yield what holds for the cases on the page, and so for the page."""
    if asked := terms_of(view.benchmark.dataset.name):
        yield f"This page holds cases of {view.benchmark.dataset.name}. {asked}"
    if view.benchmark.egress:
        yield (
            f"The cases of {view.benchmark.name} may only be sent to {', '.join(view.benchmark.egress)}: do "
            "not send this page elsewhere."
        )


def _seals(view: ReportView) -> Iterator[str]:
    for run in view.runs:
        for what in run.broken:
            yield f"{run.name}: {what}."
    whole = [run.name for run in view.runs if run.sealed and not run.broken]
    without = [run.name for run in view.runs if not run.sealed and not run.broken]
    if whole:
        yield (
            f"Sealed, and no record was changed since: {', '.join(whole)}. Whether the numbers follow from "
            "the records: medbench verify."
        )
    if without:
        yield f"No seals to tell by: {', '.join(without)}."
