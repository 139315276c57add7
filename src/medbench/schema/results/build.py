"""A benchmark as `build` made it: what the source has, what was drawn, what the draw can show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.benchmark import Terms


@dataclass(frozen=True, slots=True)
class StratumRow:
    """One line of the table of strata."""

    name: tuple[str, ...]
    """Values of what the strata are made of."""
    eligible: int
    drawn: int
    short: int
    modalities: dict[str, int]
    """Drawn cases by modality."""
    one_image: int
    """Drawn cases with one image."""
    more_images: int
    """Drawn cases with two or more."""
    images: int


@dataclass(frozen=True, slots=True)
class DrawReach:
    """The differences that a draw can show, before anything is run."""

    groups: int
    """Independent groups of its cases; as many as cases where each has a topic of its own."""
    half_width: float
    """Half width of the 95 % interval of a rate near .40."""
    detects: float | None
    """Smallest paired difference with 80 % power; None where none has."""
    discordance: float
    """Share of cases assumed of which one system alone is good."""
    stratum: int | None
    """Groups of the smallest stratum; None where there is but one."""
    stratum_detects: float | None
    """Smallest difference that they detect by themselves."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """All that `build` says about a benchmark."""

    source: str
    """Name of the source and where it lies."""
    source_cases: int
    source_images: dict[str, int]
    """Images of the source by modality."""
    left_out: dict[str, int]
    """Cases that could not be drawn, by reason."""
    unanswerable: dict[str, int]
    """Of the unanswerable ones, how many by flag."""
    eligible_kept: int
    """Cases that `--keep unanswerable` would draw from."""
    eligible: int
    by: tuple[str, ...]
    draw_words: str
    """The draw as one would type it, or the name of its recipe; empty where all cases were taken."""
    rows: tuple[StratumRow, ...]
    total: StratumRow
    absent: dict[str, tuple[str, ...]]
    """Modalities that some regions do not have, though others do: by modality, the regions."""
    scarce: tuple[str, int] | None
    """The rarest cell of region and modality that is there at all, and its cases."""
    filters: tuple[str, ...]
    """Restrictions, as typed."""
    pool: int
    pool_excluded: int
    flags: dict[str, int]
    """Drawn cases by flag."""
    name: str
    path: Path
    digest: str
    bytes: int
    seconds: float
    unchanged: bool
    """True if the folder held exactly this already."""
    nested: bool = True
    missing_images: int = 0
    """Cases that could not be drawn because images are missing (`--available-only`)."""
    reach: DrawReach | None = None
    """Differences that the draw can detect; None without cases."""
    notes: tuple[str, ...] = ()
    """Sentences on how the source was read, and on what its images and cases have in common."""
    terms: Terms | None = None
    """Terms of a published source, where they were read."""
    real: bool = field(default=True)
    """True if the cases are of patients."""
