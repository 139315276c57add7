"""The options of a comparison, and the data that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from medbench.stats.intervals import RateMethod
    from medbench.steps.reading.score_columns import Cases, ScoreTable

    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """The options of a comparison."""

    judge: str | None = None
    """Name of the rater that decides; None for the one judge, and without one for finding F1 above chance."""
    against: str | None = None
    """The reference system; None for the first."""
    pairs: tuple[tuple[str, str], ...] = ()
    """The pairs of systems that are compared, each for itself; without any, the reference system with each
    other, if the test of all systems at once shows a difference."""
    primary: str | None = None
    """Metric of the conclusions; None for the grades, and without any for findings."""
    offline: bool = False
    """True to leave verdicts aside: findings and metrics only."""
    force: bool = False
    """True to compare what cannot be, and say so."""
    margin: float | None = None
    """Largest difference that counts as none; None for that of the metric."""
    min_coverage: float = 0.95
    """Share of the cases that must be judged for both before there is a conclusion."""
    intervals: RateMethod = "wilson"
    """Method of the intervals of rates of grades."""
    look: int | None = None
    """Number of this planned look at growing data, from 1; None where one look is all."""
    named: frozenset[Path] | None = None
    """Folders of the runs that were named one by one; None for all. `left_out` may drop others."""


@dataclass(frozen=True, slots=True)
class ComparisonData:
    """The data of the runs, by the name of the system."""

    cases: Cases
    """The cases that all benchmarks share."""
    tables: dict[str, ScoreTable]
    """Scores of each system, floors included."""
    wanted: dict[str, Bools]
    """True for the cases that each system was asked for."""
    imported: bool
    """True if all runs were made elsewhere."""
