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
    check_one_way,
    floors_beside,
    fresh_summaries,
)
from medbench.steps.compare.inputs import CompareOptions, ComparisonData
from medbench.steps.compare.rows import (
    names_of,
    other_images,
    other_models,
    reference_first,
    row_of,
    wanted_by_run,
)
from medbench.steps.reading.score_columns import cases_of, score_table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from medbench.schema.results.comparison import SystemRow
    from medbench.schema.score import Summary
    from medbench.store.runs import RunFolder

    Bools = NDArray[np.bool_]


def compare_runs(
    named: Sequence[RunFolder], parser: str | None = None, asked: CompareOptions | None = None
) -> Comparison:
    """Compare runs. Baselines of the same benchmark stand beside them as floors, named or not.

    Args:
        named: The runs; the first is the reference system.
        parser: Parser that all of them are to be scored with; None for the one each was scored with.
        asked: How.

    Raises:
        InputError: The runs belong to different benchmarks, or were scored or graded in different ways.
        UsageError: No such rater or system, or several judges and none is named.
    """
    # Loaded where it is wanted: a run ends with rows alone.
    from medbench.steps.compare.full import tested
    from medbench.steps.reading.grades import grades_of
    from medbench.steps.reading.judge_cards import cards_of
    from medbench.steps.reading.verdict_book import fallback_cases_by_rater

    asked = asked or CompareOptions()
    rows = _side_by_side(named, parser, force=asked.force)
    systems, floors = rows.systems(asked.against), rows.floors
    found = _found(rows)
    comparison = _comparison(rows, systems).model_copy(
        update={
            "pairs": _pairs(systems, floors, found),
            "example": next(
                (found.cases.ids[p] for s in found.sheets.values() for p in np.flatnonzero(s.outputs)), None
            ),
            "topics": len(np.unique(found.cases.topics)),
            "resampling": f"{MOST_DRAWS:,} resamples and flips; for more than 2,000 topics fewer, at least "
            f"{FEWEST_DRAWS:,}; seed {SEED}",
        }
    )
    moved = fallback_cases_by_rater(rows.runs)
    graded = {
        name: grades_of(run, found.sheets[name], summary.parser, moved)
        for name, run, summary in zip(rows.names, rows.runs, rows.summaries, strict=True)
    }
    cards = cards_of([run for name, run in zip(rows.names, rows.runs, strict=True) if name in systems])
    return tested(comparison, found, graded, asked).model_copy(update={"cards": cards})


def rows_of(named: Sequence[RunFolder]) -> Comparison:
    """The rows of runs and of the floors beside them: what a run ends with. Nothing is tested.

    Runs that were scored in another way than those beside them are shown all the same, and named: what was
    paid for is shown. Pairs are counted where an output is missing.

    Raises:
        InputError: A benchmark was changed, or one that is to be scored on is gone.
    """
    rows = _side_by_side(named, None, force=True)
    systems = rows.systems()
    comparison = _comparison(rows, systems)
    if rows.rest_on_the_same:
        return comparison
    return comparison.model_copy(update={"pairs": _pairs(systems, rows.floors, _found(rows))})


@dataclass(frozen=True, slots=True)
class _Rows:
    """Runs side by side, each with a summary that fits it."""

    named: Sequence[RunFolder]
    runs: Sequence[RunFolder]
    """The named ones, then the floors beside them."""
    names: Sequence[str]
    summaries: Sequence[Summary]
    rows: dict[str, SystemRow]
    rescored: dict[str, str]
    notices: tuple[str, ...]
    forced: tuple[str, ...]

    def systems(self, against: str | None = None) -> list[str]:
        """What is compared, the reference system first."""
        return reference_first([name for name, row in self.rows.items() if not row.floor], against)

    @property
    def floors(self) -> list[str]:
        return [name for name, row in self.rows.items() if row.floor]

    @property
    def rest_on_the_same(self) -> bool:
        """Whether every row has an output for each of the same cases."""
        asked = {tuple(limit for limit, _ in summary.sessions) for summary in self.summaries}
        return len(asked) == 1 and all(summary.outputs == summary.wanted for summary in self.summaries)


def _side_by_side(named: Sequence[RunFolder], parser: str | None, *, force: bool) -> _Rows:
    forced = check_one_benchmark(named, force=force)
    notices = check_benchmark(named[0])
    beside = floors_beside(named)
    runs = [*named, *beside]
    only_floors = all(run.head.system.is_floor for run in named)
    rescored, summaries = fresh_summaries(named, beside, parser)
    forced += check_one_way(runs, summaries, force=force)
    names = names_of(runs)
    rows = {
        name: row_of(name, run, summary, floor=run.head.system.is_floor and not only_floors)
        for name, run, summary in zip(names, runs, summaries, strict=True)
    }
    return _Rows(named, runs, names, summaries, rows, rescored, notices, forced)


def _comparison(rows: _Rows, systems: Sequence[str]) -> Comparison:
    head, first = rows.named[0].head.benchmark, rows.summaries[0]
    return Comparison(
        benchmark=head.name,
        benchmark_digest=head.digest,
        cases=first.cases,
        parser=first.parser,
        signatures=first.signatures,
        systems=tuple(rows.rows[name] for name in systems),
        floors=tuple(rows.rows[name] for name in rows.floors),
        pairs=(),
        rescored=rows.rescored,
        notices=(*rows.notices, *other_models(rows.rows), *other_images(rows.runs)),
        forced=rows.forced,
        swap_mixed=first.swap_mixed,
    )


def _found(rows: _Rows) -> ComparisonData:
    cases = cases_of(rows.runs)
    return ComparisonData(
        cases=cases,
        sheets={name: score_table_of(run, cases) for name, run in zip(rows.names, rows.runs, strict=True)},
        wanted=wanted_by_run(rows.names, rows.runs, cases),
        imported=all(run.head.imported_from or run.head.system.is_floor for run in rows.named),
    )


def _pairs(systems: Sequence[str], floors: Sequence[str], found: ComparisonData) -> tuple[Pair, ...]:
    first, *others = systems
    together = [*((first, other) for other in others), *((f, s) for s in systems for f in floors)]
    return tuple(_counted(a, b, found) for a, b in together)


def _counted(a: str, b: str, found: ComparisonData) -> Pair:
    one, other = found.sheets[a].outputs > 0, found.sheets[b].outputs > 0
    return Pair(
        a=a,
        b=b,
        both=int((one & other).sum()),
        only_a=int((one & ~other).sum()),
        only_b=int((other & ~one).sum()),
        neither=int((~one & ~other).sum()),
        metrics={},
    )
