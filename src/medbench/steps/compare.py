"""The step `compare`: runs of one benchmark side by side; what is stale is scored again first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from medbench.registry import scorers
from medbench.schema.comparison import Comparison, Pair
from medbench.schema.comparison import Omnibus as OmnibusRecord
from medbench.stats.bootstrap import FEWEST_DRAWS, MOST_DRAWS, SEED
from medbench.stats.omnibus import omnibus
from medbench.steps.cards import cards_of
from medbench.steps.compared import (
    names_of,
    other_images,
    other_models,
    reference_first,
    row_of,
    wanted_by_run,
)
from medbench.steps.conclude import Terms, concluded
from medbench.steps.fresh import (
    check_benchmark,
    check_one_benchmark,
    check_one_way,
    floors_beside,
    fresh_summaries,
)
from medbench.steps.judged import graded_row, judgings
from medbench.steps.pairing import Side, adjusted, graded_pair, metric_differences
from medbench.steps.parts import stratum_tables
from medbench.steps.raters import RULES, RaterChoice, grades_of, headline_rater, reviewed
from medbench.steps.rescore import rates
from medbench.steps.sheet import cases_of, sheet_of
from medbench.steps.verdicts import moved_cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from medbench.stats.intervals import RateMethod
    from medbench.steps.raters import Grades
    from medbench.steps.sheet import Cases, Sheet
    from medbench.store.runs import RunFolder

    Bools = NDArray[np.bool_]

PRIMARY = ("finding.f1", "rouge_l.f1")
"""What a conclusion is about where nothing is graded: the first that both systems have."""


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
    found = _Found(
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
    moved = moved_cases(runs)
    graded = {
        name: grades_of(run, found.sheets[name], summary.parser, moved)
        for name, run, summary in zip(names, runs, summaries, strict=True)
    }
    cards = cards_of([run for name, run in zip(names, runs, strict=True) if name in systems])
    return _tested(comparison, found, graded, asked).model_copy(update={"cards": cards})


@dataclass(frozen=True, slots=True)
class _Found:
    """What the runs have, by system."""

    cases: Cases
    sheets: dict[str, Sheet]
    wanted: dict[str, Bools]
    imported: bool
    """Whether all runs were made elsewhere."""


def _tested(
    comparison: Comparison, found: _Found, graded: Mapping[str, dict[str, Grades]], asked: Asked
) -> Comparison:
    systems = [row.name for row in comparison.systems]
    choice = RaterChoice(asked.judge, asked.offline, asked.force, take_first=found.imported)
    heads = headline_rater({name: graded[name] for name in systems}, choice)
    counting = {
        name: graded[name].get(heads.get(name, next(iter(heads.values()), ""))) for name in found.sheets
    }
    sides = {
        name: Side(name, sheet, counting[name], None if asked.offline else reviewed(graded[name]))
        for name, sheet in found.sheets.items()
    }
    pairs = [
        _paired(pair, sides, found) if pair.a in systems or not _many_floors(comparison) else pair
        for pair in comparison.pairs
    ]
    metric = _primary([sides[name] for name in systems])
    overall = _omnibus([sides[name] for name in systems], metric) if len(systems) > 2 else None
    among = [pair for pair in pairs if pair.a in systems]
    wanted = [int((found.wanted[pair.a] & found.wanted[pair.b]).sum()) for pair in among]
    deviations = [_deviation(sides[pair.a], sides[pair.b], metric) for pair in among]
    terms = Terms(margin=asked.margin, min_coverage=asked.min_coverage, omnibus=overall)
    pairs = [
        *concluded(metric, among, wanted, deviations, terms),
        *(pair for pair in pairs if pair.a not in systems),
    ]
    rows = {
        row.name: row.model_copy(
            update={
                "graded": graded_row(sides[row.name], row.wanted, found.wanted[row.name], asked.intervals)
            }
        )
        for row in (*comparison.systems, *comparison.floors)
    }
    raters = set(heads.values())
    forced = comparison.forced
    if len(raters) > 1:
        forced += (
            "the systems were graded by different raters: "
            + ", ".join(f"{s} by {r}" for s, r in heads.items()),
        )
    return comparison.model_copy(
        update={
            "systems": tuple(rows[row.name] for row in comparison.systems),
            "floors": tuple(rows[row.name] for row in comparison.floors),
            "pairs": tuple(pairs),
            "omnibus": overall,
            "strata": tuple(
                table
                for pair in pairs
                if pair.a in systems
                for table in stratum_tables(sides[pair.a], sides[pair.b], metric)
            ),
            "judgings": judgings({name: graded[name] for name in systems}, found.cases),
            "notices": (*comparison.notices, *_first_judging(raters, {n: graded[n] for n in systems}, asked)),
            "rater": raters.pop() if len(raters) == 1 else None,
            "forced": forced,
        }
    )


def _first_judging(
    raters: set[str], graded: Mapping[str, Mapping[str, Grades]], asked: Asked
) -> Iterator[str]:
    """That other judges graded too, where one of them was taken without being named."""
    judges = {rater for of_run in graded.values() for rater, one in of_run.items() if one.kind == "judge"}
    if asked.judge is None and not asked.offline and judges and raters == {RULES}:
        missing = ", ".join(name for name, of_run in graded.items() if not judges & of_run.keys())
        yield f"the rules count: {', '.join(sorted(judges))} did not grade {missing} (medbench judge)."
    if asked.judge is None and len(raters & judges) == 1 and len(judges) > 1:
        others = ", ".join(sorted(judges - raters))
        yield f"{min(raters)} counts, the first to grade these runs; --judge for the others: {others}."


def _many_floors(comparison: Comparison) -> bool:
    """Whether pairs with floors are too many to be looked at: then only their counts are given."""
    return len(comparison.floors) * len(comparison.systems) > 8


def _counted(a: str, b: str, found: _Found) -> Pair:
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


def _paired(pair: Pair, sides: Mapping[str, Side], found: _Found) -> Pair:
    a, b = sides[pair.a], sides[pair.b]
    metrics = metric_differences(a, b, rates(scorers().values()))
    graded = graded_pair(a, b, found.wanted[pair.a] & found.wanted[pair.b])
    holm_of = adjusted(metrics, graded)
    if graded:
        update: dict[str, Any] = {
            name: getattr(graded, name).model_copy(update={"p_holm": holm_of[name]})
            for name in ("good", "key_finding")
            if name in holm_of
        }
        graded = graded.model_copy(update=update)
    metrics = {
        name: one.model_copy(update={"p_holm": holm_of[name]}) if name in holm_of else one
        for name, one in metrics.items()
    }
    return pair.model_copy(update={"metrics": metrics, "graded": graded})


def _primary(sides: Sequence[Side]) -> str:
    if sides and all(side.grades is not None for side in sides):
        return "good"
    for metric in PRIMARY:
        if all(metric in side.sheet.sums for side in sides):
            return metric
    return PRIMARY[-1]


def _omnibus(sides: Sequence[Side], metric: str) -> OmnibusRecord | None:
    columns = [side.column(metric) for side in sides]
    cases = sides[0].sheet.cases
    tested = omnibus(np.column_stack(columns), cases.topics)
    if tested is None:
        return None
    return OmnibusRecord(metric=metric, statistic=tested.statistic, p=tested.p, n=tested.n)


def _deviation(a: Side, b: Side, metric: str) -> float | None:
    """Standard deviation of the difference within cases; None for grades, and for fewer than two cases."""
    differences = b.column(metric) - a.column(metric)
    there = differences[~np.isnan(differences)]
    return float(there.std(ddof=1)) if metric != "good" and len(there) > 1 else None
