"""One case: what is shown of it, its reference, and every output with its findings and grades."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Field, Heading, Span, table
from medbench.report.numbers import UNKNOWN, share
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Block
    from medbench.schema.case import Image
    from medbench.schema.finding import SeenFindings
    from medbench.schema.results.view import CaseView, OutputView
    from medbench.schema.verdict import Verdict

EXCERPT = 12
"""Lines of an output that are shown unless all are asked for."""
OUTCOMES = {
    "missed": "only in the reference",
    "invented": "the reference excludes it",
    "contradicted": "there in one, denied in the other",
    "unverifiable": "the reference leaves it open",
    "partial": "the same with another side, place, size or degree",
}
"""Explanations of the outcomes of a finding."""


def one_case(view: CaseView, *, whole: bool = False) -> Iterator[Block]:
    """Yield a case: models first, then the baselines in a line each; in full where there are no models.

    Args:
        view: The case.
        whole: True to show long outputs to their end, and the texts of baselines.
    """
    yield from _case(view)
    outputs = [output for output in view.outputs if not output.run.startswith("baseline-")]
    baselines = [output for output in view.outputs if output not in outputs]
    if whole or not outputs:
        outputs, baselines = [*outputs, *baselines], []
    for output in outputs:
        yield from _output(output, most_lines=None if whole else EXCERPT)
    if baselines:
        yield Heading(Span("Baselines (their texts: --full)", "strong"))
        yield _folded(baselines)
    seen = dict.fromkeys(
        outcome for output in outputs if output.findings for outcome, _ in output.findings.lines
    )
    meanings = [f"{outcome}: {OUTCOMES[outcome]}" for outcome in seen if outcome in OUTCOMES]
    if meanings:
        yield Blank()
        yield Field("findings", "; ".join(meanings) + ".")


def _case(view: CaseView) -> Iterator[Block]:
    case, reference = view.case, view.reference
    yield Heading(Span(case_title(view), "strong"), level=1)
    yield Field("history", case.history or "not given")
    if case.question:
        choices = f"   ({' | '.join(case.question.choices)})" if case.question.choices else ""
        yield Field("question", f"{case.question.text}{choices}")
    flags = ", ".join(flag.replace("_", " ") for flag in reference.flags)
    yield Field("reference", reference.text + (f"   (note: {flags})" if flags else ""))
    if reference.diagnosis:
        yield Field("diagnosis", reference.diagnosis)
    yield from _images(view)
    prompt = next((output.prompt for output in view.outputs if output.prompt), None)
    if prompt:
        yield Field("prompt", prompt)


def _images(view: CaseView) -> Iterator[Block]:
    """Yield a line an image; a folder that is elsewhere is said once, and the paths start there."""
    elsewhere = Path(view.folder).is_absolute() and len(view.case.images) > 0
    if elsewhere:
        yield Field("images", f"in {view.folder}")
    for number, image in enumerate(view.case.images):
        path = image.file if elsewhere else f"{view.folder}/{image.file}"
        yield Field("" if number or elsewhere else "images", f"{path} · {image_words(image)}")


def case_title(view: CaseView) -> str:
    """Return the names of a case, and what is known of it at a glance."""
    case = view.case
    about = [case.region, case.modality, counted(len(case.images), "image")]
    about += [text for text in (f"{case.age} y" if case.age else "", case.sex or "") if text]
    title = f"{case.case_id} ({view.reference.source_id}) · {' · '.join(about)}"
    return " ".join(title.split())


def image_words(image: Image) -> str:
    """Return the size and kind of an image."""
    kind = " ".join(part for part in (image.modality, image.sequence, image.plane) if part)
    return f"{image.width}x{image.height} · {kind}"


def _output(view: OutputView, *, most_lines: int | None) -> Iterator[Block]:
    yield Heading(Span(f"{view.run}   {facts(view)}", "strong"))
    if tries := failed_tries(view):
        yield Field("", tries)
    for verdict in view.verdicts:
        yield Field("", verdict_words(verdict))
    if view.output and view.output.text:
        yield Field("", view.output.text, most_lines=most_lines)
    neighbours = view.output.notes.get("neighbours") if view.output else None
    if neighbours:
        shown = ", ".join(f"{case_id} ({share(likeness, 2)})" for case_id, likeness in neighbours)
        yield Field("", f"examples from the pool, with their likeness: {shown}")
    if view.findings:
        yield from _findings(view.findings)


def failed_tries(view: OutputView) -> str:
    """Return how often its calls were tried in vain, and why the last time; '' where none was tried again."""
    tries = [attempt for call in view.calls for attempt in call.attempts[:-1]]
    failed = [attempt for attempt in tries if attempt.outcome != "ok"]
    if not failed:
        return ""
    last = failed[-1]
    why = last.reason or last.outcome.replace("_", " ")
    return f"{counted(len(failed), 'try', 'tries')} failed before, the last: {why}"


def verdict_words(verdict: Verdict) -> str:
    """Return a rater, its grade or failure, and its reason."""
    source = f" (taken over from {verdict.reused_from})" if verdict.reused_from else ""
    if verdict.failure:
        failed = f"{verdict.failure.kind.replace('_', ' ')}: {verdict.failure.reason}"
        return f"{verdict.rater}: no verdict{source}, {failed}"
    return f"{verdict.rater}: {verdict.grade or 'no verdict'}{source}. {verdict.rationale or ''}".rstrip()


def _findings(seen: SeenFindings) -> Iterator[Block]:
    """Yield what is not simply right, a line an outcome; the key finding is marked where it stands."""
    by_outcome: dict[str, list[str]] = {}
    for outcome, words in seen.lines:
        mark = " (key finding)" if words == seen.key and seen.key_hit is False else ""
        by_outcome.setdefault(outcome, []).append(words + mark)
    if seen.key and seen.key_hit is False and seen.key not in (words for _, words in seen.lines):
        by_outcome = {"key finding": [f"{seen.key}: missed"], **by_outcome}
    for outcome, all_words in by_outcome.items():
        yield Field(f"{'':<12}{outcome}", "; ".join(dict.fromkeys(all_words)), column=26)


def _folded(views: Sequence[OutputView]) -> Block:
    return table(
        ["baseline", "finding F1", "key finding", "words"],
        (
            [
                view.run.removeprefix("baseline-"),
                share(view.score.scores.get("finding.f1")) if view.score else UNKNOWN,
                key_words(view.findings) or UNKNOWN,
                str(view.score.words) if view.score and view.score.words is not None else UNKNOWN,
            ]
            for view in views
        ),
        left=(0, 2),
        wraps=(0,),
    )


def key_words(seen: SeenFindings | None) -> str:
    """Return 'named' or 'missed' for the key finding; nothing where there is none."""
    if seen is None or seen.key_hit is None:
        return ""
    return "named" if seen.key_hit else "missed"


def facts(view: OutputView) -> str:
    """Return the failure of an output, or its numbers, flags and latency."""
    if view.output is None:
        failure = view.calls[-1].failure if view.calls else None
        return f"not run, {failure.kind}: {failure.reason}" if failure else "not run"
    if view.output.failure:
        return f"failed, {view.output.failure.kind}: {view.output.failure.reason}"
    parts = [f"replicate {view.output.replicate}"] if view.output.replicate else []
    if view.score:
        scores = view.score.scores
        parts += [f"key finding {key_words(view.findings)}"] if key_words(view.findings) else []
        parts.append(f"finding F1 {share(scores.get('finding.f1'))}")
        parts.append(f"ROUGE-L recall {share(scores.get('rouge_l.recall'))}")
        parts += [counted(view.score.words, "word")] if view.score.words is not None else []
        parts += [flag.replace("_", " ") for flag in view.score.flags]
    if view.latency_s is not None:
        parts.append(f"{view.latency_s:.1f} s")
    return " · ".join(parts)
