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
    from collections.abc import Iterable, Sequence

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
        wanted: Sequence[tuple[dict[str, str], int]],
        metrics: Iterable[str],
        rates: frozenset[str] = frozenset(),
    ) -> None:
        self._rates = rates
        self._wanted: Counter[_Part] = Counter()
        for strata, replicates in wanted:
            for part in (_EVERYTHING, *strata.items()):
                self._wanted[part] += replicates
        self._columns = {metric: array("d") for metric in metrics}
        self._cell_of: array[int] = array("q")
        self._topic_of: array[int] = array("q")
        self._topics: dict[str, int] = {}
        self._cells: dict[frozenset[_Part], int] = {}
        self._outputs: Counter[_Part] = Counter()
        self._failures: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()

    def add(self, score: Score, topic: str) -> None:
        """Take one score, of a case of that topic."""
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
        self._topic_of.append(self._topics.setdefault(topic, len(self._topics)))

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
        inside = [number for parts, number in self._cells.items() if part in parts]
        chosen = np.isin(np.frombuffer(self._cell_of, np.int64), inside)
        # By name and not by arrival: calls end in any order, and the same outputs must give the same digits.
        ranks = np.argsort(np.argsort(np.array([*self._topics], dtype=str)))
        topics = ranks[np.frombuffer(self._topic_of, np.int64)[chosen]]
        columns = {metric: np.frombuffer(column)[chosen] for metric, column in sorted(self._columns.items())}
        # Whole runs are quoted, their parts are looked at: a fifth of the resamples does for those.
        draws = None if part == _EVERYTHING else FEWEST_DRAWS
        intervals = self._intervals(columns, topics, draws)
        return Slice(
            n=self._outputs[part],
            wanted=wanted,
            metrics={
                metric: describe(column[~np.isnan(column)].tolist(), wanted, intervals[metric])
                for metric, column in columns.items()
            },
        )

    def _intervals(
        self, columns: dict[str, NDArray[np.float64]], topics: NDArray[np.int64], draws: int | None
    ) -> dict[str, Interval | None]:
        groups = {metric: grouped(column, topics) for metric, column in columns.items()}
        means = [metric for metric in columns if metric not in self._rates]
        found = dict(zip(means, mean_intervals([groups[metric] for metric in means], draws), strict=True))
        return found | {metric: rate_interval(groups[metric]) for metric in columns if metric in self._rates}
