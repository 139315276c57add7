"""The cases that a report page holds: all of them, or of very many a random part that a browser can open."""

from __future__ import annotations

from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from medbench.steps.reading.selection import wanted_ids
from medbench.steps.review import case_rank
from medbench.store.runs import RunFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    asked = asked_cases([RunFolder(Path(row.path)) for row in comparison.systems])
    number = max(1, SHOWN * len(asked) // outputs)
    if number >= len(asked):
        return None
    return Shown(frozenset(nsmallest(number, asked, key=case_rank)), len(asked))


def asked_cases(runs: Sequence[RunFolder]) -> dict[str, int]:
    """Return the cases that at least one run was asked for, each with its most replicates.

    A run may be of a part of its benchmark.

    Raises:
        InputError: The benchmark is gone.
    """
    benchmark = runs[0].benchmark()
    ids = [case.case_id for case in benchmark.cases()]
    asked: dict[str, int] = {}
    for run in runs:
        for case_id, replicates in wanted_ids(benchmark, run.goals(), ids):
            asked[case_id] = max(replicates, asked.get(case_id, 0))
    return asked
