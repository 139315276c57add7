"""What a comparison is asked for, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from medbench.stats.intervals import RateMethod
    from medbench.steps.reading.score_columns import Cases, ScoreTable

    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """How runs are to be compared."""

    judge: str | None = None
    """The rater that counts."""
    against: str | None = None
    """The reference system; None for the first."""
    offline: bool = False
    """Whether verdicts are left aside: rules and metrics only."""
    force: bool = False
    """Whether to compare what cannot be, and say so."""
    margin: float | None = None
    """Largest difference that counts as none; None for that of the metric."""
    min_coverage: float = 0.95
    """Share of the cases that must be judged for both before there is a conclusion."""
    intervals: RateMethod = "wilson"
    """Of rates of grades."""


@dataclass(frozen=True, slots=True)
class ComparisonData:
    """What the runs have, by system."""

    cases: Cases
    sheets: dict[str, ScoreTable]
    wanted: dict[str, Bools]
    imported: bool
    """Whether all runs were made elsewhere."""
