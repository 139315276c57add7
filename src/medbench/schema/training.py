"""The record beside a file of training examples: what it holds, and what it was kept apart from."""

from __future__ import annotations

from typing import ClassVar, Literal

from medbench.schema.base import FileRecord, Record

Chat = Literal["hf", "vertex"]
Refused = Literal["same_case", "same_topic", "same_patient", "same_text", "alike_image", "no_text"]
"""Reasons why a case is not exported; decision 33 explains each."""


class BenchmarkDigest(Record):
    """A benchmark, named by its content."""

    name: str
    """Its name."""
    digest: str
    """Sha256 over the digests of its cases and references."""


class Training(FileRecord):
    """A file of training examples."""

    what: ClassVar[str] = "training"

    file: str
    """Name of the file."""
    sha256: str
    """Sha256 of the file."""
    chat: Chat
    """Its format: 'hf' for Hugging Face messages, 'vertex' for supervised tuning on Vertex AI."""
    source: BenchmarkDigest
    """The benchmark that the examples come from."""
    pool: str | None
    """Sha256 over the files of its pool; None for a training set, whose cases were exported."""
    prompt: str
    """Name of the prompt."""
    prompt_digest: str
    """Sha256 of the prompt's words."""
    images: str
    """Which images of a case are shown, as `run --images` takes it."""
    cases: dict[str, str]
    """Case id to the digest of the case, in the file's order."""
    apart_from: tuple[BenchmarkDigest, ...]
    """Benchmarks that no case of it is too like."""
    refused: dict[Refused, int]
    """Number of cases that were not exported, by the first reason that holds."""
    medbench: str
    """Version of medbench that wrote it."""
