"""The conclusion of a pair: better, worse, equivalent or inconclusive, and why no more."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from medbench.schema.results.comparison import Conclusion
from medbench.sentences import alpha_text, counted, p_text, rounded
from medbench.stats.holm import holm
from medbench.stats.power import (
    alpha_at,
    fewest_discordant,
    pairs_needed,
    pairs_needed_range,
    values_needed,
    values_needed_range,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.results.comparison import GradedPair, Outcome, Pair, PairedDifference
    from medbench.schema.results.omnibus import Omnibus
    from medbench.schema.score import Interval

MARGIN = {"good": 0.05}
"""Largest difference that counts as none, unless another is asked for; .02 for metrics other than good."""
_OTHER_MARGIN = 0.02
_NOTHING = 1e-6
"""A difference below it is one of rounding."""


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria of all conclusions of a comparison."""

    margin: float | None
    """Largest difference that counts as none; None for that of the metric."""
    min_coverage: float
    """Share of the wanted cases that must have both systems."""
    omnibus: Omnibus | None = None
    """The test of all systems at once, where there are more than two."""
    look: int | None = None
    """Number of this planned look; None where one look is all."""

    @property
    def alpha(self) -> float:
        """Level of the tests."""
        return alpha_at(self.look)

    @property
    def next_alpha(self) -> float:
        """Level of the tests with more cases."""
        return alpha_at(self.look + 1 if self.look else None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers of a pair in one metric."""

    difference: PairedDifference | None
    """None where no case has both systems."""
    graded: GradedPair | None = None
    """The grades, where the metric is one of theirs."""
    wanted: int = 0
    """Cases that could be paired."""
    p: float | None = None
    """The exact p-value, adjusted for all pairs with the reference system."""
    pairs: int = 1
    """Number of those pairs."""
    deviation: float | None = None
    """Standard deviation of the difference within cases, for metrics, and for grades of several answers.

    Of dependent cases: times the root of the design effect."""


def concluded(
    metric: str,
    pairs: Sequence[Pair],
    wanted: Sequence[int],
    deviations: Sequence[float | None],
    criteria: Criteria,
) -> list[Pair]:
    """Return each pair with its conclusion; p-values are adjusted over the pairs (Holm).

    Args:
        metric: 'good', or a metric of the scores.
        pairs: The reference system with each other.
        wanted: Cases that could be paired, of each pair.
        deviations: Standard deviation of the difference, of each pair.
        criteria: The criteria.
    """
    differences = [
        (pair.graded.good if pair.graded else None) if metric == "good" else pair.metrics.get(metric)
        for pair in pairs
    ]
    p_values = holm([1.0 if not one or one.p is None else one.p for one in differences])
    with_conclusions = []
    for pair, difference, n, deviation, p in zip(
        pairs, differences, wanted, deviations, p_values, strict=True
    ):
        graded = pair.graded if metric == "good" else None
        evidence = Evidence(difference, graded, n, p, len(pairs), deviation)
        update = {"conclusion": conclude(metric, evidence, criteria)}
        with_conclusions.append(pair.model_copy(update=update))
    return with_conclusions


def conclude(metric: str, evidence: Evidence, criteria: Criteria) -> Conclusion:
    """Return the conclusion about one metric of one pair.

    Better or worse takes the exact test (over all pairs, Holm), the interval, for rates six discordant pairs,
    and for more than two systems the test of all at once. Equivalent takes an interval within the margin that
    is not marked as approximate.
    Either is withheld while fewer than the wanted share of cases has both.
    """
    difference, graded, wanted = evidence.difference, evidence.graded, evidence.wanted
    margin = MARGIN.get(metric, _OTHER_MARGIN) if criteria.margin is None else criteria.margin
    if difference is None:
        return Conclusion(
            outcome="nothing",
            metric=metric,
            n=0,
            wanted=wanted,
            difference=None,
            interval=None,
            margin=margin,
            pairs_needed=None,
            reasons=(f"no case has '{metric}' for both",),
        )
    outcome, reasons = _outcome(difference, evidence, margin, criteria)
    if outcome != "inconclusive" and wanted and difference.n < criteria.min_coverage * wanted:
        outcome = "withheld"
    return Conclusion(
        outcome=outcome,
        metric=metric,
        n=difference.n,
        wanted=wanted,
        difference=difference.difference,
        interval=difference.interval,
        margin=margin,
        pairs_needed=_needed(difference, evidence, criteria.next_alpha)
        if outcome == "inconclusive"
        else None,
        needed_range=_needed_range(difference, evidence, criteria.next_alpha)
        if outcome == "inconclusive"
        else None,
        p=evidence.p,
        tested_pairs=evidence.pairs,
        reasons=(*reasons, *_remarks(difference, graded, criteria.alpha)),
    )


def _outcome(
    difference: PairedDifference, evidence: Evidence, margin: float, criteria: Criteria
) -> tuple[Outcome, list[str]]:
    interval, p = difference.interval, 1.0 if evidence.p is None else evidence.p
    alpha, omnibus = criteria.alpha, criteria.omnibus
    reasons = []
    if interval is not None and -margin < interval.low and interval.high < margin:
        if interval.approximate is None or equal_throughout(interval, margin, alpha):
            return "equivalent", []
        reasons.append(
            f"the interval is within the margin, and may be too narrow to rest 'equivalent' on: "
            f"{interval.approximate}"
        )
    apart = interval is not None and (interval.low > 0 or interval.high < 0)
    significant = p <= alpha
    if interval is None:
        reasons.append("no interval can be computed from so few topics")
    discordant, fewest = difference.higher + difference.lower, fewest_discordant(alpha)
    if evidence.graded is not None and discordant < fewest:
        reasons.append(
            f"{counted(discordant, 'discordant pair')}: with fewer than {fewest} no split "
            "can be told from chance"
        )
    elif interval is not None and interval.clusters < fewest:
        reasons.append(
            f"{counted(interval.clusters, 'independent group')}: with fewer than {fewest} no difference "
            "can be told from chance"
        )
    elif significant != apart and interval is not None:
        reasons.append(
            "the test and the interval disagree: "
            + ("the interval leaves 0 out" if apart else "the interval holds 0")
            + f", the exact test gives {p_text(p)}"
            + f" (Holm over {evidence.pairs} pairs)" * (evidence.pairs > 1)
        )
    if omnibus is not None and omnibus.p > alpha:
        reasons.append(f"the systems are not shown to differ at all ({p_text(omnibus.p)} over all of them)")
    if significant and apart and not reasons:
        return ("better" if difference.difference > 0 else "worse"), []
    return "inconclusive", reasons


def equal_throughout(interval: Interval, margin: float, alpha: float) -> bool:
    """Return True if a difference beyond the margin would have shown in some of the groups, all equal.

    Differences are at most 1: to make a mean beyond the margin, a share of at least it must differ.
    """
    return interval.low == interval.high and (1 - min(margin, 1)) ** interval.clusters <= alpha


def _needed(difference: PairedDifference, evidence: Evidence, alpha: float) -> int | None:
    """Return the pairs that it takes for 80 % power, if the difference at hand is the true one.

    Where several pairs are tested, it is the number at the level that Holm asks of the first of them.
    """
    size, alpha = abs(difference.difference), alpha / evidence.pairs
    if size < _NOTHING:
        return None
    if evidence.graded is not None and not _of_several_answers(difference):
        discordance = (difference.higher + difference.lower) / difference.n
        needed = pairs_needed(size, max(discordance, size), alpha=alpha)
        # Cases of one topic tell less than as many of different topics.
        return None if needed is None else ceil(needed * evidence.graded.design_effect)
    if not evidence.deviation:
        return None
    return max(values_needed(size, evidence.deviation, alpha=alpha), _fewest(difference, alpha))


def _of_several_answers(difference: PairedDifference) -> bool:
    """Return True if a difference in grades is one of shares of several answers to a case."""
    return difference.test == "sign-flip"


def _fewest(difference: PairedDifference, alpha: float) -> int:
    """Return the cases below which no flip of signs is significant, whatever the size of the difference.

    So many groups must differ as discordant pairs in a test of rates; of the cases at hand a share does.
    """
    groups = difference.interval.clusters if difference.interval else difference.n
    differing = max(1, difference.higher + difference.lower)
    return ceil(fewest_discordant(alpha) * difference.n / differing * difference.n / groups)


def _needed_range(
    difference: PairedDifference, evidence: Evidence, alpha: float
) -> tuple[int | None, int | None] | None:
    size, interval, alpha = abs(difference.difference), difference.interval, alpha / evidence.pairs
    if size < _NOTHING:
        return None
    if evidence.graded is None or _of_several_answers(difference):
        if not evidence.deviation or interval is None:
            return None
        fewest = _fewest(difference, alpha)
        ends = values_needed_range(size, evidence.deviation, interval.clusters, alpha)
        return max(ends[0], fewest), max(ends[1], fewest)
    discordance = (difference.higher + difference.lower) / difference.n
    return pairs_needed_range(size, discordance, difference.n, evidence.graded.design_effect, alpha)


def _remarks(difference: PairedDifference, graded: GradedPair | None, alpha: float) -> list[str]:
    remarks = []
    p, p_mid = difference.p, difference.p_mid
    if p is not None and p_mid is not None and (p <= alpha) != (p_mid <= alpha):
        remarks.append(
            f"borderline: {p_text(p_mid, 'mid-p')} and {p_text(p, 'exact p')} lie on either side of "
            f"{alpha_text(alpha)}; the exact one decides"
        )
    if graded is not None and graded.if_missing is not None and graded.if_missing.turns:
        sign = -1 if difference.difference < 0 else 1
        low, high = sorted((sign * graded.if_missing.lowest, sign * graded.if_missing.highest))
        remarks.append(
            "this depends on the verdicts that are missing: with all of them against one side the difference "
            f"would be between {_signed(low)} and {_signed(high)} points"
        )
    return remarks


def _signed(value: float) -> str:
    text = rounded(value, times=2)
    return text if value < 0 or text == "0" else f"+{text}"
