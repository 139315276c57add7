"""What was measured on one output, and the sums over a run."""

from __future__ import annotations

from typing import ClassVar, Literal

from medbench.schema.base import FileRecord, Record

Flag = Literal[
    "empty",
    "truncated",
    "loop",
    "other_model",
    "placeholder",
    "prompt_echo",
    "refusal",
    "wrong_modality",
    "wrong_plane",
]
"""What is wrong with an output; `docs/scoring.md` says how each is recognised."""

Dress = Literal["fence", "impression", "json", "note", "preamble", "thought"]
"""What came with the findings and is not scored; no fault."""


class Score(FileRecord):
    """The numbers of one output; None where there is nothing to measure."""

    what: ClassVar[str] = "score"

    case_id: str
    """The case."""
    replicate: int = 0
    """The repeat."""
    failure: str | None = None
    """Kind of failure where there is no output."""
    strata: dict[str, str] = {}
    """What the case is: region, modality, number of images, length of its reference."""
    parser: str
    """Parser that found the section."""
    section: str | None = None
    """Part of the text that was scored: 'findings', or 'whole' where it has no such heading."""
    words: int | None = None
    """Words in that part."""
    flags: tuple[Flag, ...] = ()
    """What is wrong with the text."""
    shape: tuple[Dress, ...] = ()
    """What came with the findings and was taken off before they were scored."""
    scored: str | None = None
    """The text that was scored, as the parser found it; the answer as it came is in the outputs."""
    scores: dict[str, float | None] = {}
    """Metric to number."""


class Interval(Record):
    """Where the true value lies, as far as the cases at hand can tell."""

    low: float
    """Lower end."""
    high: float
    """Upper end."""
    level: float = 0.95
    """Share of such intervals that hold the true value, in the long run."""
    method: str
    """How it was computed: 'wilson', 'clopper-pearson', 'bca', 'bonett-price', 'ppi', …"""
    clusters: int
    """Independent groups that it rests on: topics, or cases where no two share a topic."""
    approximate: str | None = None
    """Why the level may be missed; None where simulations say that it is kept."""


class Estimate(Record):
    """An aggregate with its denominators."""

    mean: float | None
    """Arithmetic mean; None without values."""
    median: float | None
    """Middle value."""
    p95: float | None
    """95th percentile, linear between neighbours."""
    n: int
    """Values it rests on."""
    missing: int
    """Outputs wanted that have no value."""
    interval: Interval | None = None
    """95 % interval of the mean, cases of one topic being taken together; None where nothing can be said."""


class Slice(Record):
    """Estimates over some of a run's outputs."""

    n: int
    """Outputs with a text."""
    wanted: int
    """Case-replicates asked for."""
    metrics: dict[str, Estimate]
    """Metric to estimate."""


class InputFile(Record):
    """A file that a summary rests on."""

    bytes: int
    """Its size."""
    sha256: str
    """Digest of its bytes."""


class Summary(FileRecord):
    """The sums over a run, rebuilt at any time from its outputs, responses and references."""

    what: ClassVar[str] = "summary"

    system: str
    """Name of the system."""
    benchmark_digest: str
    """Benchmark that it was scored against."""
    parser: str
    """Parser of the outputs."""
    signatures: dict[str, str]
    """Scorer to how its numbers were computed."""
    inputs: dict[str, InputFile]
    """Files that it rests on."""
    scores: InputFile
    """The scores that were written with it."""
    swap: Literal["region", "any"] = "region"
    """Whose references stand in for that of a case in the swap control: of its region, or of all cases."""
    swap_mixed: tuple[str, ...] = ()
    """Regions with fewer than five other cases, where cases of other regions stood in too."""
    sessions: tuple[tuple[int | None, int], ...]
    """What the sessions of the run were to complete: cases (None for all) and replicates."""
    cases: int
    """Cases of the benchmark."""
    wanted: int
    """Case-replicates asked for."""
    outputs: int
    """Outputs with a text."""
    failures: dict[str, int]
    """Kind of failure to number of outputs."""
    not_run: int
    """Case-replicates asked for that have neither an output nor a failure."""
    flags: dict[str, int]
    """Flag to number of outputs."""
    flagged: int
    """Outputs with at least one flag."""
    cost_usd: float | None
    """Dollars of all responses whose cost is known; None where no cost is known."""
    cost_unknown: int
    """Responses whose cost is unknown."""
    everything: Slice
    """Over all outputs."""
    unflagged: Slice
    """Over the outputs without a flag."""
    by: dict[str, dict[str, Slice]]
    """Region, modality, number of images, length of the reference: each value to its slice."""
