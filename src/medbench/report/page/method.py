"""How the numbers were made: benchmark, systems, judges, prompts, signatures, commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from medbench.sentences import counted
from medbench.store.runs import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.results.report_view import ReportRun, ReportView

Facts = list[tuple[str, str]]


def method(view: ReportView) -> Iterator[tuple[str, Facts]]:
    """Yield titles, each with names and values."""
    yield "Benchmark", _benchmark(view)
    for run in view.runs:
        yield (
            run.name,
            [*_run(run), *_models(run), *(("judge", f"{one}: {what}") for one, what in run.raters.items())],
        )
    signatures = list(view.comparison.signatures.items())
    yield (
        "Signatures",
        [*signatures, ("resampling", view.comparison.resampling), ("parser", view.comparison.parser)],
    )
    yield "This page as an archive", _archive(view)


def _benchmark(view: ReportView) -> Facts:
    head = view.benchmark
    facts = [
        ("name", head.name),
        ("digest", head.digest),
        (
            "source",
            " ".join(part for part in (head.dataset.name, head.dataset.source, head.dataset.commit) if part),
        ),
        ("cases, images", f"{head.cases:,}, {head.images:,}"),
        ("drawn", head.draw.recipe or f"by {', '.join(head.draw.by) or 'nothing'}, seed {head.draw.seed}"),
    ]
    return facts + [("left out", f"{number}: {reason}") for reason, number in head.left_out.items()]


def _archive(view: ReportView) -> Facts:
    files = view.archive.files
    if not files:
        return [("records", "left out: medbench import gives no run back from this page")]
    runs = {file.path.split("/")[2] for file in files if file.path.endswith(f"/{HEAD}")}
    size = f"{counted(len(files), 'file')}, {sum(file.bytes for file in files) / 1e6:.1f} MB"
    own = view.archive.images == "full"
    return [
        ("records", f"of {', '.join(sorted(runs))}, and the texts of the benchmark: {size}"),
        ("images", "the benchmark's own files, where a browser can draw them" if own else "by their digests"),
        ("to have them back", "medbench import report.html, then medbench verify"),
    ]


def _run(run: ReportRun) -> Facts:
    head = run.head
    return [
        ("pipeline", head.system.pipeline),
        ("system digest", head.system_digest),
        ("run id", head.run_id),
        ("root, by medbench verify", run.root),
        ("begun, last event", f"{head.created}, {run.ended}"),
        ("medbench, Python", f"{head.medbench}, {head.python}"),
        ("command", run.command),
        *((f"read from {file.file}", f"sha256 {file.sha256}") for file in head.imported_from),
    ]


def _models(run: ReportRun) -> Iterator[tuple[str, str]]:
    for stage in run.head.system.stages:
        yield stage.role, f"{stage.model.id} by {stage.model.provider} ({stage.model.name})"
        if stage.prompt:
            yield "prompt", f"{stage.prompt.name}, digest {stage.prompt.digest}"
        if stage.images:
            yield "images", stage.images
        if stage.settings:
            yield "settings", json.dumps(stage.settings, sort_keys=True)
    if run.answered:
        yield "answered as", ", ".join(run.answered)
    if run.prices:
        yield "prices", "; ".join(run.prices)
    if run.prompt:
        yield "sent for the first case", run.prompt
