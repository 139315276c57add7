"""The rows that a run ends with. What only pairs and tests need is not loaded for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.steps.compare.side_by_side import comparison_of, side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.errors import MedbenchError
    from medbench.schema.results.comparison import Comparison
    from medbench.steps.compare.side_by_side import SideBySide
    from medbench.store.runs import RunFolder


def rows_of(named: Sequence[RunFolder]) -> Comparison:
    """Return the rows of runs and of the floors beside them, which a run ends with. Nothing is tested.

    Runs that were scored in another way than those beside them are shown all the same, and named: what was
    paid for is shown. Pairs are counted where an output is missing.

    Raises:
        InputError: A benchmark was changed, or one that is to be scored on is gone.
        FaultError: The code failed on a text of one of them.
    """
    return _rows_of(side_by_side(named, None, {}, force=True))


def scored_rows(named: Sequence[RunFolder]) -> tuple[Comparison | None, list[MedbenchError]]:
    """Do what `rows_of` does, without the runs that cannot be scored.

    Returns:
        The rows, None where no run can be scored; and for each that cannot be, why.

    Raises:
        InputError: A benchmark was changed, or one that is to be scored on is gone.
    """
    beside = side_by_side(named, None, {}, force=True, passing_over=())
    return _rows_of(beside) if beside.named else None, list(beside.failed.values())


def _rows_of(beside: SideBySide) -> Comparison:
    comparison = comparison_of(beside, beside.systems)
    if beside.rest_on_the_same:
        return comparison
    from medbench.steps.compare.tables import data_of, pairs_of

    return comparison.model_copy(update={"pairs": pairs_of(beside.systems, beside.floors, data_of(beside))})
