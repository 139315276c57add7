"""How many cases a difference takes: from assumptions, from runs, and never more than the source has."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run, verdict
from judged_world import judge, judged, mixed, run_of
from screens import printed

from medbench.config import Settings
from medbench.errors import UsageError
from medbench.report.plan import power_plan as screen
from medbench.schema.benchmark import Draw, Stratum
from medbench.schema.results.plan import PowerPlan
from medbench.stats.power import pairs_needed
from medbench.steps.judge.judges import Judge
from medbench.steps.plan.case_cost import CaseCost, JudgingCost, case_cost, judging_cost
from medbench.steps.plan.plan import Assumptions, assumptions_from, power_plan
from medbench.store.benchmark import HEAD, BenchmarkFolder
from medbench.store.jsonl import write_one


def _with_strata(bench: BenchmarkFolder, eligible: dict[str, int], drawn: int) -> BenchmarkFolder:
    strata = tuple(
        Stratum(stratum={"region": name}, eligible=n, drawn=drawn, short=0) for name, n in eligible.items()
    )
    write_one(bench.path / HEAD, bench.head.model_copy(update={"strata": strata}))
    return BenchmarkFolder(bench.path)


def test_assumptions_stand_for_runs() -> None:
    """Without runs and benchmark: the discordance assumed or given, its number of pairs, no end of cases."""
    plan = power_plan(0.10, Assumptions(), None)
    assert (plan.based_on, plan.discordance, plan.needed) == ("assumed", 0.30, pairs_needed(0.10, 0.30))
    assert (plan.eligible, plan.strata, plan.judge_replicates) == (None, (), 3)
    assert power_plan(0.10, Assumptions(discordance=0.2), None).needed == pairs_needed(0.10, 0.20)
    powers = [reach.power for reach in plan.reaches]
    assert powers == sorted(powers)
    needed = next(reach for reach in plan.reaches if reach.cases == plan.needed)
    assert needed.power >= 0.8
    assert needed.detects == pytest.approx(0.10, abs=0.001)


@pytest.mark.parametrize(
    ("draw", "options"),
    [
        ({}, "--per-stratum 13"),
        ({"available_only": True}, "--per-stratum 13 --available-only"),
        ({"by": ("region", "modality"), "seed": 7}, "--by region,modality --per-stratum 13 --seed 7"),
        ({"unit": "image", "keep": ("unanswerable",)}, "--unit image --per-stratum 13 --keep unanswerable"),
        ({"recipe": "report-2026-02", "nested": False}, None),
        ({"filters": {"split": ("test",)}}, None),
    ],
)
def test_a_larger_draw_is_the_one_at_hand_made_larger(
    bench: BenchmarkFolder, draw: dict[str, Any], options: str | None
) -> None:
    """Its line has the options of the draw, without which it would not contain these cases."""
    source = _with_strata(bench, {"Head": 100, "Thorax": 20, "Abdomen": 30}, drawn=2)
    made = Draw.model_validate({"by": ("region",), "seed": 1, "per_stratum": 2} | draw)
    medpix = source.head.dataset.model_copy(update={"name": "MedPix 2.0"})
    write_one(bench.path / HEAD, source.head.model_copy(update={"draw": made, "dataset": medpix}))
    few = Assumptions(discordance=0.3)
    assert power_plan(0.25, few, BenchmarkFolder(bench.path)).larger_draw == options
    assert power_plan(0.25, few, source).larger_draw is None, "another source"


def test_where_all_is_drawn_no_larger_draw_is_proposed(bench: BenchmarkFolder) -> None:
    """The source has no more than these cases."""
    all_there_are = {"Head": bench.head.cases - 2, "Thorax": 2}
    source = _with_strata(bench, all_there_are, drawn=2)
    medpix = source.head.dataset.model_copy(update={"name": "MedPix 2.0"})
    write_one(bench.path / HEAD, source.head.model_copy(update={"dataset": medpix}))
    assert power_plan(0.10, Assumptions(), BenchmarkFolder(bench.path)).larger_draw is None


@pytest.mark.parametrize("difference", [0.0, 1.5, -0.1])
def test_a_difference_must_be_possible(difference: float) -> None:
    """Nothing, less than nothing and more than all cases are refused, as is more than the discordance."""
    with pytest.raises(UsageError, match="cannot be"):
        power_plan(difference, Assumptions(), None)
    with pytest.raises(UsageError, match="with a discordance"):
        power_plan(0.2, Assumptions(discordance=0.1), None)


def test_no_more_is_proposed_than_the_source_has(bench: BenchmarkFolder) -> None:
    """Where the number is above what can be drawn all of it is the last row; strata fill up unevenly."""
    source = _with_strata(bench, {"Head": 100, "Thorax": 20, "Abdomen": 30}, drawn=2)
    plan = power_plan(0.10, Assumptions(), source)
    assert plan.needed is not None
    assert plan.eligible == 150 < plan.needed
    assert max(reach.cases for reach in plan.reaches) == 150
    assert plan.reaches[-1].all_there_are
    assert [cell.proposed for cell in plan.strata] == [100, 20, 30]
    small = power_plan(0.25, Assumptions(discordance=0.3), source)
    assert small.needed == pairs_needed(0.25, 0.3) == 38
    assert small.per_stratum == 13
    assert [cell.proposed for cell in small.strata] == [13, 13, 13]
    assert small.smallest_stratum == 2
    assert "By itself none of them detects even a difference of 30 points." in _screen(small)
    assert "By itself each of them detects: Head 16 points; Thorax nothing; Abdomen 27" in _screen(plan)


def test_runs_tell_discordance_prices_and_agreement(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """From two graded runs: their discordance with its interval, what was graded twice, no invented price."""
    bench = write_benchmark(tmp_path / "many", 40)
    again = [verdict(f"case-{n:03d}", "g" if n < 9 else "o", "judge-2") for n in range(40)]
    runs = [
        graded_run(tmp_path / "runs/many/a", bench, "g" * 8 + "o" * 32, more=again),
        graded_run(tmp_path / "runs/many/b", bench, "o" * 8 + "g" * 12 + "o" * 20),
    ]
    assumed = assumptions_from(runs, "judge-1", Assumptions(), Settings())
    assert (assumed.pairs, assumed.systems, assumed.done) == (40, ("a", "b"), 40)
    assert assumed.discordance == pytest.approx(0.5)
    assert assumed.base_rate == pytest.approx(0.25)
    assert assumed.agreement == pytest.approx(39 / 40)
    plan = power_plan(0.10, assumed, bench)
    assert plan.needed_range is not None
    low, high = plan.needed_range
    assert low is not None
    assert high is not None
    assert plan.needed is not None
    assert low < plan.needed < high
    assert plan.judge_replicates == 1
    given = assumptions_from(runs, "judge-1", Assumptions(discordance=0.3, base_rate=0.4), Settings())
    assert (given.discordance, given.base_rate, given.pairs) == (0.3, 0.4, 0)


def test_of_several_pairs_the_one_with_most_cases_tells(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """A short trial that comes first by name does not decide what a discordance is."""
    bench = write_benchmark(tmp_path / "many", 40)
    runs = [
        graded_run(tmp_path / "runs/many/a", bench, "g" * 40),
        graded_run(tmp_path / "runs/many/b", bench, "o" * 4 + "-" * 36),
        graded_run(tmp_path / "runs/many/c", bench, "o" * 10 + "g" * 30),
    ]
    assumed = assumptions_from(runs, "judge-1", Assumptions(), Settings())
    assert (assumed.systems, assumed.pairs, assumed.discordance) == (("a", "c"), 40, 0.25)


def test_two_systems_of_one_name_have_their_costs(many: BenchmarkFolder, tmp_path: Path) -> None:
    """By the names that the comparison gives them: their folders."""
    runs = [
        graded_run(tmp_path / site / "a", many, letters * 20) for site, letters in (("x", "gp"), ("y", "og"))
    ]
    assumed = assumptions_from(runs, "judge-1", Assumptions(), Settings())
    assert [cost.system for cost in assumed.costs] == list(assumed.systems) == [str(run.path) for run in runs]


def test_what_is_not_known_costs_no_invented_sum(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A run that was never scored has no price; where one price is unknown, so is the sum of both."""
    run = graded_run(tmp_path / "runs/bench/a", bench, "gggggg")
    assert case_cost(run, "a") == CaseCost("a", None, None)
    known = Assumptions(costs=(CaseCost("a", 0.01, 10.0), CaseCost("b", 0.02, 20.0)), done=0)
    plan = power_plan(0.5, known, None)
    first = plan.reaches[0]
    assert first.usd == pytest.approx(first.cases * 0.03)
    assert first.hours == pytest.approx(first.cases * 30 / 3600 / 4)
    assert first.new_calls == 2 * first.cases
    half = Assumptions(costs=(CaseCost("a", 0.01, None), CaseCost("b", None, None)))
    assert {(reach.usd, reach.hours) for reach in power_plan(0.5, half, None).reaches} == {(None, None)}


