"""The step `compare`: runs of one benchmark side by side; what is stale is scored again first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from medbench.errors import InputError, RecordError
from medbench.schema.comparison import Comparison, Pair, SystemRow
from medbench.schema.score import Score
from medbench.scoring.text import CURRENT
from medbench.stats.paired import paired_difference
from medbench.steps.rescore import Rescorer, parser_for, summary_of, why_stale
from medbench.store.jsonl import read_records
from medbench.store.runs import SCORES, RunFolder, runs_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.score import Summary


def compare_runs(named: Sequence[RunFolder], parser: str | None = None) -> Comparison:
    """Compare runs. Baselines of the same benchmark stand beside them as floors, named or not.

    Args:
        named: The runs.
        parser: Parser that all of them are to be scored with; None for the one each was scored with.

    Raises:
        InputError: The runs belong to different benchmarks, or were scored in different ways.
    """
    _check_one_benchmark(named)
    notices = _check_benchmark(named[0])
    beside = _floors_beside(named)
    runs = [*named, *beside]
    only_floors = all(run.head.system.is_floor for run in named)
    rescored, summaries = _fresh_summaries(named, beside, parser)
    _check_one_way(runs, summaries)
    names = _names(runs)
    rows = [
        _row(name, run, summary, floor=run.head.system.is_floor and not only_floors)
        for name, run, summary in zip(names, runs, summaries, strict=True)
    ]
    values = {name: _case_values(run) for name, run in zip(names, runs, strict=True)}
    systems = [row for row in rows if not row.floor]
    floors = [row for row in rows if row.floor]
    pairs = [*combinations(systems, 2), *((floor, system) for system, floor in product(systems, floors))]
    return Comparison(
        benchmark=named[0].head.benchmark.name,
        benchmark_digest=named[0].head.benchmark.digest,
        cases=summaries[0].cases,
        parser=summaries[0].parser,
        signatures=summaries[0].signatures,
        systems=tuple(systems),
        floors=tuple(floors),
        pairs=tuple(_pair(a.name, b.name, values, summaries[0].cases) for a, b in pairs),
        rescored=rescored,
        example=next((min(one.cases) for one in values.values() if one.cases), None),
        notices=notices,
    )


def _check_benchmark(run: RunFolder) -> tuple[str, ...]:
    """Check that the benchmark is what the runs ran on, where it still is.

    Raises:
        StoreError, InputError: It was changed.
    """
    try:
        benchmark = run.benchmark()
    except InputError as error:
        if isinstance(error, RecordError):
            raise
        return (f"{error.message} The numbers are those of the last scoring.",)
    benchmark.check()
    return ()


def _check_one_benchmark(runs: Sequence[RunFolder]) -> None:
    first = runs[0].head.benchmark
    for run in runs[1:]:
        other = run.head.benchmark
        if other.digest != first.digest:
            raise InputError(
                f"{runs[0].path} ran on '{first.name}' ({first.digest[:8]}), "
                f"{run.path} on '{other.name}' ({other.digest[:8]}): their numbers cannot be compared.",
                f"medbench compare {run.path.parent}   (one benchmark at a time)",
            )


def _floors_beside(named: Sequence[RunFolder]) -> list[RunFolder]:
    there = {run.path.resolve() for run in named}
    digest = named[0].head.benchmark.digest
    if all(run.head.system.is_floor for run in named):
        return []
    return [
        run
        for run in runs_in(named[0].path.parent)
        if run.head.system.is_floor
        and run.head.benchmark.digest == digest
        and run.path.resolve() not in there
    ]


def _fresh_summaries(
    named: Sequence[RunFolder], beside: Sequence[RunFolder], parser: str | None
) -> tuple[dict[str, str], list[Summary]]:
    found = [summary_of(run) for run in named]
    # What was never scored, and floors that nobody named, follow the runs that are compared.
    usual = parser or next((parser_for(summary) for summary in found if summary), CURRENT)
    wanted = [parser or (parser_for(summary) if summary else usual) for summary in found]
    wanted += [usual] * len(beside)
    rescored: dict[str, str] = {}
    rescorers: dict[str, Rescorer] = {}
    summaries = []
    found += [summary_of(run) for run in beside]
    for run, summary, name in zip([*named, *beside], found, wanted, strict=True):
        why = why_stale(run, summary)
        if summary and not why and summary.parser != name:
            why = f"it was scored with parser '{summary.parser}', the others with '{name}'"
        if why or summary is None:
            if name not in rescorers:
                rescorers[name] = Rescorer(name)
            summaries.append(rescorers[name].rescore(run))
            rescored[str(run.path)] = why or ""
        else:
            summaries.append(summary)
    return rescored, summaries


def _check_one_way(runs: Sequence[RunFolder], summaries: Sequence[Summary]) -> None:
    for run, summary in zip(runs, summaries, strict=True):
        if summary.signatures != summaries[0].signatures:
            raise InputError(
                f"{runs[0].path} was scored with parser '{summaries[0].parser}', "
                f"{run.path} with '{summary.parser}': their numbers cannot be compared.",
                f"medbench rescore {run.path.parent} --parser {summaries[0].parser}",
            )


def _names(runs: Sequence[RunFolder]) -> list[str]:
    """Short names; whole paths where two runs have the same short name."""
    short = [run.name for run in runs]
    return [name if short.count(name) == 1 else str(run.path) for name, run in zip(short, runs, strict=True)]


def _row(name: str, run: RunFolder, summary: Summary, *, floor: bool) -> SystemRow:
    return SystemRow(
        name=name,
        path=str(run.path),
        floor=floor,
        n=summary.outputs,
        wanted=summary.wanted,
        not_run=summary.not_run,
        failures=summary.failures,
        flags=summary.flags,
        flagged=summary.flagged,
        cost_usd=summary.cost_usd,
        cost_unknown=summary.cost_unknown,
        metrics=summary.everything.metrics,
        unflagged=summary.unflagged,
        by=summary.by,
    )


@dataclass(frozen=True, slots=True)
class CaseValues:
    """Metric to case to mean over replicates; and the cases with any output."""

    metrics: dict[str, dict[str, float]]
    cases: frozenset[str]


def _case_values(run: RunFolder) -> CaseValues:
    sums: dict[str, dict[str, tuple[float, int]]] = {}
    cases: set[str] = set()
    for score in read_records(run.path / SCORES, Score):
        if score.failure is None:
            cases.add(score.case_id)
        for metric, value in score.scores.items():
            if value is not None:
                total, n = sums.setdefault(metric, {}).get(score.case_id, (0.0, 0))
                sums[metric][score.case_id] = (total + value, n + 1)
    means = {
        metric: {case: total / n for case, (total, n) in of_case.items()} for metric, of_case in sums.items()
    }
    return CaseValues(means, frozenset(cases))


def _pair(a: str, b: str, values: dict[str, CaseValues], cases: int) -> Pair:
    one, other = values[a], values[b]
    differences = {
        metric: found
        for metric in sorted(one.metrics.keys() & other.metrics.keys())
        if (found := paired_difference(one.metrics[metric], other.metrics[metric]))
    }
    return Pair(
        a=a,
        b=b,
        both=len(one.cases & other.cases),
        only_a=len(one.cases - other.cases),
        only_b=len(other.cases - one.cases),
        neither=cases - len(one.cases | other.cases),
        metrics=differences,
    )
