"""The numbers of one output, and the summary of a run."""

from __future__ import annotations

import math
from typing import ClassVar, Final, Literal

from pydantic import Field

from medbench.schema.base import FileRecord, Record

Flag = Literal[
    "empty",
    "language",
    "truncated",
    "loop",
    "other_model",
    "placeholder",
    "prompt_echo",
    "refusal",
    "wrong_modality",
    "wrong_plane",
]
"""Faults of an output; docs/scoring.md explains how each is recognised."""

Dress = Literal["fence", "impression", "json", "note", "preamble", "thought"]
"""Wrappings around the findings that are taken off before scoring; they are not faults."""


class Score(FileRecord):
    """The numbers of one output; None where there is nothing to measure."""

    what: ClassVar[str] = "score"

    case_id: str
    """Id of the case."""
    replicate: int = 0
    """Number of the replicate, from 0."""
    failure: str | None = None
    """Kind of the failure; None where there is an output."""
    strata: dict[str, str] = {}
    """Properties of the case: region, modality, number of images, length of its reference."""
    parser: str
    """Parser that found the text to score."""
    section: str | None = None
    """Scored part of the output: 'findings', or 'whole' where it has no such heading; None for a failure."""
    words: int | None = None
    """Number of words in that part."""
    flags: tuple[Flag, ...] = ()
    """Faults of the text."""
    shape: tuple[Dress, ...] = ()
    """Wrappings that were taken off before scoring."""
    scored: str | None = None
    """The text that was scored; the answer as it came is in outputs.jsonl."""
    scores: dict[str, float | None] = {}
    """The number of each metric."""


ALL_EQUAL: Final = "all values are equal"
"""Why an interval has no width: resamples of equal values tell nothing of others."""


class Interval(Record):
    """A confidence interval."""

    low: float
    """Lower end."""
    high: float
    """Upper end."""
    level: float = 0.95
    """Confidence level: the share of such intervals that hold the true value, in the long run."""
    method: str
    """Method: 'wilson', 'clopper-pearson', 'bca', 'bonett-price', 'ppi', …"""
    clusters: int
    """Number of independent groups that it rests on: topics, or cases where no two share a topic."""
    approximate: str | None = None
    """Why the level may not be kept; None where simulations show that it is."""


class Estimate(Record):
    """A mean with its denominators."""

    mean: float | None
    """Arithmetic mean; None where there are no values."""
    median: float | None = None
    """Median; None where there are no values, or where it says nothing."""
    p95: float | None = None
    """95th percentile, linear between neighbours; None as for the median."""
    n: int
    """Number of values."""
    missing: int = 0
    """Number of outputs that were wanted and have no value."""
    interval: Interval | None = None
    """95 % interval of the mean, which takes cases of one topic together; None where there can be none."""


def descending(mean: float | None) -> float:
    """Return a key that sorts the highest mean first and an unknown one last.

    Means that differ by less than a sum's rounding error are equal: the order of additions ranks nobody.
    """
    return math.inf if mean is None else -round(mean, 9)


class Slice(Record):
    """The estimates over some of a run's outputs."""

    n: int
    """Outputs with a text."""
    wanted: int
    """Case-replicates asked for."""
    metrics: dict[str, Estimate]
    """The estimate of each metric."""


class InputFile(Record):
    """A file that a summary was computed from."""

    bytes: int
    """Size in bytes."""
    sha256: str
    """Sha256 of the file."""


class Summary(FileRecord):
    """The summary of a run, which can be rebuilt at any time from its outputs, responses and references."""

    what: ClassVar[str] = "summary"

    system: str
    """Name of the system."""
    benchmark_digest: str
    """Digest of the benchmark that it was scored against."""
    parser: str
    """Parser of the outputs."""
    signatures: dict[str, str]
    """The signature of each scorer, of flags, controls and intervals: how they were computed."""
    inputs: dict[str, InputFile]
    """The files that it was computed from, by name."""
    scores: InputFile
    """The file of scores that was written with it."""
    columns: str | None = Field(default=None, exclude_if=lambda digest: digest is None)
    """Sha256 over what scores.npz holds, which stands beside the scores of many outputs; left out of few."""
    finding: Literal[1, 2] | None = None
    """Version of the finding metric that was asked for; None for the current one, whichever it is."""
    swap: Literal["region", "any"] = "region"
    """References that replace a case's own in the swap control: those of its region, or of any case."""
    swap_mixed: tuple[str, ...] = ()
    """Regions with a single case, for which cases of other regions were used."""
    sessions: tuple[tuple[int | None, int], ...]
    """The goals of the run's sessions: number of cases (None for all) and of replicates."""
    cases: int
    """Number of cases of the benchmark."""
    wanted: int
    """Number of outputs wanted."""
    outputs: int
    """Number of outputs with a text."""
    failures: dict[str, int]
    """Number of outputs by kind of failure."""
    not_run: int
    """Number of wanted outputs that have neither a text nor a failure."""
    flags: dict[str, int]
    """Number of outputs by flag."""
    flagged: int
    """Number of outputs with at least one flag."""
    cost_usd: float | None
    """Dollars of all responses of known cost, those of other runs left out; None where no cost is known."""
    cost_unknown: int
    """Number of responses of unknown cost."""
    cost_reused_usd: float | None = None
    """Dollars of the answers that other runs paid for; None where an older version counted them above."""
    cost_reused_unknown: int = 0
    """Number of these of unknown cost."""
    everything: Slice
    """Estimates over all outputs."""
    unflagged: Slice
    """Estimates over the outputs without a flag."""
    by: dict[str, dict[str, Slice]]
    """Estimates by region, modality, number of images and length of the reference."""
