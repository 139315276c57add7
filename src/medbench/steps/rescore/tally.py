"""Sums over the scores of a run as they pass by: numbers are held, records are not."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from medbench.schema.score import Slice
from medbench.stats.bootstrap import FEWEST_DRAWS, mean_intervals
from medbench.stats.describe import describe
from medbench.stats.groups import grouped
from medbench.stats.intervals import rate_interval

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from medbench.schema.score import Interval, Score

_Part = tuple[str, str]
_EVERYTHING: _Part = ("", "")
_UNFLAGGED: _Part = ("", "unflagged")
_NOTHING = math.nan


class Tally:
    """Estimates of each metric over all outputs, those without a flag, and each stratum.

    Held are one number a metric and output, and the number of the cell that the output lies in: a part is
    the outputs of some cells, and a column a part would take five times the memory.
    """

    def __init__(
        self,
        wanted: Iterable[tuple[dict[str, str], int]],
        metrics: Iterable[str],
        rates: frozenset[str] = frozenset(),
    ) -> None:
        self._rates = rates
        self._wanted: Counter[_Part] = Counter()
        for strata, replicates in wanted:
            if replicates:
                for part in (_EVERYTHING, *strata.items()):
                    self._wanted[part] += replicates
        self._columns = {metric: array("d") for metric in sorted(metrics)}
        self._cell_of: array[int] = array("q")
        self._topic_of: array[int] = array("q")
        self._cells: dict[tuple[str | bool, ...], int] = {}
        self._parts: list[frozenset[_Part]] = []
        self._failures: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()

    def add(self, score: Score, topic: int) -> None:
        """Take one score, of a case of that topic: topics are told apart by number, and ordered by it."""
        if score.failure is not None:
            self._failures[score.failure] += 1
            return
        self._flags.update(score.flags)
        cell = self._cells.setdefault((*score.strata.values(), bool(score.flags)), len(self._cells))
        if cell == len(self._parts):
            unflagged = () if score.flags else (_UNFLAGGED,)
            self._parts.append(frozenset({_EVERYTHING, *score.strata.items(), *unflagged}))
        self._cell_of.append(cell)
        self._topic_of.append(topic)
        for metric, column in self._columns.items():
            value = score.scores.get(metric)
            column.append(_NOTHING if value is None else value)

    def sums(self) -> dict[str, Any]:
        """The fields of a summary that follow from the scores."""
        outputs = len(self._cell_of)
        wanted = self._wanted[_EVERYTHING]
        unflagged = self._inside(_UNFLAGGED)
        by: dict[str, dict[str, Slice]] = {}
        for name, value in sorted(part for part in self._wanted if part[0]):
            inside = self._inside((name, value))
            by.setdefault(name, {})[value] = self._slice(inside, self._wanted[name, value], FEWEST_DRAWS)
        return {
            "wanted": wanted,
            "outputs": outputs,
            "failures": dict(sorted(self._failures.items())),
            "not_run": max(0, wanted - outputs - self._failures.total()),
            "flags": dict(sorted(self._flags.items())),
            "flagged": outputs - int(unflagged.sum()),
            "everything": self._slice(self._inside(_EVERYTHING), wanted, None),
            "unflagged": self._slice(unflagged, int(unflagged.sum()), FEWEST_DRAWS),
            "by": by,
        }

    def _inside(self, part: _Part) -> NDArray[np.bool_]:
        """Which outputs lie in a part."""
        cells = np.array([part in parts for parts in self._parts], dtype=bool)
        return cells[np.frombuffer(self._cell_of, np.int64)]

    def _slice(self, inside: NDArray[np.bool_], wanted: int, draws: int | None) -> Slice:
        """The estimates over a part.

        Args:
            inside: Which outputs.
            wanted: Case-replicates of the part that were asked for.
            draws: Resamples: whole runs are quoted, their parts are looked at, and a fifth does for those.
        """
        topics = np.frombuffer(self._topic_of, np.int64)[inside]
        means = [metric for metric in self._columns if metric not in self._rates]
        groups = (grouped(self._column(metric, inside), topics) for metric in means)
        intervals: dict[str, Interval | None] = dict(zip(means, mean_intervals(groups, draws), strict=True))
        metrics = {}
        for metric in self._columns:
            column = self._column(metric, inside)
            if metric in self._rates:
                intervals[metric] = rate_interval(grouped(column, topics))
            metrics[metric] = describe(column[~np.isnan(column)].tolist(), wanted, intervals[metric])
        return Slice(n=len(topics), wanted=wanted, metrics=metrics)

    def _column(self, metric: str, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
        # Taken anew for each use: columns of a part, held together, would double the memory of all.
        return np.frombuffer(self._columns[metric])[inside]
