"""Data of the report page: a comparison with the cases and the records behind it; held in memory only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.schema.archive import Archive
    from medbench.schema.benchmark import Benchmark
    from medbench.schema.results.cards.probe_card import ProbeCard
    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.view import CaseView
    from medbench.schema.run import Run
    from medbench.schema.score import Estimate
    from medbench.schema.verdict import Grade


@dataclass(frozen=True, slots=True)
class ReportRun:
    """A run that is compared."""

    name: str
    """Its name in the comparison."""
    head: Run
    command: str
    """The line that was typed last for it."""
    ended: str
    """Time of its last event: UTC, ISO 8601."""
    answered: tuple[str, ...]
    """The models that answered, as their services name them."""
    prices: tuple[str, ...]
    """Sources of the cost of its calls, such as a list of prices and its date."""
    raters: Mapping[str, str]
    """Each judge of it and the settings that it was asked with."""
    sealed: bool
    """True if its records have seals to tell by."""
    broken: tuple[str, ...]
    """Records that do not fit their seals, in words."""
    root: str
    """Root of its files, as `verify` prints it."""


@dataclass(frozen=True, slots=True)
class SentPrompt:
    """Words that were sent, as far as they do not depend on the case."""

    used_by: tuple[tuple[str, str], ...]
    """Systems that sent it, each with the stage; of a judge's request the system that was judged."""
    text: str
    """The words, with marks such as '[history of the case]' for what was filled in."""
    requests: int
    """Requests with these words."""
    cases: int
    """Cases that they were about."""
    regions: tuple[str, ...]
    """Regions of these cases; none where all of the benchmark's are among them."""
    example: str = ""
    """The case with which it is filled in, where it is shown as it was sent."""


@dataclass(frozen=True, slots=True)
class ReportCase:
    """A case with its outputs, and their grades by the rater that counts."""

    view: CaseView
    grades: Mapping[str, tuple[Grade | None, ...]]
    """System to the grade of each of its outputs; None for one without a grade."""
    raters_differ: bool
    """True if two judges or people settle on different grades of a system."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One system on the cases of one region and modality."""

    region: str
    modality: str
    system: str
    cases: int
    """Cases of the benchmark."""
    metric: str
    """'good', or 'finding.f1' where nothing is graded."""
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Spread:
    """The values of a metric over the outputs of a system, or over a part of them."""

    metric: str
    """Its name, such as 'latency_ms'."""
    by: str
    """Property that divides the outputs: 'length', 'grade', or 'all' for no division."""
    system: str
    part: str
    """The part, such as 'poor'; empty for all outputs."""
    n: int
    """Outputs of which it is known."""
    median: float
    low: float
    """The value below which a twentieth of the outputs lie."""
    high: float
    """The value above which a twentieth lie."""
    values: tuple[float, ...]
    """The values in order, or so many of them as can be drawn."""


@dataclass(frozen=True, slots=True)
class TextToGrade:
    """A text that people can grade, as a row of a blind sheet of all texts."""

    row_id: str
    """Name of the row, by which its grade is recognised."""
    case_id: str
    number: int
    """Its place among the outputs of the case."""
    place: int
    """Its place in the random order of the rows."""
    judged: str
    """The text, as judges are shown it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The cases that at least one run was asked for, whether the page holds them or not."""

    cases: int
    replicates: int
    """Most answers that a run was to give to one case."""
    regions: Mapping[str, int]
    """Region to number of cases."""
    modalities: Mapping[str, int]
    """The same of modalities."""
    sexes: Mapping[str, int]
    """The same of sexes, of the cases whose patient's is known."""
    histories: int
    """Cases with a history."""


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything on the page but the pictures."""

    comparison: Comparison
    benchmark: Benchmark
    runs: tuple[ReportRun, ...]
    cases: tuple[ReportCase, ...]
    sample: Sample
    cells: tuple[Cell, ...]
    to_grade: tuple[TextToGrade, ...]
    """The texts of the cases, in the order in which a sample takes them."""
    archive: Archive
    """The files that the page carries."""
    drawn_from: int | None = None
    """Number of cases of which they are a random part; None where they are all."""
    prompts: tuple[SentPrompt, ...] = ()
    """The distinct prompts of the systems, then requests to judges."""
    spreads: tuple[Spread, ...] = ()
    """Seconds, dollars and scores over the outputs of each system."""
    probes: tuple[ProbeCard, ...] = ()
    """Results of the probes of each run that has any."""
    question: str = ""
    """Question of the experiment that the runs belong to; '' for none."""
    declared: tuple[str, ...] = ()
    """Declarations of their experiment with their times, in sentences."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as the page holds it."""

    sha256: str
    """Digest of the benchmark's file, by which cases name it."""
    kind: str
    """Media type, such as 'image/jpeg'."""
    data: bytes
