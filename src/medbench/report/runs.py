"""Runs, one run and one case as they stand on the screen."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.conclusion import NAMES
from medbench.report.numbers import by_size, counts, dollars, mean, rate, seconds, share, whole
from medbench.report.profile import SHOWN, profile
from medbench.report.table import printable, table
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from medbench.schema.finding import SeenFindings
    from medbench.schema.results.view import CaseView, OutputView, RunState, RunView
    from medbench.schema.score import Slice

_WIDTH = 80
EXCERPT = 12
"""Lines of an output that are shown unless all are asked for."""
LISTED = 10
"""Cases that a list of a run names at most."""


def all_runs(states: Sequence[RunState]) -> RenderableType:
    """A line a run."""
    return table(
        ["run", "outputs", "failed", "cost", "state"],
        (
            [
                f"{state.head.benchmark.name}/{Path(state.path).name}",
                f"{state.texts}/{_known(state.wanted)}",
                counts({**state.final_failures, **state.open_failures}),
                _paid(state),
                _state(state),
            ]
            for state in states
        ),
        left=(0, 2, 3, 4),
        wraps=(0, 2),
    )


def _known(number: int | None) -> str:
    return "?" if number is None else str(number)


def _state(state: RunState) -> str:
    if state.wanted is None:
        return state.problem or "unknown"
    if not state.wanted:
        return "not begun"
    if state.head.imported_from:
        absent = state.wanted - state.texts - sum(state.final_failures.values())
        return f"imported, {absent} missing" if absent else "imported"
    return f"{state.left} to go" if state.left else "complete"


def one_run(view: RunView) -> Iterator[RenderableType]:
    """What one run shows by itself."""
    state, head = view.state, view.state.head
    yield Text(
        f"{state.path} · {head.benchmark.name} ({head.benchmark.digest[:8]}) · begun {head.created[:16]}"
    )
    model = f"{head.system.model.id} by {head.system.model.provider}" if head.system.model else "no model"
    settings = ", ".join(f"{key} {value}" for key, value in head.system.settings.items()) or "none"
    prompt = head.system.prompt.name if head.system.prompt else "-"
    yield Text(
        printable(f"pipeline {head.system.pipeline} · {model} · prompt {prompt} · settings {settings}")
    )
    yield Text(
        f"outputs {state.texts}/{_known(state.wanted)} · failed {counts(view.summary.failures)} · "
        f"flagged {counts(view.summary.flags)} · cost {_paid(state)}\n"
    )
    parts = [("all", view.summary.everything), ("unflagged", view.summary.unflagged)]
    parts += [
        (f"{name} {value}", part)
        for name, values in view.summary.by.items()
        for value, part in sorted(values.items(), key=lambda one: by_size(one[0]))
    ]
    yield _slices(parts)
    if view.failures:
        yield Text(f"\nWithout an output ({len(view.failures)})")
        shown = ([case, failure.kind, failure.reason] for case, failure in view.failures[:LISTED])
        yield table(["case", "kind", "why"], shown, left=(0, 1, 2), wraps=(0, 2))
        yield from _more(len(view.failures))
    if view.flagged:
        yield Text(f"\nFlagged ({view.summary.flagged})")
        yield table(["case", "flags"], view.flagged[:LISTED], left=(0, 1), wraps=(0, 1))
        yield from _more(len(view.flagged))
    yield from profile(view.profile)
    yield Text("\n" + "\n".join(view.summary.signatures.values()), style="dim")


def _more(count: int) -> Iterator[RenderableType]:
    if count > LISTED:
        yield Text(f"… and {count - LISTED} more")


def _slices(parts: Sequence[tuple[str, Slice]]) -> RenderableType:
    shown = [name for name in SHOWN if any(name in part.metrics for _, part in parts)]
    rules = any("rules.good" in part.metrics for _, part in parts)

    def row(name: str, part: Slice) -> list[str | Text]:
        latency = part.metrics.get("latency_ms")
        return [
            name,
            f"{part.n}/{part.wanted}",
            *([rate(part.metrics.get("rules.good"))] if rules else []),
            *(mean(part.metrics.get(metric)) for metric in shown),
            whole(part.metrics["words"].median if "words" in part.metrics else None),
            seconds(latency.median if latency else None),
            seconds(latency.p95 if latency else None),
        ]

    titles = [NAMES[metric] for metric in shown]
    header = ["outputs of", "n", *(["good %"] if rules else []), *titles, "words", "s p50", "p95"]
    return table(header, (row(name, part) for name, part in parts), wraps=(0,))


def one_case(view: CaseView, *, whole: bool = False) -> Iterator[RenderableType]:
    """A case: what is shown of it, what answers it, every output; long outputs in part unless `whole`."""
    case, reference = view.case, view.reference
    about = [case.region, case.modality, counted(len(case.images), "image")]
    about += [text for text in (f"{case.age} y" if case.age else "", case.sex or "") if text]
    yield Text(printable(f"{case.case_id} ({reference.source_id}) · {' · '.join(about)}"), style="bold")
    yield _field("history", case.history or "not given")
    note = (
        f"   (note: {', '.join(flag.replace('_', ' ') for flag in reference.flags)})"
        if reference.flags
        else ""
    )
    yield _field("reference", reference.text + note)
    if reference.diagnosis:
        yield _field("diagnosis", reference.diagnosis)
    prompt = next((output.prompt for output in view.outputs if output.prompt), None)
    if prompt:
        yield _field("prompt", prompt)
    for output in view.outputs:
        yield Text()
        yield Text(printable(f"{output.run}   {_facts(output)}"), style="bold")
        if output.output and output.output.text:
            yield _field("", output.output.text, most=None if whole else EXCERPT)
        if output.findings:
            yield from _findings(output.findings)
        for verdict in output.verdicts:
            said = verdict.grade or f"no verdict: {verdict.failure.kind if verdict.failure else 'unknown'}"
            yield _field("", f"{verdict.rater}: {said}. {verdict.rationale or ''}")
    yield Text()
    for image in case.images:
        yield _field(
            "image",
            f"{view.folder}/{image.file} · {image.width}x{image.height} {image.mode} · "
            f"{' '.join(part for part in (image.modality, image.sequence, image.plane) if part)}",
        )


def _findings(seen: SeenFindings) -> Iterator[RenderableType]:
    """What is not simply right, by outcome."""
    if seen.key and seen.key_hit is False:
        yield _field("", f"key           {seen.key}: missed")
    for outcome, words in seen.lines:
        yield _field("", f"{outcome:<14}{words}")


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


def _field(name: str, text: str, most: int | None = None) -> Text:
    lines = []
    for line in printable(text).splitlines() or [""]:
        lines += textwrap.wrap(line, _WIDTH - 12, replace_whitespace=False, drop_whitespace=True) or [""]
    if most is not None and len(lines) > most:
        lines = [*lines[:most], f"… (+{counted(len(lines) - most, 'line')}: --full)"]
    body = ("\n" + " " * 12).join(lines)
    return Text(f"{name:<12}{body}")


def _paid(state: RunState) -> str:
    known = dollars(state.cost_usd) if state.cost_usd is not None or state.cost_unknown else "$0"
    return (
        f"{known}, {state.cost_unknown} unknown"
        if state.cost_unknown and state.cost_usd is not None
        else known
    )
