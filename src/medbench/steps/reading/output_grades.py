"""The grades of a run's outputs by rater, looked up output by output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.verdict import GRADES
from medbench.steps.reading.grades import graded_outputs
from medbench.steps.reading.verdict_columns import NONE, verdict_columns

if TYPE_CHECKING:
    from medbench.schema.verdict import Grade
    from medbench.steps.reading.raters import Raters
    from medbench.store.runs import RunFolder


@dataclass(frozen=True, slots=True)
class RowGrade:
    """The grade that one rater gives to an output; None where it gave none."""

    grade: Grade | None
    key_finding: bool | None


class OutputGrades:
    """The grades of each output of a run.

    Args:
        run: The run.
        raters: The raters of all runs that are shown; None for those of this run.
        cases: The cases whose outputs are looked up; None for all.
    """

    def __init__(
        self, run: RunFolder, raters: Raters | None = None, cases: frozenset[str] | None = None
    ) -> None:
        columns = verdict_columns(run)
        numbers = enumerate(columns.names)
        self._cases = {name: number for number, name in numbers if cases is None or name in cases}
        self._replicates = {replicate: number for number, replicate in enumerate(columns.replicates)}
        # Places by ascending number, so that an output is found by halving.
        self._by_rater = [(one, np.argsort(one.outputs)) for one in graded_outputs(run, raters=raters)]

    @property
    def raters(self) -> list[str]:
        """The raters, the one with the earliest verdict first."""
        return [graded.rater for graded, _ in self._by_rater]

    def of(self, case_id: str, replicate: int) -> dict[str, RowGrade]:
        """Return the grades of an output by the raters that saw it, the earliest first."""
        case, number = self._cases.get(case_id), self._replicates.get(replicate)
        if case is None or number is None:
            return {}
        wanted, found = case * len(self._replicates) + number, []
        for graded, order in self._by_rater:
            at = int(np.searchsorted(graded.outputs, wanted, sorter=order))
            place = int(order[at]) if at < len(order) else 0
            if graded.outputs[place] == wanted:
                grade, key = int(graded.grade[place]), int(graded.key_finding[place])
                row = RowGrade(None if grade == NONE else GRADES[grade], None if key == NONE else bool(key))
                found.append((int(graded.first[place]), graded.rater, row))
        return {rater: row for _, rater, row in sorted(found, key=lambda one: one[0])}
