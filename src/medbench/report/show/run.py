"""One run by itself: its grades, its parts, what failed and what is flagged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Heading, Paragraph, Span, table
from medbench.report.numbers import (
    ANSWERS,
    BRACKETS,
    FINDINGS,
    OTHERS,
    SECONDS,
    about_chance,
    by_others,
    cell,
    column_name,
    counts,
    groups_of,
    latencies,
    of_wanted,
    percent,
    whole,
)
from medbench.report.show.probes import probe_card
from medbench.report.show.profile import grades, profile
from medbench.report.show.runs import cost_of, judging_of, known
from medbench.report.show.screening import screening_cards
from medbench.report.show.stages import stage_table
from medbench.scoring.controls import above
from medbench.sentences import by_size, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.report.blocks import Block
    from medbench.schema.results.view import RunView
    from medbench.schema.run import System
    from medbench.schema.score import Estimate, Slice

LISTED = 10
"""Cases that a list of a run names at most."""


def one_run(view: RunView) -> Iterator[Block]:
    """Yield what one run shows by itself."""
    yield from _head(view)
    yield from grades(view.profile)
    yield Blank()
    parts = [("all", view.summary.everything), ("unflagged", view.summary.unflagged)]
    parts += [
        (f"{name} {value}", values[value])
        for name, values in view.summary.by.items()
        for value in sorted(values, key=by_size)
        if values[value].wanted > 1
    ]
    yield from _slices(parts, view.summary.signatures)
    if view.failures:
        yield Heading(f"Without an output ({len(view.failures)})")
        failures = ([case, failure.kind, failure.reason] for case, failure in view.failures[:LISTED])
        yield table(["case", "kind", "why"], failures, left=(0, 1, 2), wraps=(0, 2))
        yield from _more(len(view.failures))
    if view.flagged:
        yield Heading(f"Flagged ({view.summary.flagged})")
        yield table(["case", "flags"], view.flagged[:LISTED], left=(0, 1), wraps=(0, 1))
        yield from _more(len(view.flagged))
    yield from profile(view.profile)
    if view.screening:
        yield from screening_cards([view.screening])
    if view.stages:
        yield from stage_table(view.stages)
    if view.probes:
        yield from probe_card(view.probes)
    yield Blank()
    yield Paragraph(BRACKETS)
    yield Paragraph(Span("\n".join(view.summary.signatures.values()), "muted"))


def _head(view: RunView) -> Iterator[Block]:
    state, head = view.state, view.state.head
    system = head.system
    yield Paragraph(
        f"{state.path} · {head.benchmark.name} ({head.benchmark.digest[:8]}) · begun {head.created[:16]}"
    )
    yield Paragraph(f"pipeline {system.pipeline} · {_asked(system)}")
    yield Paragraph(
        f"outputs {state.texts}/{known(state.wanted)} · failed {counts(view.summary.failures)} · "
        f"flagged {counts(view.summary.flags)} · "
        f"cost {cost_of(state)} · judging {judging_of(state)}"
    )
    if view.under_way:
        calls = counted(view.under_way, "call is", "calls are")
        yield Paragraph(f"{calls} under way in batches: the line that sent them collects.")
    if others := view.summary.flags.get("other_model"):
        yield Paragraph(by_others(others, view.summary.outputs, view.other_models) + ".")
    if view.agreement:
        yield Paragraph(_agreed(view.agreement))


def _agreed(found: Estimate) -> str:
    """Say how far the samples behind the outputs agree."""
    without = f"{counted(found.missing, 'output')} without a finding that most samples have"
    if not found.n:
        return f"samples: {without}"
    return (
        f"samples: {percent(found.mean)} % have each finding that most have "
        f"(mean of {counted(found.n, 'output')}); {without}"
    )


def _asked(system: System) -> str:
    """Return the models of a system with prompts and settings, and their roles if there are several."""
    stages = [
        (
            f"{stage.role}: " if system.several else "",
            f"{stage.model.id} by {stage.model.provider}",
            stage.prompt,
            stage.settings,
        )
        for stage in system.stages
    ] or [("", "no model", None, system.settings)]
    return " · ".join(
        f"{role}{model} · prompt {prompt.name if prompt else '-'} · settings "
        + (", ".join(f"{key} {_short(value)}" for key, value in settings.items()) or "none")
        for role, model, prompt, settings in stages
    )


def _short(value: object) -> object:
    """Return a setting for a line: a JSON Schema would fill the screen."""
    return "set" if isinstance(value, dict) else value


def _more(count: int) -> Iterator[Block]:
    if count > LISTED:
        yield Paragraph(f"… and {count - LISTED} more")


def _sample(part: Slice) -> str:
    """Return '38/40', with the number of independent groups where outputs are dependent."""
    return of_wanted(part.n, part.wanted, groups_of(part.metrics.values()))


def _slices(parts: Sequence[tuple[str, Slice]], signatures: Mapping[str, str]) -> Iterator[Block]:
    """Yield the findings of each part, then the rules, ROUGE-L, length and time."""
    known = {metric for _, part in parts for metric in part.metrics}
    if any((one := part.metrics.get(ANSWERS[0])) and one.n for _, part in parts):
        yield table(
            ["answers to", "n", *map(column_name, ANSWERS)],
            (
                [name, _sample(part), *(cell(metric, part.metrics.get(metric)) for metric in ANSWERS)]
                for name, part in parts
            ),
            wraps=(0,),
        )
        yield Blank()
    first, others = (
        [metric for metric in group if metric in known] for group in (FINDINGS[:-1], (OTHERS[0], OTHERS[2]))
    )
    yield table(
        ["outputs of", "n", *map(column_name, first)],
        (
            [name, _sample(part), *(cell(metric, part.metrics.get(metric)) for metric in first)]
            for name, part in parts
        ),
        wraps=(0,),
    )
    if above("finding.f1") in first:
        told = "Key finding: named by these numbers; above, as each rater sees it."
        yield Paragraph(
            f"{about_chance(signatures)} {told}" if "finding.key" in first else about_chance(signatures)
        )
    yield Blank()
    yield table(
        ["rules, ROUGE-L", *map(column_name, others), "words", *SECONDS],
        (
            [
                name,
                *(cell(metric, part.metrics.get(metric)) for metric in others),
                whole(part.metrics["words"].median if "words" in part.metrics else None),
                *latencies(part.metrics.get("latency_ms")),
            ]
            for name, part in parts
        ),
        wraps=(0,),
    )
