"""The rows that a run ends with. What only pairs and tests need is not loaded for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import FaultError
from medbench.steps.compare.comparable import floors_beside, fresh_summaries
from medbench.steps.compare.side_by_side import comparison_of, side_by_side

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from medbench.schema.results.comparison import Comparison
    from medbench.store.runs import RunFolder


def rows_of(named: Sequence[RunFolder]) -> Comparison:
    """Return the rows of runs and of the floors beside them, which a run ends with. Nothing is tested.

    Runs that were scored in another way than those beside them are shown all the same, and named: what was
    paid for is shown. Pairs are counted where an output is missing.

    Raises:
        InputError: A benchmark was changed, or one that is to be scored on is gone.
        FaultError: The code failed on a text of one of them.
    """
    return _rows_of(named, {})


def scored_rows(named: Sequence[RunFolder]) -> tuple[Comparison | None, list[FaultError]]:
    """Do what `rows_of` does, without the runs of which a text cannot be scored.

    Returns:
        The rows, None where no run can be scored; and for each that cannot be, why.

    Raises:
        InputError: A benchmark was changed, or one that is to be scored on is gone.
    """
    try:
        return rows_of(named), []
    except FaultError:
        faults = dict(_faults((*named, *floors_beside(named))))
    scored = [run for run in named if run.path not in faults]
    return _rows_of(scored, faults) if scored else None, list(faults.values())


def _faults(runs: Iterable[RunFolder]) -> Iterator[tuple[Path, FaultError]]:
    """Score runs one by one where they are stale, and yield those on which the code fails."""
    for run in runs:
        try:
            fresh_summaries([run], (), None)
        except FaultError as error:
            yield run.path, error


def _rows_of(named: Sequence[RunFolder], without: Collection[Path]) -> Comparison:
    beside = side_by_side(named, None, {}, force=True, without=without)
    comparison = comparison_of(beside, beside.systems)
    if beside.rest_on_the_same:
        return comparison
    from medbench.steps.compare.tables import data_of, pairs_of

    return comparison.model_copy(update={"pairs": pairs_of(beside.systems, beside.floors, data_of(beside))})
