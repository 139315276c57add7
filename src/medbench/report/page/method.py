"""How the numbers were made, fact by fact, each with the file and field of its record."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medbench.sentences import counted
from medbench.store.runs import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.results.report_view import ReportRun, ReportView, SentPrompt
    from medbench.schema.run import Stage


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the method."""

    name: str
    value: str
    record: str
    """File and field that it stands in, such as 'run.json system.model'."""
    of: str = ""
    """Subject, where there are several: a system, a scorer, the number of a prompt."""
    place: str = ""
    """Id of its element in the page, by which it is linked to."""


@dataclass(frozen=True, slots=True)
class Section:
    """Facts below a title."""

    title: str
    facts: tuple[Fact, ...]


def method(view: ReportView) -> Iterator[Section]:
    """Yield the sections of the method, with a place for each fact."""
    for number, (title, facts) in enumerate(_sections(view)):
        placed = (replace(fact, place=f"m-{number}-{place}") for place, fact in enumerate(facts))
        yield Section(title, tuple(placed))


def _sections(view: ReportView) -> Iterator[tuple[str, Iterator[Fact]]]:
    yield "Benchmark", _benchmark(view)
    for run in view.runs:
        yield run.name, _run(run)
    yield "Prompts", _prompts(view)
    yield "Signatures", _signatures(view)
    yield "This page as an archive", _archive(view)


def _benchmark(view: ReportView) -> Iterator[Fact]:
    head = view.benchmark
    source = " ".join(part for part in (head.dataset.name, head.dataset.source, head.dataset.commit) if part)
    drawn = head.draw.recipe or f"by {', '.join(head.draw.by) or 'nothing'}, seed {head.draw.seed}"
    yield Fact("name", head.name, "benchmark.json name")
    yield Fact("digest", head.digest, "benchmark.json digest")
    yield Fact("source", source, "benchmark.json dataset")
    yield Fact("cases, images", f"{head.cases:,}, {head.images:,}", "benchmark.json cases")
    yield Fact("drawn", drawn, "benchmark.json draw")
    yield Fact("cases kept apart", f"{head.pool:,}", "benchmark.json pool")
    for reason, number in head.left_out.items():
        yield Fact("left out", f"{number}: {reason}", "benchmark.json left_out")
    if head.egress:
        yield Fact("may be sent to", ", ".join(head.egress), "benchmark.json egress")


def _run(run: ReportRun) -> Iterator[Fact]:
    for fact in (*_head(run), *_stages(run), *_answers(run)):
        yield replace(fact, of=run.name)


def _head(run: ReportRun) -> Iterator[Fact]:
    head = run.head
    yield Fact("pipeline", head.system.pipeline, "run.json system.pipeline")
    yield Fact("system digest", head.system_digest, "run.json system_digest")
    yield Fact("run id", head.run_id, "run.json run_id")
    yield Fact("root, by medbench verify", run.root, "seals of all files")
    yield Fact("begun", head.created, "run.json created")
    yield Fact("last event", run.ended, "events.jsonl at")
    yield Fact("medbench, Python", f"{head.medbench}, {head.python}", "run.json medbench")
    yield Fact("command", run.command, "events.jsonl command")
    for file in head.imported_from:
        yield Fact(f"read from {file.file}", f"sha256 {file.sha256}", "run.json imported_from")


def _stages(run: ReportRun) -> Iterator[Fact]:
    of = "run.json system.stages" if run.head.system.several else "run.json system"
    for stage in run.head.system.stages:
        model = f"{stage.model.id} by {stage.model.provider} ({stage.model.name})"
        yield Fact(stage.role, model, f"{of}.model")
        if stage.prompt:
            prompt = f"{stage.prompt.name}, digest {stage.prompt.digest}"
            yield Fact(f"prompt of {stage.role}", prompt, f"{of}.prompt")
        if stage.images:
            yield Fact(f"images of {stage.role}", stage.images, f"{of}.images")
        yield Fact(f"settings of {stage.role}", settings_text(stage), f"{of}.settings")
    if run.head.system.stages and run.head.system.settings:
        settings = json.dumps(run.head.system.settings, sort_keys=True)
        yield Fact("settings of the pipeline", settings, "run.json system.settings")


def settings_text(stage: Stage) -> str:
    """Return the settings that a model was asked with."""
    return json.dumps(stage.settings, sort_keys=True) if stage.settings else "the defaults of the service"


def _answers(run: ReportRun) -> Iterator[Fact]:
    if run.answered:
        yield Fact("answered as", ", ".join(run.answered), "responses.jsonl answered")
    if run.prices:
        yield Fact("prices", "; ".join(run.prices), "responses.jsonl cost.basis")
    for rater, settings in run.raters.items():
        yield Fact("graded by", f"{rater}: {settings}" if settings else rater, "verdicts.jsonl rater")


def _prompts(view: ReportView) -> Iterator[Fact]:
    for number, prompt in enumerate(view.prompts, 1):
        judging = "judging " if prompt.example else ""
        used = ", ".join(f"{judging}{run} ({stage})" for run, stage in prompt.used_by)
        yield Fact(f"{used}: {_extent(prompt)}", prompt.text, "responses.jsonl prompt", str(number))
    if not view.prompts:
        yield Fact("requests", "of these systems none is recorded", "responses.jsonl prompt")


def _extent(prompt: SentPrompt) -> str:
    """Return how often a prompt was sent, and for what."""
    if prompt.example:
        return f"as sent for {prompt.example}"
    where = f" of {', '.join(prompt.regions)}" if prompt.regions else ""
    return f"{counted(prompt.requests, 'request')} for {counted(prompt.cases, 'case')}{where}"


def _signatures(view: ReportView) -> Iterator[Fact]:
    for scorer, signature in view.comparison.signatures.items():
        yield Fact(scorer, signature, "summary.json signatures", scorer)
    if view.comparison.resampling:
        yield Fact("resampling", view.comparison.resampling, "this comparison")
    yield Fact("parser", view.comparison.parser, "summary.json parser")


def _archive(view: ReportView) -> Iterator[Fact]:
    files = view.archive.files
    if not files:
        left_out = "left out: medbench import gives no run back from this page"
        yield Fact("records", left_out, "this page")
        return
    runs = {file.path.split("/")[2] for file in files if file.path.endswith(f"/{HEAD}")}
    size = f"{counted(len(files), 'file')}, {sum(file.bytes for file in files) / 1e6:.1f} MB"
    own = view.archive.images == "full"
    images = "the benchmark's own files, where a browser can draw them" if own else "by their digests"
    held = f"of {', '.join(sorted(runs))}, and the texts of the benchmark: {size}"
    yield Fact("records", held, "this page")
    yield Fact("images", images, "cases.jsonl images")
    yield Fact("to have them back", "medbench import report.html, then medbench verify", "this page")
