"""Head of the page, in the words of `compare`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.report.blocks import spans
from medbench.report.build import terms_of
from medbench.report.compare.comparison import many, name_of, title
from medbench.report.compare.conclusion import conclusions, pair_conclusions
from medbench.report.compare.pairs import agreement_words
from medbench.report.compare.results import calls, results
from medbench.report.compare.summary import clear_differences, verdict, with_care
from medbench.report.numbers import metric_name
from medbench.report.page.headlines import headlines
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.report.blocks import Block, Paragraph
    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.report_view import ReportView


@dataclass(frozen=True, slots=True)
class FirstView:
    """The first view of the page."""

    terms: tuple[str, ...]
    """Conditions of the source of the cases for whoever has this page."""
    title: Paragraph
    systems: tuple[str, ...]
    question: str
    """Question of these runs, and the metric that answers it."""
    headlines: tuple[tuple[str, str], ...]
    """The rates that a reader would quote, whether their difference holds, and why not, in plain words."""
    verdict: tuple[tuple[Block, ...], ...]
    """The conclusion and whatever else is clear, each in a part of its own."""
    results: tuple[Block, ...]
    coverage: tuple[Block, ...]
    rests_on: tuple[str, ...]
    """Facts that a reader has to know beside the tables, in sentences."""


def first_view(view: ReportView) -> FirstView:
    """Return the first view of a report."""
    comparison = view.comparison
    return FirstView(
        terms=tuple(terms(view)),
        title=title(comparison),
        systems=tuple(name_of(row) for row in comparison.systems),
        question=view.question or _question(comparison),
        headlines=tuple(headlines(comparison)),
        verdict=tuple(part for part in _verdict(comparison, declared=bool(view.declared)) if part),
        results=tuple(results(comparison)),
        coverage=tuple(calls(comparison)),
        rests_on=tuple(_rests_on(view)),
    )


def _question(comparison: Comparison) -> str:
    """Return what is asked of the runs, and by what it is measured."""
    names, cases = [row.name for row in comparison.systems], counted(comparison.cases, "case")
    if len(names) == 1:
        asked = f"How well does {names[0]} describe the findings of {cases}?"
    elif len(names) == 2:
        asked = f"Does {names[0]} or {names[1]} describe the findings of {cases} better?"
    else:
        asked = f"Which of {len(names)} systems describes the findings of {cases} best?"
    metric = next((pair.conclusion.metric for pair in comparison.pairs if pair.conclusion), None)
    if metric == "good" or (metric is None and comparison.rater):
        return f"{asked} Measured by the share of outputs that {comparison.rater or 'its rater'} calls good."
    return f"{asked} Nothing is graded: measured by {metric_name(metric)}." if metric else asked


def _verdict(comparison: Comparison, *, declared: bool) -> Iterator[tuple[Block, ...]]:
    """Yield the conclusion, then what else is clear; a ranking is one with what is clear.

    Pairs that an experiment declared are concluded one by one, whatever the ranking of all systems says.
    """
    if many(comparison):
        if declared:
            yield tuple(pair_conclusions(comparison))
        yield tuple(verdict(comparison))
    else:
        yield tuple(conclusions(comparison))
        yield tuple(clear_differences(comparison))


def _rests_on(view: ReportView) -> Iterator[str]:
    comparison = view.comparison
    yield from view.declared
    for paragraph in with_care(comparison):
        yield "".join(span.text for span in spans(paragraph.text))
    for raters in comparison.judgings:
        if comparison.rater in {raters.a, raters.b} and "rules" not in {raters.a, raters.b}:
            yield agreement_words(raters)
    yield from _seals(view)
    yield from (f"Note: {notice}" for notice in comparison.notices)


def terms(view: ReportView) -> Iterator[str]:
    """Yield what holds for the cases on the page, and so for the page."""
    if view.drawn_from is not None:
        held = counted(len(view.cases), "case")
        yield (
            f"This page holds {held} of {view.drawn_from:,}, drawn at random: those that a blind sheet takes "
            "first. Rates, tables and tests are of all cases; prompts and attempts, and the seconds, dollars "
            "and scores of single answers are of these. The files of the runs are not in it: keep them."
        )
    if asked := terms_of(view.benchmark.dataset.name, view.benchmark.dataset.terms):
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
