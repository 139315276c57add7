"""The cases that a report page holds: all of them, or of very many a random part that a browser can open."""

from __future__ import annotations

from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING, Final

from medbench.steps.review import case_rank
from medbench.store.runs import RunFolder

if TYPE_CHECKING:
    from medbench.schema.results.comparison import Comparison

MOST: Final = 10_000
"""Outputs up to which a page holds all."""
SHOWN: Final = 5_000
"""Outputs that a page holds of more."""


def shown_cases(comparison: Comparison) -> frozenset[str] | None:
    """Return the cases that a page shows, those that a blind sheet takes first; None for all.

    Raises:
        InputError: The benchmark is gone.
    """
    outputs = sum(row.wanted for row in comparison.systems)
    number = max(1, SHOWN * comparison.cases // max(1, outputs))
    if outputs <= MOST or number >= comparison.cases:
        return None
    benchmark = RunFolder(Path(comparison.systems[0].path)).benchmark()
    return frozenset(nsmallest(number, (case.case_id for case in benchmark.cases()), key=case_rank))
