"""The step `plan`: how many cases a difference takes, from runs at hand or from assumptions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.schema.results.plan import PowerPlan, Reach, StratumReach
from medbench.sentences import counted
from medbench.stats.intervals import wilson
from medbench.stats.power import (
    USUAL_DISCORDANCE,
    USUAL_RATE,
    detectable,
    gradings_needed,
    half_width,
    mcnemar_power,
    pairs_needed,
    reviews_needed,
)
from medbench.steps.compare.compare import compare_runs
from medbench.steps.compare.inputs import CompareOptions
from medbench.steps.plan.case_cost import Price, price_of
from medbench.steps.reading.grades import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.benchmark import Stratum
    from medbench.schema.results.comparison import Comparison
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder

AGREEMENT = 0.864
"""Assumed of two gradings: flips of 13.6 % on average (arXiv 2606.13685)."""
CORRELATION = 0.70
"""Assumed of people and judge: about the kappa of two radiologists on good or not."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is known of the systems before, or from, runs."""

    discordance: float | None = None
    base_rate: float | None = None
    pairs: int = 0
    """Pairs that the discordance was counted in; 0 where it is assumed."""
    design_effect: float = 1.0
    agreement: float | None = None
    words: str = ""
    systems: tuple[str, ...] = ()
    prices: tuple[Price, ...] = ()
    done: int = 0
    """Cases that are run already."""


def assumed_from(runs: Sequence[RunFolder], judge: str | None, given: Assumed) -> Assumed:
    """What runs tell of two systems; what was given by hand is kept.

    Raises:
        UsageError: Several judges graded them and none is named.
    """
    comparison = compare_runs(runs, None, CompareOptions(judge=judge, min_coverage=0))
    pair = next((one for one in comparison.pairs if one.graded and one.conclusion), None)
    prices = tuple(price_of(run) for run in runs if not run.head.system.is_floor)
    if pair is None or pair.graded is None:
        return replace(given, prices=prices)
    graded = pair.graded
    discordant = graded.good.higher + graded.good.lower
    rates = [
        row.graded.good.mean for row in comparison.systems if row.graded and row.graded.good.mean is not None
    ]
    folder = comparison.systems[0].path.rpartition("/")[0]
    by_hand = given.discordance is not None
    return Assumed(
        discordance=given.discordance if by_hand else discordant / graded.n,
        base_rate=given.base_rate if given.base_rate is not None else sum(rates) / len(rates),
        pairs=0 if by_hand else graded.n,
        design_effect=graded.design_effect,
        agreement=_agreement(comparison),
        words=f"{folder}: {counted(graded.n, 'pair')}, {pair.a} and {pair.b} disagree on "
        f"{100 * discordant / graded.n:.0f} % of them",
        systems=(pair.a, pair.b),
        prices=tuple(price for price in prices if price.system in {pair.a, pair.b}),
        done=pair.both,
    )


def _agreement(comparison: Comparison) -> float | None:
    """Of two gradings about good, where something was graded twice."""
    judgings = [one for one in comparison.judgings if RULES not in {one.a, one.b}]
    if not judgings:
        return None
    found = max(judgings, key=lambda one: one.n)
    flipped = sum("good" in {one, other} for _, _, one, other in found.flips)
    return 1 - flipped / found.n


