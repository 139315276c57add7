"""A frozen set of cases: how it was drawn, what was left out, and the digests of its files."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from medbench.schema.base import FileRecord, Record


class Dataset(Record):
    """Where the cases come from."""

    name: str
    """Name of the source, such as 'MedPix 2.0'."""
    source: str | None = None
    """Where it is published."""
    commit: str | None = None
    """Revision of the source, where it has one."""


class Draw(Record):
    """How the cases were chosen."""

    recipe: str | None = None
    """Name of a fixed recipe, such as 'report-2026-02'; None for a draw by strata."""
    by: tuple[str, ...] = ()
    """What the strata are made of: 'region', 'modality'."""
    per_stratum: int | None = None
    """Cases wanted in each stratum; None for all."""
    seed: int | None = None
    """Seed of the order within each stratum."""
    nested: bool = True
    """Whether a larger draw with the same options contains this one."""
    available_only: bool = False
    """Whether only cases whose images were there could be drawn."""
    filters: dict[str, tuple[str, ...]] = {}
    """Restrictions on what can be drawn: 'region', 'modality', 'split', 'image_count'."""
    keep: tuple[str, ...] = ()
    """Kinds of cases that were kept though they are left out by default."""


class Stratum(Record):
    """One cell of the draw."""

    stratum: dict[str, str]
    """What defines it, such as {'region': 'Thorax'}."""
    eligible: int
    """Cases that could be drawn."""
    drawn: int
    """Cases drawn."""
    short: int
    """Cases wanted and not there."""


class Benchmark(FileRecord):
    """The head of a benchmark folder."""

    what: ClassVar[str] = "benchmark"

    name: str = Field(pattern=r"^[^/\\\x00-\x1f]*[^/\\\x00-\x1f.][^/\\\x00-\x1f]*$")
    """Name of the benchmark: its folder's, and that of its runs; so no path."""
    digest: str
    """Sha256 over the digests of cases.jsonl and references.jsonl."""
    dataset: Dataset
    """Where the cases come from."""
    draw: Draw
    """How they were chosen."""
    strata: tuple[Stratum, ...] = ()
    """The cells of the draw."""
    left_out: dict[str, int] = {}
    """Cases that could not be drawn, by reason; a case may have several reasons."""
    cases: int
    """Number of cases."""
    images: int
    """Number of images of the cases."""
    pool: int = 0
    """Number of cases in the pool."""
    files: dict[str, str] = {}
    """Sha256 of each file of records."""
    medbench: str
    """Version that built it."""