FILE = {"input_tokens": 1000, "output_tokens": 100, "source": "a trial"}
PRICED: dict[str, Any] = {"price": {"input": 1.0, "output": 10.0}, "expect_verdict": FILE}
"""A judge of $0.002 a question."""


def _judging(*judges: Judge, canaries: int = 0) -> JudgingCost:
    parts = tuple((one, one.model.expect_verdict, canaries) for one in judges)
    return JudgingCost("the/rater", parts)


def test_judging_is_in_the_sum_or_said_to_be_missing() -> None:
    """A verdict an output and the missing canaries; without a judge, or a price, the screen says so."""
    costs = (CaseCost("a", 0.01, 1.0), CaseCost("b", 0.02, 1.0))
    judging = _judging(judge(**PRICED), canaries=5)
    whole = power_plan(0.25, Assumptions(costs=costs, systems=("a", "b"), judging=judging, done=1), None)
    assert whole.judging_paid
    cases = whole.reaches[0].cases - 1
    assert whole.reaches[0].usd == pytest.approx(cases * 0.03 + (2 * cases + 5) * 0.002)
    assert "judging by the/rater with its listings and canaries (a trial)" in _screen(whole)
    for missing in (None, _judging(judge(expect_verdict=FILE))):
        part = power_plan(0.25, Assumptions(costs=costs, systems=("a", "b"), judging=missing), None)
        assert not part.judging_paid
        assert part.reaches[0].usd == pytest.approx(part.reaches[0].cases * 0.03)
        assert "without judging: no judge whose price is known" in _screen(part)


