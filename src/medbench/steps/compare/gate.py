"""A gate: a drop of more than is allowed ruled out, shown, or neither, by the interval of a comparison."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.schema.results.gate import Gate
from medbench.sentences import counted, line_of
from medbench.stats.bootstrap import FEW_VALUES
from medbench.stats.intervals import FEW_CLUSTERS, normal_quantile
from medbench.stats.power import values_needed
from medbench.steps.compare.conclusion import equal_throughout

if TYPE_CHECKING:
    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.gate import GateOutcome
    from medbench.schema.score import Interval

_NOTHING = 1e-6


def gate(comparison: Comparison, max_drop: float, coverage: float) -> Gate:
    """Return the answer of a gate.

    Args:
        comparison: The run that is held against first, then the run that is to pass.
        max_drop: The largest drop that is allowed, as a share.
        coverage: Share of the wanted cases that must have both.

    Raises:
        UsageError: One of the two is a floor, which is read beside systems and not compared with them.
    """
    pair = next((pair for pair in comparison.pairs if pair.conclusion), None)
    if pair is None or pair.conclusion is None:
        floors = ", ".join(floor.name for floor in comparison.floors)
        raise UsageError(f"no gate between a system and a baseline ({floors}).", line_of("compare"))
    conclusion = pair.conclusion
    missing = pair.graded.if_missing if pair.graded and conclusion.metric == "good" else None
    answer = Gate(
        outcome="undecided",
        benchmark=comparison.benchmark,
        benchmark_digest=comparison.benchmark_digest,
        run=pair.b,
        against=pair.a,
        metric=conclusion.metric,
        rater=comparison.rater if conclusion.metric == "good" else None,
        max_drop=max_drop,
        coverage=coverage,
        n=conclusion.n,
        wanted=conclusion.wanted,
        difference=conclusion.difference,
        interval=conclusion.interval,
        lowest_if_missing=missing.lowest if missing else None,
        notices=comparison.notices,
        signatures=comparison.signatures,
    )
    if conclusion.n < coverage * conclusion.wanted or not conclusion.n:
        return answer.model_copy(update=_too_few(answer))
    outcome, why = decide(conclusion.interval, max_drop, comparison.alpha)
    needed = None
    if outcome == "undecided" and conclusion.interval is not None:
        needed = _wide_enough(answer) if why else _needed(answer)
    return answer.model_copy(
        update={"outcome": outcome, "reasons": (why,) if why else (), "cases_needed": needed}
    )


def decide(interval: Interval | None, max_drop: float, alpha: float) -> tuple[GateOutcome, str]:
    """Return what the interval of a difference says about a drop, and why not more where it could.

    As for 'equivalent', nothing passes by an interval that may be too narrow.

    Args:
        interval: Of the difference, the run minus the other; None where there is none.
        max_drop: The largest drop that is allowed.
        alpha: Level of the interval's two sides together.
    """
    if interval is None:
        return "undecided", "no interval can be computed from so few topics"
    if interval.high < -max_drop:
        return "fail", ""
    if interval.low <= -max_drop:
        return "undecided", ""
    if interval.approximate is None or equal_throughout(interval, max_drop, alpha):
        return "pass", ""
    return "undecided", f"the interval may be too narrow to rest a pass on: {interval.approximate}"


def _too_few(answer: Gate) -> dict[str, object]:
    wanted = counted(answer.wanted, "case has", "cases have")
    return {
        "reasons": (f"{answer.n} of {wanted} both, {100 * answer.coverage:.3g} % are wanted",),
        "cases_needed": max(1, ceil(answer.coverage * answer.wanted - _NOTHING)),
    }


def _wide_enough(answer: Gate) -> int | None:
    """Return the cases whose groups are enough for an interval to pass by; None where these are."""
    groups = answer.interval.clusters if answer.interval else 0
    enough = FEW_VALUES if groups == answer.n else FEW_CLUSTERS
    return ceil(answer.n * enough / groups) if 0 < groups < enough else None


def _needed(answer: Gate) -> int | None:
    """Return the cases that decide with 80 % power if the difference seen is the true one.

    The spread is the one that the interval shows, so that groups of cases count as they did there. None where
    the difference seen is the drop that is allowed.
    """
    assert answer.interval is not None
    assert answer.difference is not None
    room, interval = abs(answer.difference + answer.max_drop), answer.interval
    if room < _NOTHING:
        return None
    half = (interval.high - interval.low) / 2
    deviation = half * sqrt(answer.n) / normal_quantile(interval.level)
    needed = values_needed(room, deviation, alpha=1 - interval.level)
    return max(answer.n + 1, needed, (_wide_enough(answer) or 0) if interval.approximate else 0)
