"""The numbers of runs by case, as columns over one list of cases: what every paired statistic starts from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from medbench.errors import InputError, RecordError
from medbench.schema.score import Score
from medbench.stats.groups import coded
from medbench.steps.reading.case_facts import case_facts
from medbench.store.jsonl import read_records
from medbench.store.runs import SCORES

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from numpy.typing import NDArray

    from medbench.store.runs import RunFolder

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases that are compared."""

    ids: tuple[str, ...]
    """In the order of the benchmark."""
    place: dict[str, int]
    """Case to its place in every column."""
    topics: NDArray[np.int64]
    """Topic of each case, as a number; cases of one topic are not independent."""
    strata: dict[str, tuple[str, ...]]
    """Region, modality, …: the value of each case."""

    def __len__(self) -> int:
        """How many."""
        return len(self.ids)


@dataclass(slots=True)
class ScoreTable:
    """What one run has for each case."""

    cases: Cases
    sums: dict[str, Array] = field(default_factory=dict)
    """Metric to the sum over the outputs of each case."""
    counts: dict[str, Array] = field(default_factory=dict)
    """Metric to the number of outputs that have it."""
    outputs: Array = field(default_factory=lambda: np.zeros(0))
    """Outputs with a text."""
    failures: dict[int, str] = field(default_factory=dict)
    """Place of a case without any text to the kind of its failure."""

    def means(self, metric: str) -> Array:
        """The mean over the repeats of each case; NaN where there is none."""
        counts = self.counts[metric]
        return np.where(counts > 0, self.sums[metric] / np.maximum(counts, 1), np.nan)

    def add(self, metric: str, place: int, value: float) -> None:
        """Take one number."""
        if metric not in self.sums:
            self.sums[metric] = np.zeros(len(self.cases))
            self.counts[metric] = np.zeros(len(self.cases))
        self.sums[metric][place] += value
        self.counts[metric][place] += 1


def cases_of(runs: Sequence[RunFolder]) -> Cases:
    """The cases of the runs' benchmarks: those that all of them have, with the same reference and images.

    Where a benchmark is gone, the cases of the scores stand for it, each as a topic of its own.
    """
    of_benchmark: dict[str, list[RunFolder]] = {}
    for run in runs:
        of_benchmark.setdefault(run.head.benchmark.digest, []).append(run)
    first, *others = of_benchmark.values()
    shared = _known(first)
    if others:
        contents = _contents(first)
        for other in map(_contents, others):
            shared = {
                case_id: found
                for case_id, found in shared.items()
                if case_id in other and other[case_id] == contents.get(case_id)
            }
    names = next(iter(shared.values()))[1] if shared else {}
    return Cases(
        ids=tuple(shared),
        place={case_id: place for place, case_id in enumerate(shared)},
        topics=coded([topic for topic, _ in shared.values()]),
        strata={name: tuple(strata.get(name, "unknown") for _, strata in shared.values()) for name in names},
    )


def _known(runs: Sequence[RunFolder]) -> dict[str, tuple[Hashable, dict[str, str]]]:
    """Topic and strata of each case of the runs' one benchmark."""
    try:
        facts = case_facts(runs[0].benchmark())
    except RecordError:
        raise
    except InputError:
        return {score.case_id: (f"case {score.case_id}", score.strata) for score in _scores_of(runs)}
    return {case_id: (fact.topic, fact.strata) for case_id, fact in facts.items()}


def _contents(runs: Sequence[RunFolder]) -> dict[str, tuple[str, str] | None]:
    """Digest and reference of each case of the runs' one benchmark; None where the benchmark is gone."""
    try:
        benchmark = runs[0].benchmark()
        benchmark.check()
    except RecordError:
        raise
    except InputError:
        return {score.case_id: None for score in _scores_of(runs)}
    texts = {reference.case_id: reference.text for reference in benchmark.references()}
    return {case.case_id: (case.digest, texts[case.case_id]) for case in benchmark.cases()}


def _scores_of(runs: Sequence[RunFolder]) -> Iterator[Score]:
    """The scores of all runs: what is left of the cases where the benchmark is gone."""
    return (score for run in runs for score in read_records(run.path / SCORES, Score))


def score_table_of(run: RunFolder, cases: Cases) -> ScoreTable:
    """Read the scores of a run; cases that are not compared are passed over."""
    sheet = ScoreTable(cases, outputs=np.zeros(len(cases)))
    failures: dict[int, str] = {}
    for score in read_records(run.path / SCORES, Score):
        place = cases.place.get(score.case_id)
        if place is None:
            continue
        if score.failure is not None:
            failures[place] = score.failure
            continue
        sheet.outputs[place] += 1
        for metric, value in score.scores.items():
            if value is not None:
                sheet.add(metric, place, value)
    sheet.failures = {place: kind for place, kind in failures.items() if not sheet.outputs[place]}
    return sheet
