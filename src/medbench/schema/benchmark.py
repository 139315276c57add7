"""The head of a benchmark: how its cases were drawn, what was left out, and the digests of its files."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from medbench.schema.base import FileRecord, Record

POOL = "pool"
"""Folder of the cases that may be shown, below that of the benchmark."""


class Terms(Record):
    """The terms under which the source gives its cases."""

    licence: str | None = None
    """Licence, as its card states it, such as 'cc-by-4.0'; None where none is stated."""
    gated: bool = False
    """True if the owner of the source lets in only who has agreed to terms."""
    own_servers_only: bool = False
    """True if its cases may be sent to this machine and the user's own servers alone."""
    words: str = ""
    """Further conditions of the source for its users, in a sentence; '' for none."""


class Dataset(Record):
    """Where the cases come from."""

    name: str
    """Name of the source, such as 'MedPix 2.0'."""
    source: str | None = None
    """Where the source is published; None for cases of your own."""
    commit: str | None = None
    """Revision of the source; None where unknown."""
    pictures: str | None = Field(default=None, exclude_if=lambda recipe: recipe is None)
    """Recipe by which volumes became pictures, such as 'even-24+brain+png'; else left out."""
    terms: Terms | None = Field(default=None, exclude_if=lambda terms: terms is None)
    """Terms of a published source, where medbench read them; else left out."""


class Draw(Record):
    """The way the cases were chosen."""

    recipe: str | None = None
    """Name of a fixed recipe, such as 'report-2026-02'; None for a draw by strata."""
    unit: Literal["case", "image"] = Field(default="case", exclude_if=lambda unit: unit == "case")
    """Unit of the source that a case is: 'case', which is not written, or 'image', one image of it."""
    by: tuple[str, ...] = ()
    """Properties that define the strata: 'region', 'modality', 'plane'."""
    per_stratum: int | None = None
    """Cases wanted of each stratum; None for all."""
    seed: int | None = None
    """Seed of the order within each stratum; None where all cases were taken."""
    nested: bool = True
    """True if a larger draw with the same options contains this one."""
    available_only: bool = False
    """True if only cases whose images were all there could be drawn."""
    filters: dict[str, tuple[str, ...]] = {}
    """Restrictions on the cases, by 'region', 'modality', 'split' or 'image_count'."""
    keep: tuple[str, ...] = ()
    """Kinds of cases that were kept although they are left out by default."""


class Stratum(Record):
    """One cell of the draw."""

    stratum: dict[str, str]
    """The properties of its cases, such as {'region': 'Thorax'}."""
    eligible: int
    """Cases that could be drawn."""
    drawn: int
    """Cases drawn."""
    short: int
    """Cases that were wanted but are not there."""


class Benchmark(FileRecord):
    """The head of a benchmark folder."""

    what: ClassVar[str] = "benchmark"

    name: str = Field(pattern=r"^[^/\\\x00-\x1f]*[^/\\\x00-\x1f.][^/\\\x00-\x1f]*$")
    """Name of the benchmark, which is also the name of its folder and of the folder of its runs."""
    digest: str
    """Sha256 over the digests of cases.jsonl and references.jsonl, and the terms of its source, if any."""
    dataset: Dataset
    """Where the cases come from."""
    draw: Draw
    """The draw of the cases."""
    strata: tuple[Stratum, ...] = ()
    """The strata of the draw."""
    left_out: dict[str, int] = {}
    """Number of cases that could not be drawn, by reason; a case may have several reasons."""
    cases: int
    """Number of cases."""
    images: int
    """Number of images of the cases."""
    pool: int = 0
    """Number of cases in the pool."""
    images_decoded: bool = False
    """True if every image was decoded when it was built; those of others are decoded before they are sent."""
    egress: tuple[str, ...] = Field(default=(), exclude_if=lambda hosts: not hosts)
    """Hosts that may be sent its cases, '*.' for any below; left out where any may, by its source's terms."""
    files: dict[str, str] = {}
    """Sha256 of each file of records, by name."""
    medbench: str
    """Version of medbench that built it."""

    @property
    def is_bound(self) -> bool:
        """Return True if its cases may not be sent to any host."""
        terms = self.dataset.terms
        return bool(self.egress) or (terms is not None and terms.own_servers_only)

    @property
    def bound_to(self) -> str:
        """Return where its cases may be sent, in words; '' for anywhere."""
        if self.egress:
            return ", ".join(self.egress)
        return "this machine and the user's own servers" if self.is_bound else ""
