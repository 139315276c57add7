"""A pair in parts: a cell's numbers follow from its own cases, whatever other pairs and parts lack."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from columns import cases, side

from medbench.schema.results.comparison import StratumTable
from medbench.schema.score import Interval, Score
from medbench.stats.bootstrap import MOST_DRAWS, PART_DRAWS, bca
from medbench.steps.compare.pairs import PairSide
from medbench.steps.compare.strata import stratum_tables
from medbench.steps.rescore.tally import Tally

METRIC = "finding.f1"
N = 60

pytestmark = pytest.mark.usefixtures("all_draws")


def _systems(gaps: dict[str, set[int]], regions: list[str]) -> dict[str, PairSide]:
    """Systems with a score of every case but those that they lack."""
    random, of = np.random.default_rng(7), cases(N, region=regions)
    made = {}
    for name, lacked in gaps.items():
        scores = [float(score) for score in random.beta(1, 2, N)]
        known = [None if case in lacked else score for case, score in enumerate(scores)]
        made[name] = replace(side(of=of, finding__f1=known), name=name)
    return made


def _tables(systems: dict[str, PairSide]) -> dict[tuple[str, str], StratumTable]:
    pairs = [(systems[a], systems[b]) for a, b in combinations(systems, 2)]
    return {(table.a, table.b): table for table in stratum_tables(pairs, METRIC)}


def _alone(own: PairSide, other: PairSide, region: str) -> Interval | None:
    """The interval of one system over the cases that a pair has in a region, from its definition."""
    values, others = own.column(METRIC), other.column(METRIC)
    inside = np.array([name == region for name in own.table.cases.strata["region"]]) & ~np.isnan(others)
    known = values[inside & ~np.isnan(values)]
    draws = MOST_DRAWS if len(known) == (~np.isnan(values)).sum() else PART_DRAWS
    parts = np.column_stack([known, np.ones(len(known))])
    return bca(parts, lambda sums: sums[:, :1] / sums[:, 1:], draws=draws)[0]


@pytest.mark.parametrize("regions", [["Head"] * N, ["Head"] * 40 + ["Chest"] * 20], ids=["one", "two"])
@pytest.mark.parametrize(
    "gaps",
    [
        {"a": set(), "b": set(), "c": set()},
        {"a": set(), "b": set(), "c": {3}},
        {"a": {1}, "b": {1}, "c": {59}},
        {"a": set(), "b": set(), "c": set(range(40, 60))},
        {"a": set(range(40)), "b": set(), "c": set(range(40, 60))},
    ],
)
def test_a_cell_depends_on_no_other(gaps: dict[str, set[int]], regions: list[str]) -> None:
    """Its interval is that of its own values, and that of the pair by itself."""
    systems = _systems(gaps, regions)
    for (a, b), table in _tables(systems).items():
        assert table == _tables({a: systems[a], b: systems[b]})[a, b]
        for part in table.parts:
            assert part.a.interval == _alone(systems[a], systems[b], part.value)
            assert part.b.interval == _alone(systems[b], systems[a], part.value)


def test_a_part_has_the_interval_that_its_summary_has() -> None:
    """A part that holds every value of a metric, and not every output, has that of the whole run."""
    regions = ["Head"] * 40 + ["Chest"] * 20
    systems = _systems({"a": set(range(40, 60)), "b": set(range(30, 60))}, regions)
    for own, other in (("a", "a"), ("b", "b"), ("b", "a")):
        strata = {region: {"region": region} for region in regions}
        tally = Tally([(strata[region], 1) for region in regions], [METRIC])
        values = systems[own].column(METRIC)
        for number, (region, value) in enumerate(zip(regions, values.tolist(), strict=True)):
            scores = {METRIC: None if np.isnan(value) else value}
            score = Score(parser="x", case_id=f"c{number}", replicate=0, scores=scores, strata=strata[region])
            tally.add(score, strata[region], number)
        summed = tally.sums()
        shown = summed["by"]["region"]["Head"].metrics[METRIC].interval
        assert shown == summed["everything"].metrics[METRIC].interval
        pair = replace(systems[own], name="x"), replace(systems[other], name="y")
        (part,) = (part for table in stratum_tables([pair], METRIC) for part in table.parts)
        assert part.a.interval == shown


@pytest.mark.parametrize("names", [("m.few", "m.many"), ("n.few", "m.many")])
def test_metrics_that_are_alike_in_a_part_alone_have_each_its_own_interval(names: tuple[str, str]) -> None:
    """One has no value outside of the part, and so the interval of the whole run, whichever comes first."""
    few, many = names
    draw = np.random.default_rng(3)
    tally = Tally([({"region": "Head" if n < N // 2 else "Chest"}, 1) for n in range(N)], [few, many])
    for number in range(N):
        head, value = number < N // 2, float(draw.random())
        strata = {"region": "Head" if head else "Chest"}
        scores = {few: value if head else None, many: value}
        tally.add(Score(parser="x", case_id=f"c{number}", scores=scores, strata=strata), strata, number)
    summed = tally.sums()
    whole, part = summed["everything"].metrics, summed["by"]["region"]["Head"].metrics
    assert part[few].interval == whole[few].interval
    assert part[many].interval not in (whole[many].interval, whole[few].interval)
