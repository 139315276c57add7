"""The profile of one run: what it shows by itself, beyond its sums."""

from __future__ import annotations

from medbench.schema.base import Record
from medbench.schema.results.agreement import Coefficient
from medbench.schema.score import Estimate


class Pattern(Record):
    """A way in which outputs fail, counted."""

    name: str
    """Its name, in words."""
    count: int
    """Outputs, or cases, that show it."""
    of: int
    """Those of which this is known."""


class Association(Record):
    """The association of a metric with something else, over the cases of the run."""

    what: str
    """Name of the rater whose grades it is, or 'words' for the length."""
    metric: str
    """The metric."""
    tau: Coefficient
    """Kendall's tau-b."""
    n: int
    """Cases that have both."""


class Part(Record):
    """The outputs of some cases."""

    by: str
    """'sequence' or 'words'."""
    value: str
    """Such as 'T2' or '101-200'."""
    n: int
    """Cases."""
    metrics: dict[str, Estimate]
    """Metric to estimate."""


class RaterRates(Record):
    """The rates of grades of one rater."""

    rater: str
    """Its name."""
    kind: str
    """'rules', 'judge', 'panel' or 'reviewer'."""
    good: Estimate
    """Share good."""
    partial: Estimate
    """Share partial."""
    poor: Estimate
    """Share poor."""
    key_finding: Estimate
    """Share with the key finding named."""


class Profile(Record):
    """The profile of one run."""

    raters: tuple[RaterRates, ...]
    """Rates by each rater."""
    hardest: tuple[tuple[str, float], ...]
    """Cases with the lowest value of `metric`."""
    metric: str
    """The metric of the hardest cases: finding F1 where there is one, else ROUGE-L F1."""
    patterns: tuple[Pattern, ...]
    """Ways to fail, most frequent first."""
    associations: tuple[Association, ...]
    """Raters against metrics, and length against metrics."""
    parts: tuple[Part, ...]
    """By pulse sequence, and by length of the output."""
