"""The numbers of runs as columns over one list of cases: the start of every paired statistic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from medbench.errors import InputError, RecordError
from medbench.schema.score import Score
from medbench.steps.reading.case_facts import each_case
from medbench.steps.reading.stored_columns import columns_of
from medbench.store.benchmark import CASES, HEAD, REFERENCES, BenchmarkFolder
from medbench.store.jsonl import file_state, read_records
from medbench.store.runs import SCORES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from medbench.schema.score import Summary
    from medbench.store.runs import RunFolder

    Array = NDArray[np.float64]
    _Facts = tuple[int | str, dict[str, str]]
    """Topic and strata of a case."""


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases that are compared."""

    ids: tuple[str, ...]
    """Case ids in the order of the benchmark."""
    index: dict[str, int]
    """Case id to its index in every column."""
    topics: NDArray[np.int64]
    """Topic of each case, as a number; cases of one topic are not independent."""
    strata: dict[str, tuple[str, ...]]
    """Region, modality, …: the value of each case."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(slots=True)
class ScoreTable:
    """The numbers of one run by metric, each an array over the cases."""

    cases: Cases
    sums: Mapping[str, Array] = field(default_factory=dict)
    """Metric to the sum over the outputs of each case."""
    counts: Mapping[str, Array] = field(default_factory=dict)
    """Metric to the number of outputs that have it."""
    outputs: Array = field(default_factory=lambda: np.zeros(0))
    """Outputs with a text."""
    failures: Counter[str] = field(default_factory=Counter)
    """Kind of failure to the number of outputs without a text."""

    def means(self, metric: str) -> Array:
        """Return the mean over the repeats of each case; NaN where there is none."""
        counts = self.counts[metric]
        return np.where(counts > 0, self.sums[metric] / np.maximum(counts, 1), np.nan)

    def add(self, metric: str, index: int, value: float) -> None:
        """Add one number of one output, to a table whose numbers are in memory."""
        assert isinstance(self.sums, dict)
        assert isinstance(self.counts, dict)
        if metric not in self.sums:
            self.sums[metric] = np.zeros(len(self.cases))
            self.counts[metric] = np.zeros(len(self.cases))
        self.sums[metric][index] += value
        self.counts[metric][index] += 1


class _ByCase(Mapping[str, "Array"]):
    """The numbers of outputs by case: each metric is summed when it is asked for, and not kept."""

    def __init__(
        self, metrics: Mapping[str, Array], places: NDArray[np.int64], cases: int, *, counted: bool
    ) -> None:
        self._metrics, self._places, self._cases, self._counted = metrics, places, cases, counted

    def __getitem__(self, metric: str) -> Array:
        values = self._metrics[metric]
        known = ~np.isnan(values) & (self._places >= 0)
        weights = None if self._counted else values[known]
        return np.bincount(self._places[known], weights, self._cases).astype(np.float64, copy=False)

    def __contains__(self, metric: object) -> bool:
        return metric in self._metrics

    def __iter__(self) -> Iterator[str]:
        return iter(self._metrics)

    def __len__(self) -> int:
        return len(self._metrics)


class _Some(Mapping[str, "Array"]):
    """Those columns that have a number of a case that is compared."""

    def __init__(self, columns: Mapping[str, Array], inside: NDArray[np.bool_]) -> None:
        self._columns = columns
        self._names = {name: None for name, column in columns.items() if (~np.isnan(column) & inside).any()}

    def __getitem__(self, metric: str) -> Array:
        if metric not in self._names:
            raise KeyError(metric)
        return self._columns[metric]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def score_table_of(run: RunFolder, cases: Cases, fresh: Summary | None = None) -> ScoreTable:
    """Read the scores of a run; cases that are not compared are passed over.

    Args:
        run: The run.
        cases: The cases that are compared.
        fresh: The summary of the run, where it was found to fit its scores; None to find out.
    """
    columns = columns_of(run, fresh)
    if columns is None:
        return score_table(read_records(run.path / SCORES, Score), cases)
    places = np.array([cases.index.get(case_id, -1) for case_id in columns.ids], dtype=np.int64)
    of_outputs = places[columns.cases]
    metrics = _Some(columns.metrics, of_outputs >= 0)
    table = ScoreTable(
        cases,
        _ByCase(metrics, of_outputs, len(cases), counted=False),
        _ByCase(metrics, of_outputs, len(cases), counted=True),
        np.bincount(of_outputs[of_outputs >= 0], minlength=len(cases)).astype(np.float64),
    )
    failures = zip(places[columns.failed].tolist(), columns.kinds, strict=True)
    table.failures = Counter(kind for at, kind in failures if at >= 0)
    return table


def score_table(scores: Iterable[Score], cases: Cases) -> ScoreTable:
    """Return the numbers of scores; cases that are not compared are passed over."""
    table = ScoreTable(cases, outputs=np.zeros(len(cases)))
    for score in scores:
        index = cases.index.get(score.case_id)
        if index is None:
            continue
        if score.failure is not None:
            table.failures[score.failure] += 1
            continue
        table.outputs[index] += 1
        for metric, value in score.scores.items():
            if value is not None:
                table.add(metric, index, value)
    return table


def cases_of(runs: Sequence[RunFolder]) -> Cases:
    """Return the cases that all benchmarks of the runs have, with the same reference and images.

    Where a benchmark is gone, the cases of the scores stand for it, each as a topic of its own.
    """
    by_benchmark: dict[str, list[RunFolder]] = {}
    for run in runs:
        by_benchmark.setdefault(run.head.benchmark.digest, []).append(run)
    first, *others = by_benchmark.values()
    if not others and (benchmark := benchmark_of(first)) is not None:
        states = (file_state(benchmark.path / name) for name in (HEAD, CASES, REFERENCES))
        return _cases_of_one(benchmark.path, benchmark.link, *states)
    shared = _topics_and_strata(first)
    if others:
        contents = _contents(first)
        for other in map(_contents, others):
            shared = {
                case_id: facts
                for case_id, facts in shared.items()
                if case_id in other and other[case_id] == contents.get(case_id)
            }
    return _as_cases(shared)


@lru_cache(maxsize=1)
def _cases_of_one(path: Path, link: str | None, *_states: tuple[int, ...]) -> Cases:
    """Return the cases of one benchmark, which many a command asks for run by run."""
    return _as_cases(_facts_of(BenchmarkFolder(path, link)))


def _as_cases(facts: Mapping[str, _Facts]) -> Cases:
    names = next(iter(facts.values()))[1] if facts else {}
    return Cases(
        ids=tuple(facts),
        index={case_id: index for index, case_id in enumerate(facts)},
        # In the order of their numbers, as where a run is scored: so both have the same resamples.
        topics=np.unique([topic for topic, _ in facts.values()], return_inverse=True)[1],
        strata={name: tuple(strata.get(name, "unknown") for _, strata in facts.values()) for name in names},
    )


def _topics_and_strata(runs: Sequence[RunFolder]) -> dict[str, _Facts]:
    """Return topic and strata of each case of the runs' one benchmark."""
    benchmark = benchmark_of(runs)
    if benchmark is None:
        return {score.case_id: (f"case {score.case_id}", score.strata) for score in _scores_of(runs)}
    return _facts_of(benchmark)


def _facts_of(benchmark: BenchmarkFolder) -> dict[str, _Facts]:
    return {facts.case_id: (facts.topic, facts.strata) for facts in each_case(benchmark)}


def _contents(runs: Sequence[RunFolder]) -> dict[str, tuple[str, str] | None]:
    """Return digest and reference of each case of the runs' one benchmark; None where it is gone."""
    benchmark = benchmark_of(runs)
    if benchmark is None:
        return {score.case_id: None for score in _scores_of(runs)}
    texts = {reference.case_id: reference.text for reference in benchmark.references()}
    return {case.case_id: (case.digest, texts[case.case_id]) for case in benchmark.cases()}


def benchmark_of(runs: Sequence[RunFolder]) -> BenchmarkFolder | None:
    """Return the benchmark of the runs; None where it is gone or was changed."""
    try:
        benchmark = runs[0].benchmark()
        benchmark.check()
    except RecordError:
        raise
    except InputError:
        return None
    return benchmark


def _scores_of(runs: Sequence[RunFolder]) -> Iterator[Score]:
    return (score for run in runs for score in read_records(run.path / SCORES, Score))
