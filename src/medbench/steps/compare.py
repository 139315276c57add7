"""The step `compare`: runs of one benchmark side by side; what is stale is scored again first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medbench.schema.comparison import Comparison, Pair
from medbench.stats.bootstrap import FEWEST_DRAWS, MOST_DRAWS, SEED
from medbench.steps.compared import (
    names_of,
    other_images,
    other_models,
    reference_first,
    row_of,
    wanted_by_run,
)
from medbench.steps.fresh import (
    check_benchmark,
    check_one_benchmark,
    check_one_way,
    floors_beside,
    fresh_summaries,
)
from medbench.steps.sheet import cases_of, sheet_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from medbench.stats.intervals import RateMethod
    from medbench.steps.sheet import Cases, Sheet
    from medbench.store.runs import RunFolder

    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """How runs are to be compared."""

    judge: str | None = None
    """The rater that counts."""
    against: str | None = None
    """The reference system; None for the first."""
    offline: bool = False
    """Whether verdicts are left aside: rules and metrics only."""
    force: bool = False
    """Whether to compare what cannot be, and say so."""
    margin: float | None = None
    """Largest difference that counts as none; None for that of the metric."""
    min_coverage: float = 0.95
    """Share of the cases that must be judged for both before there is a conclusion."""
    intervals: RateMethod = "wilson"
    """Of rates of grades."""
    tests: bool = True
    """Whether pairs are tested; without, only the rows are filled."""


def compare_runs(
    named: Sequence[RunFolder], parser: str | None = None, asked: Asked | None = None
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
    asked = asked or Asked()
    forced = check_one_benchmark(named, force=asked.force)
    notices = check_benchmark(named[0])
    beside = floors_beside(named)
    runs = [*named, *beside]
    only_floors = all(run.head.system.is_floor for run in named)
    rescored, summaries = fresh_summaries(named, beside, parser)
    forced += check_one_way(runs, summaries, force=asked.force)
    names = names_of(runs)
    cases = cases_of(runs)
    found = Found(
        cases=cases,
        sheets={name: sheet_of(run, cases) for name, run in zip(names, runs, strict=True)},
        wanted=wanted_by_run(names, runs, cases),
        imported=all(run.head.imported_from or run.head.system.is_floor for run in named),
    )
    rows = {
        name: row_of(name, run, summary, floor=run.head.system.is_floor and not only_floors)
        for name, run, summary in zip(names, runs, summaries, strict=True)
    }
    systems = reference_first([name for name, row in rows.items() if not row.floor], asked.against)
    floors = [name for name, row in rows.items() if row.floor]
    comparison = Comparison(
        benchmark=named[0].head.benchmark.name,
        benchmark_digest=named[0].head.benchmark.digest,
        cases=summaries[0].cases,
        parser=summaries[0].parser,
        signatures=summaries[0].signatures,
        systems=tuple(rows[name] for name in systems),
        floors=tuple(rows[name] for name in floors),
        pairs=tuple(
            _counted(a, b, found)
            for a, b in (*((systems[0], b) for b in systems[1:]), *((f, s) for s in systems for f in floors))
        ),
        rescored=rescored,
        example=next((cases.ids[p] for s in found.sheets.values() for p in np.flatnonzero(s.outputs)), None),
        notices=(*notices, *other_models(rows), *other_images(runs)),
        forced=forced,
        topics=len(np.unique(cases.topics)),
        resampling=f"{MOST_DRAWS:,} resamples and flips; for more than 2,000 topics fewer, at least "
        f"{FEWEST_DRAWS:,}; seed {SEED}",
        swap_mixed=summaries[0].swap_mixed,
    )
    if not asked.tests:
        return comparison
    # Loaded where it is wanted: a run ends with rows alone.
    from medbench.steps.cards import cards_of
    from medbench.steps.raters import grades_of
    from medbench.steps.tested import tested
    from medbench.steps.verdicts import moved_cases

    moved = moved_cases(runs)
    graded = {
        name: grades_of(run, found.sheets[name], summary.parser, moved)
        for name, run, summary in zip(names, runs, summaries, strict=True)
    }
    cards = cards_of([run for name, run in zip(names, runs, strict=True) if name in systems])
    return tested(comparison, found, graded, asked).model_copy(update={"cards": cards})


@dataclass(frozen=True, slots=True)
class Found:
    """What the runs have, by system."""

    cases: Cases
    sheets: dict[str, Sheet]
    wanted: dict[str, Bools]
    imported: bool
    """Whether all runs were made elsewhere."""


def _counted(a: str, b: str, found: Found) -> Pair:
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
