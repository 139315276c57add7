"""Runs, one run and one case as they stand on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Field, Heading, Paragraph, Span, table
from medbench.report.numbers import (
    FINDINGS,
    OTHERS,
    UNKNOWN,
    about_chance,
    cell,
    column_name,
    cost,
    counts,
    latencies,
    share,
    whole,
)
from medbench.report.show.profile import profile
from medbench.scoring.controls import above
from medbench.sentences import by_size, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.report.blocks import Block, Table
    from medbench.schema.finding import SeenFindings
    from medbench.schema.results.view import CaseView, OutputView, RunState, RunView
    from medbench.schema.run import System
    from medbench.schema.score import Slice

EXCERPT = 12
"""Lines of an output that are shown unless all are asked for."""
LISTED = 10
"""Cases that a list of a run names at most."""


def all_runs(states: Sequence[RunState]) -> Table:
    """Show a line a run."""
    return table(
        ["run", "outputs", "failed", "cost", "judging", "state"],
        (
            [
                f"{state.head.benchmark.name}/{Path(state.path).name}",
                f"{state.texts}/{_known(state.wanted)}",
                counts({**state.final_failures, **state.open_failures}),
                _cost(state),
                _judging(state),
                _state(state),
            ]
            for state in states
        ),
        left=(0, 2, 3, 4, 5),
        wraps=(0, 2),
    )


def _known(number: int | None) -> str:
    return "?" if number is None else str(number)


def _cost(state: RunState) -> str:
    spent = state.spent
    reused = f" + {cost(spent.reused_usd, spent.reused_unknown)} reused" if spent.reused else ""
    return cost(spent.known, spent.unknown) + reused


def _judging(state: RunState) -> str:
    spent = state.judging
    return cost(spent.known, spent.unknown) if spent.calls else UNKNOWN


def _state(state: RunState) -> str:
    if state.wanted is None:
        return state.problem or "unknown"
    if not state.wanted:
        return "not begun"
    if state.head.imported_from:
        absent = state.wanted - state.texts - sum(state.final_failures.values())
        return f"imported, {absent} missing" if absent else "imported"
    return f"{state.left} to go" if state.left else "complete"


def one_run(view: RunView) -> Iterator[Block]:
    """Yield what one run shows by itself."""
    yield from _head(view)
    yield Blank()
    parts = [("all", view.summary.everything), ("unflagged", view.summary.unflagged)]
    parts += [
        (f"{name} {value}", values[value])
        for name, values in view.summary.by.items()
        for value in sorted(values, key=by_size)
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
    yield Blank()
    yield Paragraph(Span("\n".join(view.summary.signatures.values()), "muted"))


def _head(view: RunView) -> Iterator[Block]:
    state, head = view.state, view.state.head
    system = head.system
    yield Paragraph(
        f"{state.path} · {head.benchmark.name} ({head.benchmark.digest[:8]}) · begun {head.created[:16]}"
    )
    yield Paragraph(f"pipeline {system.pipeline} · {_asked(system)}")
    yield Paragraph(
        f"outputs {state.texts}/{_known(state.wanted)} · failed {counts(view.summary.failures)} · "
        f"flagged {counts(view.summary.flags)} · "
        f"cost {_cost(state)} · judging {_judging(state)}"
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
        + (", ".join(f"{key} {value}" for key, value in settings.items()) or "none")
        for role, model, prompt, settings in stages
    )


def _more(count: int) -> Iterator[Block]:
    if count > LISTED:
        yield Paragraph(f"… and {count - LISTED} more")


def _slices(parts: Sequence[tuple[str, Slice]], signatures: Mapping[str, str]) -> Iterator[Block]:
    """Yield the findings of each part, then the rules, ROUGE-L, length and time."""
    known = {metric for _, part in parts for metric in part.metrics}
    first, others = ([metric for metric in group if metric in known] for group in (FINDINGS, OTHERS[:-1]))
    yield table(
        ["outputs of", "n", *map(column_name, first)],
        (
            [name, f"{part.n}/{part.wanted}", *(cell(metric, part.metrics.get(metric)) for metric in first)]
            for name, part in parts
        ),
        wraps=(0,),
    )
    if above("finding.f1") in first:
        yield Paragraph(about_chance(signatures))
    yield Blank()
    yield table(
        ["rules, ROUGE-L", *map(column_name, others), "words", "s p50", "p95"],
        (
            [
                name,
                *(cell(metric, part.metrics.get(metric)) for metric in others),
                whole(part.metrics["words"].median if "words" in part.metrics else None),
                *latencies(part.metrics.get("latency_ms"))[:2],
            ]
            for name, part in parts
        ),
        wraps=(0,),
    )


def one_case(view: CaseView, *, whole: bool = False) -> Iterator[Block]:
    """Yield a case: what is shown of it, its reference, and every output.

    Args:
        view: The case.
        whole: True to show long outputs to their end.
    """
    case, reference = view.case, view.reference
    about = [case.region, case.modality, counted(len(case.images), "image")]
    about += [text for text in (f"{case.age} y" if case.age else "", case.sex or "") if text]
    title = f"{case.case_id} ({reference.source_id}) · {' · '.join(about)}"
    yield Heading(Span(title, "strong"), level=1)
    yield Field("history", case.history or "not given")
    flags = ", ".join(flag.replace("_", " ") for flag in reference.flags)
    yield Field("reference", reference.text + (f"   (note: {flags})" if flags else ""))
    if reference.diagnosis:
        yield Field("diagnosis", reference.diagnosis)
    prompt = next((output.prompt for output in view.outputs if output.prompt), None)
    if prompt:
        yield Field("prompt", prompt)
    for output in view.outputs:
        yield from _output(output, most_lines=None if whole else EXCERPT)
    yield Blank()
    for image in case.images:
        kind = " ".join(part for part in (image.modality, image.sequence, image.plane) if part)
        path = f"{view.folder}/{image.file}"
        yield Field("image", f"{path} · {image.width}x{image.height} {image.mode} · {kind}")


def _output(view: OutputView, *, most_lines: int | None) -> Iterator[Block]:
    yield Heading(Span(f"{view.run}   {_facts(view)}", "strong"))
    if view.output and view.output.text:
        yield Field("", view.output.text, most_lines=most_lines)
    if view.findings:
        yield from _findings(view.findings)
    for verdict in view.verdicts:
        grade = verdict.grade or f"no verdict: {verdict.failure.kind if verdict.failure else 'unknown'}"
        source = f" (taken over from {verdict.reused_from})" if verdict.reused_from else ""
        yield Field("", f"{verdict.rater}: {grade}{source}. {verdict.rationale or ''}")


def _findings(seen: SeenFindings) -> Iterator[Block]:
    """Yield what is not simply right, by outcome."""
    if seen.key and seen.key_hit is False:
        yield Field("", f"key           {seen.key}: missed")
    for outcome, words in seen.lines:
        yield Field("", f"{outcome:<14}{words}")


def _facts(view: OutputView) -> str:
    if view.output is None:
        return "not run"
    if view.output.failure:
        return f"failed, {view.output.failure.kind}: {view.output.failure.reason}"
    parts = [f"replicate {view.output.replicate}"] if view.output.replicate else []
    if view.score:
        scores = view.score.scores
        if view.findings and view.findings.grade:
            key = "key finding hit" if view.findings.key_hit else "key finding missed"
            parts.append(f"rules: {view.findings.grade}, {key}")
        parts.append(f"finding F1 {share(scores.get('finding.f1'))}")
        parts.append(
            f"ROUGE-L recall {share(scores.get('rouge_l.recall'))}, F1 {share(scores.get('rouge_l.f1'))}"
        )
        parts += [counted(view.score.words, "word")] if view.score.words is not None else []
        parts += [flag.replace("_", " ") for flag in view.score.flags]
    if view.latency_s is not None:
        parts.append(f"{view.latency_s:.1f} s")
    return " · ".join(parts)
