"""Sums over the scores of a run as they pass by: numbers are held, records are not."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any

from medbench.schema.score import Slice
from medbench.stats.describe import describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.schema.score import Score

_EVERYTHING = ("", "")
_UNFLAGGED = ("", "unflagged")


class Tally:
    """Estimates of each metric over all outputs, those without a flag, and each stratum."""

    def __init__(self, wanted: Sequence[dict[str, str]], replicates: int, metrics: Iterable[str]) -> None:
        self._wanted: Counter[tuple[str, str]] = Counter()
        for strata in wanted:
            self._wanted[_EVERYTHING] += replicates
            for item in strata.items():
                self._wanted[item] += replicates
        self._values: dict[tuple[tuple[str, str], str], array[float]] = {}
        self._outputs: Counter[tuple[str, str]] = Counter()
        self._failures: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()
        self._metrics = set(metrics)

    def add(self, score: Score) -> None:
        """Take one score."""
        if score.failure is not None:
            self._failures[score.failure] += 1
            return
        self._flags.update(score.flags)
        slices = [_EVERYTHING, *score.strata.items()]
        if not score.flags:
            slices.append(_UNFLAGGED)
        self._outputs.update(slices)
        for metric, value in score.scores.items():
            self._metrics.add(metric)
            if value is not None:
                for part in slices:
                    self._values.setdefault((part, metric), array("d")).append(value)

    def sums(self) -> dict[str, Any]:
        """The fields of a summary that follow from the scores."""
        outputs = self._outputs[_EVERYTHING]
        wanted = self._wanted[_EVERYTHING]
        by: dict[str, dict[str, Slice]] = {}
        for name, value in sorted(key for key in self._wanted if key[0]):
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

    def _slice(self, part: tuple[str, str], wanted: int) -> Slice:
        return Slice(
            n=self._outputs[part],
            wanted=wanted,
            metrics={
                metric: describe(self._values.get((part, metric), array("d")), wanted)
                for metric in sorted(self._metrics)
            },
        )
