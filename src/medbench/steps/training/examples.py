"""The step `export --chat`: training examples of a benchmark's pool, apart from all that is measured."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.config import load_settings
from medbench.errors import InputError, StoreError, UsageError
from medbench.images.choice import USUAL, chosen
from medbench.images.recorded import Pictures
from medbench.prompts.prompt import fill
from medbench.schema.reference import Reference
from medbench.schema.training import BenchmarkDigest, Refused, Training
from medbench.steps.access.hosts import check_host
from medbench.steps.training.apart import Measured, loaded
from medbench.store.benchmark import REFERENCES, BenchmarkFolder
from medbench.store.jsonl import atomic_file, read_records, write_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.prompts.prompt import Prompt
    from medbench.schema.case import Case
    from medbench.schema.training import Chat

MIME: Final = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
"""Formats of images that tuning on Vertex AI takes, by the ending of the file."""
_REASONS: Final[dict[Refused, str]] = {
    "same_case": "measured there",
    "same_topic": "with the topic or diagnosis of a measured case",
    "same_patient": "of a measured patient",
    "same_text": "with the text of a measured case",
    "alike_image": "with almost an image of a measured case",
    "no_text": "without a text",
}
_STORAGE = "storage.googleapis.com"


class TrainingPlan(NamedTuple):
    """Examples to export, and their form."""

    source: BenchmarkFolder
    training_set: bool
    """True to export its cases, which are not for measuring; False for its pool."""
    apart_from: Sequence[BenchmarkFolder]
    """Benchmarks that no example may be like."""
    chat: Chat
    """Format of the file."""
    prompt: Prompt
    """The words of each question."""
    images_at: str | None = None
    """Folder in Cloud Storage, 'gs://…', where the images will lie; for Vertex AI."""


def check_training(plan: TrainingPlan) -> None:
    """Check that what is asked for may and can be exported.

    Raises:
        UsageError: It may not, or cannot.
    """
    head, runs = plan.source.head, Path(load_settings().defaults.runs) / plan.source.head.name
    if plan.prompt.needs:
        raise UsageError(
            f"prompt '{plan.prompt.name}' has ${min(plan.prompt.needs)}, which only a pipeline fills in.",
            "--prompt comprehensive",
        )
    if plan.chat == "vertex" and not (plan.images_at or "").startswith("gs://"):
        raise UsageError(
            "Vertex AI reads images from Cloud Storage, and no folder there was named.",
            "--images-at gs://BUCKET/FOLDER   (medbench uploads nothing)",
        )
    if plan.chat == "vertex":
        check_host(head, _STORAGE, f"Vertex AI reads the images from '{_STORAGE}'")
    if plan.training_set and (plan.source.link or runs.is_dir()):
        where = f"was run: {runs}" if runs.is_dir() else "came with medbench to measure with"
        raise UsageError(
            f"'{head.name}' {where}; what measures models is not a training set.",
            "leave out --training-set to export its pool",
        )
    if not plan.training_set and not head.pool:
        raise UsageError(
            f"'{head.name}' has no pool, and its cases are for measuring.",
            "--training-set if it was built to be trained on and is never measured",
        )


def export_training(plan: TrainingPlan, out: Path) -> Training:
    """Write the examples, their images beside them, and the record of both.

    Args:
        plan: What is exported.
        out: The file. Images go to 'NAME-images', the record to 'NAME.record.json'.

    Raises:
        UsageError: This may not or cannot be exported.
        InputError: No case is left, or a benchmark was changed; nothing was written.
        StoreError: The disk refuses.
    """
    check_training(plan)
    source, measured = plan.source, Measured()
    measuring = plan.apart_from if plan.training_set else (source, *plan.apart_from)
    apart_from = {benchmark.path.resolve(): benchmark for benchmark in measuring}
    source.check()
    for benchmark in apart_from.values():
        benchmark.check()
        measured.add(benchmark)
    cases, refused = _chosen(plan, measured)
    if not cases:
        raise InputError(
            f"no case of '{source.head.name}' is left to train on: {refused_in_words(refused)}.",
            "a benchmark with a larger pool (build --pool N), or another --apart-from",
        )
    try:
        sha256 = _write(plan, out, cases)
        record = Training(
            file=out.name,
            sha256=sha256,
            chat=plan.chat,
            source=_named(source),
            pool=None if plan.training_set else source.pool_digest,
            prompt=plan.prompt.name,
            prompt_digest=plan.prompt.digest,
            images=USUAL,
            cases={case.case_id: case.digest for case, _ in cases},
            apart_from=tuple(map(_named, apart_from.values())),
            refused=refused,
            medbench=version("medbench"),
        )
        write_one(out.with_suffix(".record.json"), record)
    except OSError as error:
        raise StoreError(
            f"'{out}' cannot be written: {error.strerror or error}.", "free some space or check the folder"
        ) from error
    return record


def refused_in_words(refused: dict[Refused, int]) -> str:
    """Return how many cases were refused, by reason."""
    return ", ".join(f"{refused[reason]} {words}" for reason, words in _REASONS.items() if reason in refused)


def _folder(plan: TrainingPlan) -> Path:
    return plan.source.path if plan.training_set else plan.source.pool_path


def _chosen(plan: TrainingPlan, measured: Measured) -> tuple[list[tuple[Case, str]], dict[Refused, int]]:
    """Return the cases that may be learned from, each with its answer, and how many may not, by reason."""
    folder, kept, refused = _folder(plan), [], Counter[Refused]()
    cases = plan.source.cases() if plan.training_set else (example.case for example in plan.source.pool)
    for case, reference in zip(cases, read_records(folder / REFERENCES, Reference), strict=True):
        images = loaded(folder, case, shipped=plan.source.link is not None)
        reason = measured.likeness(case, reference, images) if reference.text.strip() else "no_text"
        if reason:
            refused[reason] += 1
        else:
            kept.append((case, reference.text))
    return kept, dict(refused)


def _write(plan: TrainingPlan, out: Path, cases: list[tuple[Case, str]]) -> str:
    """Write the images and the file; return the sha256 of the file."""
    pictures = Pictures(_folder(plan), shipped=plan.source.link is not None)
    folder = out.with_name(f"{out.stem}-images")
    # Named by content: the same line again writes the same files.
    files = {
        image.sha256: f"{folder.name}/{image.sha256[:24]}{Path(image.file).suffix}"
        for case, _ in cases
        for image in case.images
    }
    lines = []
    for case, text in cases:
        shown = chosen(case.images, USUAL)
        question = fill(plan.prompt, case, len(shown))
        lines.append(_line(plan, question, [files[image.sha256] for image in shown], text))
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    folder.mkdir(parents=True, exist_ok=True)
    for case, _ in cases:
        for image in chosen(case.images, USUAL):
            (out.parent / files[image.sha256]).write_bytes(pictures.read(image))
    with atomic_file(out) as file:
        file.write(content)
    return hashlib.sha256(content).hexdigest()


def _line(plan: TrainingPlan, question: str, images: list[str], answer: str) -> dict[str, Any]:
    """Return an example, with the text before the images, as a run sends them by default."""
    if plan.chat == "hf":
        user = [{"type": "text", "text": question}, *({"type": "image"} for _ in images)]
        model = [{"type": "text", "text": answer}]
        messages = [{"role": "user", "content": user}, {"role": "assistant", "content": model}]
        return {"messages": messages, "images": images}
    files = [{"fileData": {"mimeType": _mime(name), "fileUri": _uri(plan, name)}} for name in images]
    return {
        "contents": [
            {"role": "user", "parts": [{"text": question}, *files]},
            {"role": "model", "parts": [{"text": answer}]},
        ]
    }


def _uri(plan: TrainingPlan, name: str) -> str:
    return f"{(plan.images_at or '').rstrip('/')}/{Path(name).name}"


def _mime(name: str) -> str:
    if Path(name).suffix not in MIME:
        raise InputError(
            f"tuning on Vertex AI does not take '{name}'.", "PNG, JPEG or WEBP images; or --chat hf"
        )
    return MIME[Path(name).suffix]


def _named(benchmark: BenchmarkFolder) -> BenchmarkDigest:
    return BenchmarkDigest(name=benchmark.head.name, digest=benchmark.head.digest)
