"""Two or more runs side by side on the same cases."""

from __future__ import annotations

from medbench.schema.base import Record
from medbench.schema.score import Estimate, Slice


class SystemRow(Record):
    """One run in a comparison."""

    name: str
    """Short name: the run folder's."""
    path: str
    """The run folder."""
    floor: bool
    """Whether it is a baseline, which the others are read against."""
    n: int
    """Outputs with a text."""
    wanted: int
    """Case-replicates asked for."""
    not_run: int
    """Those that have neither an output nor a failure."""
    failures: dict[str, int]
    """Kind of failure to number of outputs."""
    flags: dict[str, int]
    """Flag to number of outputs."""
    flagged: int
    """Outputs with at least one flag."""
    cost_usd: float | None
    """Dollars of all responses whose cost is known."""
    cost_unknown: int
    """Responses whose cost is unknown."""
    metrics: dict[str, Estimate]
    """Metric to estimate, over all outputs."""
    unflagged: Slice
    """The same over the outputs without a flag."""
    by: dict[str, dict[str, Slice]]
    """Region, modality, number of images: each value to its estimates."""


class PairedDifference(Record):
    """One metric over the cases that both runs have a value for."""

    difference: float
    """Mean over cases of the second minus the first; replicates are averaged within a case."""
    n: int
    """Cases it rests on."""
    higher: int
    """Cases where the second is higher."""
    lower: int
    """Cases where the second is lower."""


class Pair(Record):
    """Two runs on the cases that both have an output for."""

    a: str
    """The first run."""
    b: str
    """The second run."""
    both: int
    """Cases with an output of both."""
    only_a: int
    """Cases with an output of the first alone."""
    only_b: int
    """Cases with an output of the second alone."""
    neither: int
    """Cases of the benchmark with no output of either."""
    metrics: dict[str, PairedDifference]
    """Metric to difference."""


class Comparison(Record):
    """What `compare` shows."""

    benchmark: str
    """Name of the benchmark."""
    benchmark_digest: str
    """Its digest."""
    cases: int
    """Its cases."""
    parser: str
    """Parser of the outputs."""
    signatures: dict[str, str]
    """Scorer to how its numbers were computed."""
    systems: tuple[SystemRow, ...]
    """What is compared."""
    floors: tuple[SystemRow, ...]
    """The baselines on the same benchmark."""
    pairs: tuple[Pair, ...]
    """Every two systems, and each system with each floor."""
    rescored: dict[str, str] = {}
    """Runs that were scored again for this, and why."""
    example: str | None = None
    """A case that the first run has an output for."""
    notices: tuple[str, ...] = ()
    """What a reader should know of what this rests on."""
