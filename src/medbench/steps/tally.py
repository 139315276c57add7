"""Sums over the scores of a run as they pass by: numbers are held, records are not."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

from medbench.schema.score import Slice
from medbench.stats.describe import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.schema.score import Score

_Part = tuple[str, str]
_EVERYTHING: _Part = ("", "")
_UNFLAGGED: _Part = ("", "unflagged")
_NOTHING = math.nan


class Tally:
    """Estimates of each metric over all outputs, those without a flag, and each stratum.

    Held are one number a metric and output, and the number of the cell that the output lies in: a part is
    the outputs of some cells, and a column a part would take five times the memory.
    """

    def __init__(self, wanted: Sequence[tuple[dict[str, str], int]], metrics: Iterable[str]) -> None:
        self._wanted: Counter[_Part] = Counter()
        for strata, replicates in wanted:
            for part in (_EVERYTHING, *strata.items()):
                self._wanted[part] += replicates
        self._columns = {metric: array("d") for metric in metrics}
        self._cell_of: array[int] = array("L")
        self._cells: dict[frozenset[_Part], int] = {}
        self._outputs: Counter[_Part] = Counter()
        self._failures: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()

    def add(self, score: Score) -> None:
        """Take one score."""
        if score.failure is not None:
            self._failures[score.failure] += 1
            return
        self._flags.update(score.flags)
        parts = frozenset({_EVERYTHING, *score.strata.items(), *(() if score.flags else (_UNFLAGGED,))})
        self._outputs.update(parts)
        for metric, column in self._columns.items():
            value = score.scores.get(metric)
            column.append(_NOTHING if value is None else value)
        self._cell_of.append(self._cells.setdefault(parts, len(self._cells)))

    def sums(self) -> dict[str, Any]:
        """The fields of a summary that follow from the scores."""
        outputs = self._outputs[_EVERYTHING]
        wanted = self._wanted[_EVERYTHING]
        by: dict[str, dict[str, Slice]] = {}
        for name, value in sorted(part for part in self._wanted if part[0]):
            by.setdefault(name, {})[value] = self._slice((name, value), self._wanted[name, value])
        return {
            "wanted": wanted,
            "outputs": outputs,
            "failures": dict(sorted(self._failures.items())),
            "not_run": max(0, wanted - outputs - self._failures.total()),
            "flags": dict(sorted(self._flags.items())),
            "flagged": outputs - self._outputs[_UNFLAGGED],
            "everything": self._slice(_EVERYTHING, wanted),
            "unflagged": self._slice(_UNFLAGGED, self._outputs[_UNFLAGGED]),
            "by": by,
        }

    def _slice(self, part: _Part, wanted: int) -> Slice:
        inside = frozenset(number for parts, number in self._cells.items() if part in parts)
        return Slice(
            n=self._outputs[part],
            wanted=wanted,
            metrics={
                metric: describe(self._values(column, inside), wanted)
                for metric, column in sorted(self._columns.items())
            },
        )

    def _values(self, column: array[float], inside: frozenset[int]) -> array[float]:
        pairs = zip(column, self._cell_of, strict=True)
        return array("d", (value for value, cell in pairs if cell in inside and not math.isnan(value)))
