"""The test of more than two systems at once."""

from __future__ import annotations

from medbench.schema.base import Record


class Omnibus(Record):
    """More than two systems at once."""

    metric: str
    """The metric that is tested."""
    statistic: float
    """Cochran's Q, or the same ratio for other numbers."""
    p: float
    """Share of relabellings within topics that reach it."""
    n: int
    """Cases that all systems have."""
