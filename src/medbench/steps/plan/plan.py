"""The step `plan`: how many cases a difference takes, from runs at hand or from assumptions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medbench.datasets.medpix import NAME as MEDPIX
from medbench.errors import UsageError
from medbench.schema.results.plan import PowerPlan, Reach, StratumReach
from medbench.sentences import counted, rounded
from medbench.stats.intervals import wilson
from medbench.stats.power import (
    USUAL_DISCORDANCE,
    USUAL_RATE,
    detectable,
    gradings_needed,
    half_width,
    mcnemar_power,
    pairs_needed,
    pairs_needed_range,
    reviews_needed,
)
from medbench.steps.compare.compare import compare_runs
from medbench.steps.compare.inputs import CompareOptions
from medbench.steps.plan.case_cost import CaseCost, JudgingCost, case_cost, judging_cost
from medbench.steps.reading.grades import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.config import Settings
    from medbench.schema.benchmark import Benchmark, Stratum
    from medbench.schema.results.comparison import Comparison, Pair
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder

AGREEMENT = 0.864
"""Assumed of two gradings: flips of 13.6 % on average (arXiv 2606.13685)."""
CORRELATION = 0.70
"""Assumed of people and judge: about the kappa of two radiologists on good or not."""
AT_A_TIME = 4
"""Calls in flight that the hours rest on."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Rates and spreads of the systems, assumed beforehand or taken from runs."""

    discordance: float | None = None
    base_rate: float | None = None
    pairs: int = 0
    """Pairs that the discordance was counted in; 0 where it is assumed."""
    design_effect: float = 1.0
    agreement: float | None = None
    """Share of outputs on which two gradings agree about good."""
    words: str = ""
    """Where the numbers come from."""
    systems: tuple[str, ...] = ()
    costs: tuple[CaseCost, ...] = ()
    judging: JudgingCost | None = None
    done: int = 0
    """Cases that are run already."""


def assumptions_from(
    runs: Sequence[RunFolder], judge: str | None, given: Assumptions, settings: Settings
) -> Assumptions:
    """Return what runs tell of two systems; what was given by hand is kept.

    Raises:
        UsageError: Several judges graded them and none is named.
    """
    comparison, pair = _graded_pair(runs, judge)
    if pair is None and judge is None and all("rules.good" in row.metrics for row in comparison.systems):
        comparison, pair = _graded_pair(runs, RULES)
    names = {row.path: row.name for row in comparison.systems}
    costs = tuple(
        case_cost(run, names.get(str(run.path), run.name)) for run in runs if not run.head.system.is_floor
    )
    if pair is None or pair.graded is None:
        return replace(given, costs=costs)
    graded = pair.graded
    rates = [
        row.graded.good.mean for row in comparison.systems if row.graded and row.graded.good.mean is not None
    ]
    folder = comparison.systems[0].path.rpartition("/")[0]
    by_hand = given.discordance is not None
    clusters = graded.good.interval.clusters if graded.good.interval else graded.n
    groups = f" (n {graded.n:,} / {counted(clusters, 'group')})" * (clusters != graded.n)
    return Assumptions(
        discordance=given.discordance if by_hand else graded.discordance,
        base_rate=given.base_rate if given.base_rate is not None else sum(rates) / len(rates),
        pairs=0 if by_hand else graded.n,
        design_effect=graded.design_effect,
        agreement=_agreement(comparison),
        words=f"{folder}: {counted(graded.n, 'pair')}{groups}, {pair.a} and {pair.b} disagree on "
        f"{rounded(graded.discordance, times=2)} % of them{' by rules' * (comparison.rater == RULES)}",
        systems=(pair.a, pair.b),
        costs=tuple(cost for cost in costs if cost.system in {pair.a, pair.b}),
        judging=judging_cost(comparison.rater, runs, settings),
        done=pair.both,
    )


def _graded_pair(runs: Sequence[RunFolder], judge: str | None) -> tuple[Comparison, Pair | None]:
    """Return the runs compared, and the pair of systems with most cases graded for both."""
    comparison = compare_runs(runs, None, CompareOptions(judge=judge, min_coverage=0))
    graded = [pair for pair in comparison.pairs if pair.graded and pair.conclusion]
    return comparison, max(graded, key=lambda pair: pair.graded.n if pair.graded else 0, default=None)


def _agreement(comparison: Comparison) -> float | None:
    """Return how often two gradings agree about good, where something was graded twice."""
    judgings = [one for one in comparison.judgings if RULES not in {one.a, one.b}]
    if not judgings:
        return None
    largest = max(judgings, key=lambda one: one.n)
    alike = sum(
        number
        for first, others in largest.table.items()
        for second, number in others.items()
        if (first == "good") == (second == "good")
    )
    return alike / largest.n