def test_a_panel_is_paid_for_judge_by_judge_and_lists_once() -> None:
    """Each judge grades every output; the findings of a new case are listed by the first of them alone."""
    two = _judging(judge(rubric="matched-1", **PRICED), judge("other", rubric="matched-1", **PRICED))
    assert two.usd(systems=3, cases=10) == pytest.approx((2 * 30 + 10) * 0.002)
    assert two.usd(systems=3, cases=0) == 0.0
    unknown = _judging(judge(**PRICED), judge("other", expect_verdict=FILE))
    assert unknown.usd(systems=3, cases=10) is None, "half a sum is none"


@pytest.mark.usefixtures("planted_judge")
def test_the_judge_of_the_runs_is_found_by_its_name(world: BenchmarkFolder, tmp_path: Path) -> None:
    """Its model is looked up, and the canaries that it was asked about are not paid for again."""
    runs = [run_of(world, tmp_path / "runs", name, mixed) for name in ("one", "two")]
    grader = judge("planted", **PRICED)
    judged(*runs, judges=(grader,), canaries=30)
    own = Settings(models={"planted": {"provider": "planted:Planted", "id": "planted", **PRICED}})
    assumed = assumptions_from(runs, None, Assumptions(), own)
    assert assumed.judging is not None
    ((found, expect, canaries),) = assumed.judging.judges
    assert (found.rater, found.digest) == (grader.rater, grader.digest)
    assert (expect.source, canaries) == ("a trial", 10)
    assert judging_cost(grader.rater, runs, Settings()) is None, "its model is not at hand"
    assert judging_cost("rules", runs, own) is judging_cost(None, runs, own) is None
    assert judging_cost("reviewer:Ada", runs, own) is None


def test_no_row_promises_what_the_discordance_forbids(medbench: Callable[..., Any]) -> None:
    """With a discordance of .1 no number of cases detects 20 points: the row says none, a line why."""
    said = medbench("plan", "--difference", "5", "--discordance", "0.1")
    assert said.code == 0
    row = next(line.split() for line in said.out.splitlines() if line.split()[:1] == ["50"])
    assert row[1] == "none"
    assert "none: a difference cannot be larger than the discordance" in said.out
    assert "none:" not in medbench("plan", "--difference", "5", "--discordance", "0.9").out


def _screen(plan: PowerPlan) -> str:
    return " ".join(printed(*screen(plan)).split())


def test_plan_as_it_is_typed(bench: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """Nothing run yet, a benchmark named, and the numbers for machines; a wrong difference is two lines."""
    said = medbench("plan", "--difference", "10", "--discordance", "0.37")
    assert said.code == 0
    assert "No two systems are graded" in said.out
    assert "A difference of 10 points takes 305 cases" in said.out
    said = medbench("plan", "--benchmark", "bench", "--json")
    assert json.loads(said.out)["eligible"] == 6
    assert medbench("plan", "--benchmark", "bench").code == 0
    said = medbench("plan", "--difference", "0")
    assert said.code == 2
    assert "Try:" in said.err
