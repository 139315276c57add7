"""Expected tokens and seconds of a system's calls, from recorded runs of it, else from its model's file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medbench.errors import MedbenchError
from medbench.schema.batch import CHECK
from medbench.schema.response import Response
from medbench.steps.access.forecast import TEXT_BYTES
from medbench.store.jsonl import read_records
from medbench.store.runs import HEAD, RESPONSES, RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from medbench.schema.model import Expect
    from medbench.schema.run import System


@dataclass(slots=True)
class _Mean:
    """A mean over what was known, and the largest."""

    total: float = 0.0
    n: int = 0
    most: float = 0.0

    def add(self, value: float | None) -> None:
        if value is not None:
            self.total, self.n, self.most = self.total + value, self.n + 1, max(self.most, value)

    @property
    def value(self) -> float | None:
        return self.total / self.n if self.n else None


@dataclass(slots=True)
class _Seen:
    """Sums over the answers that were recorded."""

    answers: int = 0
    images: int = 0
    text_bytes: int = 0
    tokens_in: int = 0
    output: _Mean = field(default_factory=_Mean)
    thoughts: _Mean = field(default_factory=_Mean)
    seconds: _Mean = field(default_factory=_Mean)

    def add(self, response: Response) -> None:
        self.answers += 1
        self.output.add(response.usage.output)
        self.thoughts.add(response.usage.thoughts)
        self.seconds.add(response.latency_s)
        if response.usage.input is None or response.prompt is None or response.images_sent is None:
            return
        self.images += len(response.images_sent)
        self.text_bytes += len(response.prompt.encode())
        self.tokens_in += response.usage.input


def expected_of(system: System, role: str, shipped: Expect, root: Path) -> Expect:
    """Return the expected tokens and seconds of a call of this very system.

    Args:
        system: The system.
        role: Which of its models is called.
        shipped: The expectation in that model's file.
        root: The folder of the runs. A run that cannot be read says nothing.

    Returns:
        The file's words, and over them what was recorded: tokens of an answer, seconds, and tokens an image,
        which are what remains of the requests' tokens when the bytes of their texts are taken off.
    """
    seen = _Seen()
    for response in _answers(root, system.digest, role):
        seen.add(response)
    if not seen.answers:
        return shipped
    text_bytes = shipped.text_bytes or TEXT_BYTES
    if not seen.images and seen.tokens_in:
        text_bytes = max(seen.text_bytes, 1) / seen.tokens_in
    recorded = {
        "image_tokens": max(0.0, seen.tokens_in - seen.text_bytes / text_bytes) / seen.images
        if seen.images
        else None,
        "text_bytes": text_bytes if seen.tokens_in else None,
        "output_tokens": seen.output.value,
        "thoughts_tokens": seen.thoughts.value,
        "seconds": seen.seconds.value,
        "longest_s": seen.seconds.most if seen.seconds.n else None,
    }
    known = {key: value for key, value in recorded.items() if value is not None}
    assumed = [key for key in ("output_tokens", "seconds") if key not in known]
    source = "of this system" if not assumed else f"of this system; the rest: {shipped.source}"
    return shipped.model_copy(update={**known, "outputs": seen.answers, "source": source})


def _answers(root: Path, digest: str, role: str) -> Iterator[Response]:
    for head in sorted(root.glob(f"*/*/{HEAD}")):
        try:
            run = RunFolder(head.parent)
            if run.head.system_digest != digest:
                continue
            for response in read_records(run.path / RESPONSES, Response):
                is_answer = response.failure is None and response.usage.source == "provider"
                asked = response.call_for
                if is_answer and asked.role == role and asked.stage != CHECK:
                    yield response
        except MedbenchError:
            continue
