"""The cases that a report page holds: all of them, or of very many a random part that a browser can open."""

from __future__ import annotations

from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from medbench.steps.reading.selection import wanted_ids
from medbench.steps.review import case_rank
from medbench.store.runs import RunFolder

if TYPE_CHECKING:
    from medbench.schema.results.comparison import Comparison

MOST: Final = 10_000
"""Outputs up to which a page holds all."""
SHOWN: Final = 5_000
"""Outputs that a page holds of more."""


class Shown(NamedTuple):
    """The cases that a page shows of very many."""

    cases: frozenset[str]
    """Their ids."""
    drawn_from: int
    """Number of cases that a run was asked for, of which they are a random part."""


def shown_cases(comparison: Comparison) -> Shown | None:
    """Return the cases that a page shows, those that a blind sheet takes first; None for all.

    Raises:
        InputError: The benchmark is gone.
    """
    outputs = sum(row.wanted for row in comparison.systems)
    if outputs <= MOST:
        return None
    asked = _asked(comparison)
    number = max(1, SHOWN * len(asked) // outputs)
    if number >= len(asked):
        return None
    return Shown(frozenset(nsmallest(number, asked, key=case_rank)), len(asked))


def _asked(comparison: Comparison) -> set[str]:
    """Return the cases that at least one run was asked for: a run may be of a part of its benchmark."""
    runs = [RunFolder(Path(row.path)) for row in comparison.systems]
    benchmark = runs[0].benchmark()
    ids = [case.case_id for case in benchmark.cases()]
    return {case_id for run in runs for case_id, _ in wanted_ids(benchmark, run.goals(), ids)}