def power_plan(difference: float, assumed: Assumed, benchmark: BenchmarkFolder | None) -> PowerPlan:
    """How many cases a difference takes.

    Args:
        difference: A share, above 0 and at most 1.
        assumed: What is known of the systems.
        benchmark: Whose source the cases come from.

    Raises:
        UsageError: The difference is above the discordance that was given, or not between 0 and 1.
    """
    if not 0 < difference <= 1:
        raise UsageError(f"a difference of '{100 * difference:g}' points cannot be.", "--difference 10")
    discordance = USUAL_DISCORDANCE if assumed.discordance is None else assumed.discordance
    if difference > discordance and assumed.discordance is not None and not assumed.pairs:
        raise UsageError(
            f"a difference of {100 * difference:g} points with a discordance of {discordance:g} cannot be.",
            f"--discordance {difference:g} or more",
        )
    discordance = max(discordance, difference)
    rate = USUAL_RATE if assumed.base_rate is None else assumed.base_rate
    ends = (
        wilson(assumed.discordance * assumed.pairs, assumed.pairs)
        if assumed.pairs and assumed.discordance is not None
        else None
    )
    needed = _needed(difference, discordance, assumed.design_effect)
    strata = benchmark.head.strata if benchmark else ()
    eligible = (sum(cell.eligible for cell in strata) or benchmark.head.cases) if benchmark else None
    drawn = benchmark.head.cases if benchmark else None
    target = min(needed or 10**9, eligible or needed or 10**9)
    per_stratum = _per_stratum([cell.eligible for cell in strata], target) if strata else None
    agreement = assumed.agreement
    judged = min(target, eligible or target)
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
        needed_range=(
            _needed(difference, max(ends[0], difference), assumed.design_effect),
            _needed(difference, max(ends[1], difference), assumed.design_effect),
        )
        if ends
        else None,
        reaches=tuple(
            _reach(cases, difference, discordance, rate, assumed, all_there_are=cases == eligible)
            for cases in _sizes(drawn, needed, eligible)
        ),
        strata=_strata(strata, per_stratum, discordance, assumed.design_effect),
        per_stratum=per_stratum,
        smallest_stratum=min((cell.drawn for cell in strata if cell.drawn), default=None),
        judge_agreement=agreement,
        judge_replicates=gradings_needed(AGREEMENT if agreement is None else agreement),
        reviewed=reviews_needed(rate, CORRELATION, judged) if judged < 10**6 else None,
        benchmark=benchmark.head.name if benchmark else None,
        systems=assumed.systems,
        judging_paid=_judged(assumed),
    )


def _judged(assumed: Assumed) -> bool:
    """Whether it is known of each system what judging one of its cases costs."""
    return bool(assumed.prices) and all(price.judging_usd is not None for price in assumed.prices)


def _needed(difference: float, discordance: float, design_effect: float) -> int | None:
    pairs = pairs_needed(difference, discordance)
    return None if pairs is None else math.ceil(pairs * design_effect)


def _sizes(drawn: int | None, needed: int | None, eligible: int | None) -> list[int]:
    sizes = {50, 100, 200, 400} | ({drawn} if drawn else set()) | ({needed} if needed else set())
    if eligible is None:
        return sorted(sizes)
    return sorted(size for size in sizes | {eligible} if size <= eligible)


def _reach(  # noqa: PLR0913 - one row of the table
    cases: int, difference: float, discordance: float, rate: float, assumed: Assumed, *, all_there_are: bool
) -> Reach:
    pairs = math.floor(cases / assumed.design_effect)
    more = max(0, cases - assumed.done)
    known = [price for price in assumed.prices if price.usd is not None]
    timed = [price.seconds for price in assumed.prices if price.seconds is not None]
    complete = bool(assumed.prices) and len(known) == len(assumed.prices)
    each = [(price.usd or 0.0) + (price.judging_usd or 0.0) * _judged(assumed) for price in known]
    return Reach(
        cases=cases,
        detects=detectable(pairs, discordance),
        power=mcnemar_power(pairs, difference, discordance),
        half_width=half_width(rate, cases / assumed.design_effect),
        new_calls=more * max(len(assumed.prices), 2),
        usd=more * sum(each) if complete else None,
        hours=more * sum(timed) / 3600 / 4 if timed else None,
        all_there_are=all_there_are,
    )


def _per_stratum(eligible: Sequence[int], wanted: int) -> int:
    """The smallest number of each stratum that makes up the cases wanted, or takes all there are."""
    most = max(eligible)
    return next((n for n in range(1, most) if sum(min(n, cell) for cell in eligible) >= wanted), most)


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
