"""Agreement of metrics with people who rated the same texts, which `validate-metric` works out."""

from __future__ import annotations

from medbench.schema.base import Record
from medbench.schema.score import Interval


class Agreement(Record):
    """One measure of agreement."""

    value: float | None
    """The measure; None where it is undefined, as for a metric that is the same for all texts."""
    interval: Interval | None
    """95 % interval over groups; None where there are too few."""
    n: int
    """Candidates, or pairs of them, that it rests on."""


class MetricAgreement(Record):
    """How well one metric agrees with the ratings."""

    metric: str
    """Name of the metric."""
    tau: Agreement
    """Kendall's tau-b with the mean rating."""
    rho: Agreement
    """Spearman's rank correlation with the mean rating."""
    preference: Agreement
    """Share of pairs of candidates of one reference that the metric orders as people do; a tie is half."""
    unmeasured: int
    """Rated candidates for which the metric has no number."""


class MetricValidation(Record):
    """Metrics beside human ratings of the same texts."""

    file: str
    """The file of ratings."""
    candidates: int
    """Candidates with a rating."""
    references: int
    """Different references."""
    groups: int
    """Independent groups that the intervals rest on."""
    raters: int
    """Most ratings of one candidate."""
    pairs: int
    """Pairs of candidates of one reference with different ratings, and preferences."""
    parser: str
    """Parser that found the text to score."""
    signatures: dict[str, str]
    """Scorer to how its numbers are computed."""
    metrics: tuple[MetricAgreement, ...]
    """The metrics, the headline ones first."""
