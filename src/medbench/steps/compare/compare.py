"""The step `compare`: runs of one benchmark side by side; what is stale is scored again first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.results.comparison import Comparison, Pair
from medbench.stats.bootstrap import FEWEST_DRAWS, MOST_DRAWS, SEED
from medbench.steps.compare.comparable import (
    check_benchmark,
    check_one_benchmark,
    check_one_method,
    floors_beside,
    fresh_summaries,
    on_disk,
)
from medbench.steps.compare.inputs import CompareOptions, ComparisonData
from medbench.steps.compare.rows import (
    names_of,
    other_images,
    reference_first,
    row_of,
    wanted_by_run,
)
from medbench.steps.reading.score_columns import cases_of, score_table_of
from medbench.store.seals import changed_grades

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from medbench.schema.results.comparison import SystemRow
    from medbench.schema.score import Summary
    from medbench.steps.compare.comparable import OnDisk
    from medbench.store.runs import RunFolder


def compare_runs(
    named: Sequence[RunFolder], parser: str | None = None, options: CompareOptions | None = None
) -> Comparison:
    """Compare runs. Baselines of the same benchmark stand beside them as floors, named or not.

    Args:
        named: The runs; the first that is not left out is the reference system.
        parser: Parser that all of them are to be scored with; None for the one each was scored with.
        options: How runs are to be compared.

    Raises:
        InputError: The runs belong to different benchmarks, or were scored or graded in different ways.
        UsageError: No such rater or system, or several judges and none is named.
    """
    # A run ends with rows alone, and must not wait for what only pairs need.
    from medbench.steps.compare.full import tested
    from medbench.steps.compare.left_out import left_out, notices
    from medbench.steps.reading.grades import grades_of
    from medbench.steps.reading.judge_cards import cards_of
    from medbench.steps.reading.raters import raters_of
    from medbench.steps.reading.screening import screening_cards

    options = options or CompareOptions()
    known = on_disk(named)
    reasons = left_out(named, options, known)
    kept = [run for run in named if str(run.path) not in reasons]
    beside = _side_by_side(kept, parser, known, force=options.force)
    systems = reference_first(beside.systems, options.against)
    data = _data(beside)
    answered = (data.cases.ids[i] for table in data.tables.values() for i in np.flatnonzero(table.outputs))
    comparison = _rows(beside, systems)
    comparison = comparison.model_copy(
        update={
            "notices": (*notices(named, reasons), *comparison.notices),
            "pairs": _pairs(systems, beside.floors, data, options.pairs),
            "example": next(answered, None),
            "topics": len(np.unique(data.cases.topics)),
            "resampling": f"{MOST_DRAWS:,} resamples and flips; for more than 2,000 topics fewer, at least "
            f"{FEWEST_DRAWS:,}; seed {SEED}",
        }
    )
    raters = raters_of(beside.runs.values())
    graded = {
        name: grades_of(run, data.tables[name], beside.summaries[name].parser, raters)
        for name, run in beside.runs.items()
    }
    changed = (
        f"the fallback of {raters.names[rater]} was changed between: {', '.join(sorted(models))}. "
        "The cases that it graded may have two judges."
        for rater, models in raters.fallbacks.items()
        if len(models) > 1
    )
    comparison = comparison.model_copy(update={"notices": (*comparison.notices, *changed)})
    cards = cards_of([run for name, run in beside.runs.items() if name in systems])
    return tested(comparison, data, graded, options).model_copy(
        update={"cards": cards, "screening": screening_cards({name: beside.runs[name] for name in systems})}
    )


def rows_of(named: Sequence[RunFolder]) -> Comparison:
    """Return the rows of runs and of the floors beside them, which a run ends with. Nothing is tested.

    Runs that were scored in another way than those beside them are shown all the same, and named: what was
    paid for is shown. Pairs are counted where an output is missing.

    Raises:
        InputError: A benchmark was changed, or one that is to be scored on is gone.
    """
    beside = _side_by_side(named, None, on_disk(named), force=True)
    comparison = _rows(beside, beside.systems)
    if beside.rest_on_the_same:
        return comparison
    return comparison.model_copy(update={"pairs": _pairs(beside.systems, beside.floors, _data(beside))})


@dataclass(frozen=True, slots=True)
class _SideBySide:
    """Runs side by side, each with a summary that fits it, by name."""

    named: Sequence[RunFolder]
    runs: dict[str, RunFolder]
    """The named ones, then the floors beside them."""
    summaries: dict[str, Summary]
    rows: dict[str, SystemRow]
    rescored: dict[str, str]
    notices: tuple[str, ...]
    forced: tuple[str, ...]

    @property
    def systems(self) -> list[str]:
        """The runs that are compared."""
        return [name for name, row in self.rows.items() if not row.floor]

    @property
    def floors(self) -> list[str]:
        """The baselines that they are read against."""
        return [name for name, row in self.rows.items() if row.floor]

    @property
    def rest_on_the_same(self) -> bool:
        """True if every row has an output for each of the same cases."""
        summaries = self.summaries.values()
        limits = {tuple(limit for limit, _ in summary.sessions) for summary in summaries}
        return len(limits) == 1 and all(summary.outputs == summary.wanted for summary in summaries)


def _side_by_side(
    named: Sequence[RunFolder], parser: str | None, known: Mapping[Path, OnDisk], *, force: bool
) -> _SideBySide:
    forced = check_one_benchmark(named, force=force)
    notices = check_benchmark(named[0])
    floors = floors_beside(named)
    runs = [*named, *floors]
    only_floors = all(run.head.system.is_floor for run in named)
    rescored, summaries = fresh_summaries(named, floors, parser, known)
    forced += check_one_method(runs, summaries, force=force)
    names = names_of(runs)
    rows = {
        name: row_of(name, run, summary, floor=run.head.system.is_floor and not only_floors)
        for name, run, summary in zip(names, runs, summaries, strict=True)
    }
    return _SideBySide(
        named=named,
        runs=dict(zip(names, runs, strict=True)),
        summaries=dict(zip(names, summaries, strict=True)),
        rows=rows,
        rescored=rescored,
        notices=(*notices, *changed_grades(runs), *other_images(runs)),
        forced=forced,
    )


def _rows(beside: _SideBySide, systems: Sequence[str]) -> Comparison:
    benchmark, first = beside.named[0].head.benchmark, next(iter(beside.summaries.values()))
    return Comparison(
        benchmark=benchmark.name,
        benchmark_digest=benchmark.digest,
        cases=first.cases,
        parser=first.parser,
        signatures=first.signatures,
        systems=tuple(beside.rows[name] for name in systems),
        floors=tuple(beside.rows[name] for name in beside.floors),
        pairs=(),
        rescored=beside.rescored,
        notices=beside.notices,
        forced=beside.forced,
        swap_mixed=first.swap_mixed,
    )


def _data(beside: _SideBySide) -> ComparisonData:
    cases = cases_of(list(beside.runs.values()))
    return ComparisonData(
        cases=cases,
        tables={
            name: score_table_of(run, cases, beside.summaries[name]) for name, run in beside.runs.items()
        },
        wanted=wanted_by_run(beside.runs, cases),
        imported=all(run.head.imported_from or run.head.system.is_floor for run in beside.named),
    )


def _pairs(
    systems: Sequence[str],
    floors: Sequence[str],
    data: ComparisonData,
    chosen: Sequence[tuple[str, str]] = (),
) -> tuple[Pair, ...]:
    """Return the chosen pairs, or the first system with each other, then each floor with each system."""
    first, *others = systems
    among = chosen or [(first, other) for other in others]
    together = [*among, *((f, s) for s in systems for f in floors)]
    return tuple(_counted(a, b, data) for a, b in together)


def _counted(a: str, b: str, data: ComparisonData) -> Pair:
    in_a, in_b = data.tables[a].outputs > 0, data.tables[b].outputs > 0
    return Pair(
        a=a,
        b=b,
        both=int((in_a & in_b).sum()),
        only_a=int((in_a & ~in_b).sum()),
        only_b=int((in_b & ~in_a).sum()),
        neither=int((~in_a & ~in_b).sum()),
        metrics={},
    )
