"""Sums over the scores of a run as they pass by: numbers are kept, records are not."""

from __future__ import annotations

from array import array
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from medbench.schema.score import Slice
from medbench.scoring.controls import ABOVE, CORRECTED, above, swapped
from medbench.stats.above_chance import above_chance, moved
from medbench.stats.bootstrap import draws_for_part, mean_intervals
from medbench.stats.describe import describe
from medbench.stats.groups import grouped
from medbench.stats.intervals import rate_interval
from medbench.store.columns import FEWEST, ColumnsBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from medbench.schema.score import Estimate, Interval, Score
    from medbench.store.columns import Columns


class Tally:
    """Estimates of each metric over all outputs, those without a flag, and each stratum."""

    def __init__(
        self,
        wanted: Iterable[tuple[dict[str, str], int]],
        metrics: Iterable[str],
        rates: frozenset[str] = frozenset(),
    ) -> None:
        """Begin with no score.

        Args:
            wanted: Strata of each case, and how often it was asked for.
            metrics: Every metric that a score may have.
            rates: Those of them that are 0 or 1.
        """
        self._rates = rates
        self._wanted = 0
        self._wanted_by: Counter[tuple[str, str]] = Counter()
        for strata, replicates in wanted:
            self._wanted += replicates
            if replicates:
                self._wanted_by.update(dict.fromkeys(strata.items(), replicates))
        self._built = ColumnsBuilder(sorted(metrics))
        self._columns = self._built.metrics
        self._corrected = [above(metric) for metric in CORRECTED if swapped(metric) in self._columns]
        self._topics: array[int] = array("q")
        self._strata: list[dict[str, str]] = []
        self._flagged: list[bool] = []
        self._failures: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()

    def add(self, score: Score, strata: dict[str, str], topic: int) -> None:
        """Add one score.

        Args:
            score: Of an output or a failure.
            strata: Of its case; cases with the same share one dictionary.
            topic: Number of its case's topic. The order of numbers is that of the groups in every interval.
        """
        self._built.add(score)
        if score.failure is not None:
            self._failures[score.failure] += 1
            return
        for flag in score.flags:
            self._flags[flag] += 1
        self._strata.append(strata)
        self._flagged.append(bool(score.flags))
        self._topics.append(topic)

    def columns(self) -> Columns | None:
        """Return the numbers of all outputs as columns; None of so few that nobody needs them."""
        return self._built.built() if self._built.outputs >= FEWEST else None

    def sums(self) -> dict[str, Any]:
        """Return the fields of a summary that follow from the scores."""
        outputs, flagged = len(self._topics), sum(self._flagged)
        by: dict[str, dict[str, Slice]] = {}
        everything = self._slice([True] * outputs, self._wanted, None)
        # Of few cases many strata hold the same: all of one region may be of one modality.
        alike = {_digest([True] * outputs): everything}

        def part(inside: Sequence[bool], wanted: int) -> Slice:
            same = _digest(inside)
            if same not in alike:
                alike[same] = self._slice(inside, wanted, everything)
            return _of(alike[same], wanted)

        for (name, value), wanted in sorted(self._wanted_by.items()):
            by.setdefault(name, {})[value] = part([strata[name] == value for strata in self._strata], wanted)
        return {
            "wanted": self._wanted,
            "outputs": outputs,
            "failures": dict(sorted(self._failures.items())),
            "not_run": max(0, self._wanted - outputs - self._failures.total()),
            "flags": dict(sorted(self._flags.items())),
            "flagged": flagged,
            "everything": everything,
            "unflagged": part([not flag for flag in self._flagged], outputs - flagged),
            "by": by,
        }

    def _slice(self, inside: Sequence[bool], wanted: int, whole: Slice | None) -> Slice:
        """Return the estimates over a part.

        Args:
            inside: True for each output that lies in it.
            wanted: Case-replicates of the part that were asked for.
            whole: The estimates over all outputs; None for those themselves.
        """
        chosen = np.array(inside, dtype=bool)
        topics = np.frombuffer(self._topics, np.int64)[chosen]
        # Columns that are the same throughout, such as those of an error that nobody made, are computed once.
        first: dict[tuple[bytes, bool, int | None], str] = {}
        same_as: dict[str, str] = {}
        draws: dict[str, int | None] = {}
        for metric in (*self._columns, *self._corrected):
            column = self._column(metric, chosen)
            known = int(np.count_nonzero(~np.isnan(column)))
            draws[metric] = draws_for_part(known, whole.metrics[metric].n) if whole else None
            same = sha256(column.tobytes()).digest(), metric in self._rates, draws[metric]
            same_as[metric] = first.setdefault(same, metric)
        means = [metric for metric in first.values() if metric not in self._rates]
        groups = (grouped(self._column(metric, chosen), topics) for metric in means)
        of_means = mean_intervals(groups, [draws[metric] for metric in means])
        intervals: dict[str, Interval | None] = dict(zip(means, of_means, strict=True))
        found: dict[str, Estimate] = {}
        for metric in first.values():
            column = self._column(metric, chosen)
            if metric in self._rates:
                intervals[metric] = rate_interval(grouped(column, topics))
            found[metric] = describe(column[~np.isnan(column)].tolist(), wanted, intervals[metric])
        metrics = {metric: found[other] for metric, other in same_as.items()}
        metrics |= {name: self._ratio(name, metrics) for name in self._corrected}
        return Slice(n=len(topics), wanted=wanted, metrics=metrics)

    def _ratio(self, name: str, metrics: Mapping[str, Estimate]) -> Estimate:
        """Return an estimate above chance: a ratio of means, of whose numbers each by itself says nothing."""
        of = name.removeprefix(ABOVE)
        interval, raw, chance = metrics[name].interval, metrics[of], metrics[swapped(of)].mean
        if interval and raw.interval and chance is not None and of in self._rates and raw.mean in {0, 1}:
            interval = moved(raw.interval, chance)
        if interval and interval.high > 1:  # a straight line drawn to the ratio, which itself is at most 1
            interval = interval.model_copy(update={"high": 1.0})
        return metrics[name].model_copy(update={"median": None, "p95": None, "interval": interval})

    def _column(self, metric: str, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        # Taken anew for each use: columns of a part, held together, would double the memory of all.
        if metric.startswith(ABOVE):
            of = metric.removeprefix(ABOVE)
            return above_chance(self._column(of, chosen), self._column(swapped(of), chosen))
        return self._columns[metric][chosen]


def _digest(inside: Sequence[bool]) -> bytes:
    return sha256(bytes(inside)).digest()


def _of(found: Slice, wanted: int) -> Slice:
    """Return the estimates over the same outputs, of which another number was asked for."""
    if found.wanted == wanted:
        return found
    metrics = {
        name: estimate.model_copy(update={"missing": wanted - estimate.n})
        for name, estimate in found.metrics.items()
    }
    return found.model_copy(update={"wanted": wanted, "metrics": metrics})