def power_plan(difference: float, assumed: Assumptions, benchmark: BenchmarkFolder | None) -> PowerPlan:
    """Return how many cases a difference takes.

    Args:
        difference: A share, above 0 and at most 1.
        assumed: What is known of the systems.
        benchmark: The benchmark whose source the cases come from.

    Raises:
        UsageError: The difference is above the discordance that was given, or not between 0 and 1.
    """
    discordance = _discordance(difference, assumed)
    rate = USUAL_RATE if assumed.base_rate is None else assumed.base_rate
    needed = _needed(difference, discordance, assumed.design_effect)
    strata = benchmark.head.strata if benchmark else ()
    eligible = (sum(cell.eligible for cell in strata) or benchmark.head.cases) if benchmark else None
    drawn = benchmark.head.cases if benchmark else None
    target = min(needed or 10**9, eligible or needed or 10**9)
    per_stratum = _per_stratum([cell.eligible for cell in strata], target) if strata else None
    ends, needed_range = _ranges(difference, assumed)
    return PowerPlan(
        based_on=assumed.words or "assumed",
        difference=difference,
        discordance=discordance,
        discordance_range=ends,
        base_rate=rate,
        design_effect=assumed.design_effect,
        eligible=eligible,
        drawn=drawn,
        needed=needed,
        needed_range=needed_range,
        reaches=tuple(
            _reach(cases, difference, discordance, rate, assumed, all_there_are=cases == eligible)
            for cases in _sizes(drawn, needed, eligible)
        ),
        strata=_strata(strata, per_stratum, discordance, assumed.design_effect),
        per_stratum=per_stratum,
        smallest_stratum=min((cell.drawn for cell in strata if cell.drawn), default=None),
        judge_agreement=assumed.agreement,
        judge_replicates=gradings_needed(AGREEMENT if assumed.agreement is None else assumed.agreement),
        reviewed=reviews_needed(rate, CORRELATION, target) if target < 10**6 else None,
        benchmark=benchmark.head.name if benchmark else None,
        larger_draw=_larger_draw(benchmark.head, per_stratum) if benchmark and per_stratum else None,
        systems=assumed.systems,
        judging_paid=_judging_usd(assumed, 1) is not None,
        judge=assumed.judging.rater if assumed.judging else None,
        judging_source=assumed.judging.source if assumed.judging else "",
    )


def _discordance(difference: float, assumed: Assumptions) -> float:
    if not 0 < difference <= 1:
        raise UsageError(f"a difference of '{100 * difference:g}' points cannot be.", "--difference 10")
    discordance = USUAL_DISCORDANCE if assumed.discordance is None else assumed.discordance
    if difference > discordance and assumed.discordance is not None and not assumed.pairs:
        raise UsageError(
            f"a difference of {100 * difference:g} points with a discordance of {discordance:g} cannot be.",
            f"--discordance {difference:g} or more",
        )
    return max(discordance, difference)


def _needed(difference: float, discordance: float, design_effect: float) -> int | None:
    pairs = pairs_needed(difference, discordance)
    return None if pairs is None else math.ceil(pairs * design_effect)


def _ranges(
    difference: float, assumed: Assumptions
) -> tuple[tuple[float, float] | None, tuple[int | None, int | None] | None]:
    """Return the interval of the discordance, and the cases needed at its ends; None where it is assumed."""
    if not assumed.pairs or assumed.discordance is None:
        return None, None
    size = assumed.pairs / assumed.design_effect
    needed = pairs_needed_range(difference, assumed.discordance, assumed.pairs, assumed.design_effect)
    return wilson(assumed.discordance * size, size), needed


def _sizes(drawn: int | None, needed: int | None, eligible: int | None) -> list[int]:
    sizes = {50, 100, 200, 400} | ({drawn} if drawn else set()) | ({needed} if needed else set())
    if eligible is None:
        return sorted(sizes)
    return sorted(size for size in sizes | {eligible} if size <= eligible)


def _reach(  # noqa: PLR0913 - one row of the table
    cases: int,
    difference: float,
    discordance: float,
    rate: float,
    assumed: Assumptions,
    *,
    all_there_are: bool,
) -> Reach:
    pairs = math.floor(cases / assumed.design_effect)
    more = max(0, cases - assumed.done)
    known = [cost.usd for cost in assumed.costs if cost.usd is not None]
    timed = [cost.seconds for cost in assumed.costs if cost.seconds is not None]
    complete = bool(known) and len(known) == len(assumed.costs)
    return Reach(
        cases=cases,
        detects=detectable(pairs, discordance),
        power=mcnemar_power(pairs, difference, discordance),
        half_width=half_width(rate, cases / assumed.design_effect),
        new_calls=more * max(len(assumed.costs), 2),
        usd=more * sum(known) + (_judging_usd(assumed, more) or 0.0) if complete else None,
        hours=more * sum(timed) / 3600 / AT_A_TIME if timed else None,
        all_there_are=all_there_are,
    )


def _judging_usd(assumed: Assumptions, cases: int) -> float | None:
    return assumed.judging.usd(len(assumed.costs), cases) if assumed.judging else None


def _per_stratum(eligible: Sequence[int], wanted: int) -> int:
    """Return the fewest of each stratum that make up the cases wanted, or all there are."""
    most = max(eligible)
    return next((n for n in range(1, most) if sum(min(n, cell) for cell in eligible) >= wanted), most)


def _larger_draw(head: Benchmark, per_stratum: int) -> str | None:
    """Return the options of a draw of MedPix that holds this one and more; None where there is none."""
    draw = head.draw
    more = sum(min(per_stratum, cell.eligible) for cell in head.strata) > head.cases
    if head.dataset.name != MEDPIX or draw.recipe or draw.filters or not draw.nested or not more:
        return None
    given = {"--unit": draw.unit, "--by": ",".join(draw.by), "--per-stratum": f"{per_stratum}"}
    given |= {"--seed": f"{draw.seed}", "--keep": ",".join(draw.keep)}
    usual = {"--unit": "case", "--by": "region", "--seed": "1", "--keep": ""}
    words = [
        word for option, value in given.items() if value != usual.get(option) for word in (option, value)
    ]
    return " ".join([*words, *["--available-only"] * draw.available_only])


def _strata(
    strata: Sequence[Stratum], per_stratum: int | None, discordance: float, design_effect: float
) -> tuple[StratumReach, ...]:
    if per_stratum is None:
        return ()
    return tuple(
        StratumReach(
            value=" ".join(cell.stratum.values()),
            eligible=cell.eligible,
            proposed=min(per_stratum, cell.eligible),
            detects=detectable(math.floor(min(per_stratum, cell.eligible) / design_effect), discordance),
        )
        for cell in strata
    )
