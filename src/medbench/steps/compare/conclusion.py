"""From a pair's numbers to its conclusion: better, worse, equivalent or inconclusive, and why no more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

from medbench.schema.results.comparison import Conclusion
from medbench.sentences import counted
from medbench.stats.holm import holm
from medbench.stats.power import FEWEST_DISCORDANT, pairs_needed, values_needed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.results.comparison import GradedPair, Omnibus, Outcome, Pair, PairedDifference

LEVEL = 0.05
MARGIN = {"good": 0.05}
"""Largest difference that counts as none, unless another is asked for; .02 for metrics other than good."""
_OTHER_MARGIN = 0.02


@dataclass(frozen=True, slots=True)
class Terms:
    """What a conclusion is drawn under."""

    margin: float | None
    """Largest difference that counts as none; None for that of the metric."""
    min_coverage: float
    """Share of the wanted cases that must have both."""
    omnibus: Omnibus | None = None
    """The test of all systems, where there are more than two."""
    wanted: int = 0
    """Cases that could be paired."""
    p_over_pairs: float | None = None
    """The exact p-value adjusted for all pairs with the reference system; None for one pair."""
    deviation: float | None = None
    """Standard deviation of the difference within cases, for metrics that are no rates."""


def concluded(
    metric: str,
    pairs: Sequence[Pair],
    wanted: Sequence[int],
    deviations: Sequence[float | None],
    terms: Terms,
) -> list[Pair]:
    """Each pair with its conclusion about one metric; p-values are adjusted over the pairs (Holm).

    Args:
        metric: 'good', or a metric of the scores.
        pairs: The reference system with each other.
        wanted: Cases that could be paired, of each pair.
        deviations: Standard deviation of the difference, of each pair; for metrics that are no rates.
        terms: What holds for all of them.
    """
    found = [
        (pair.graded.good if pair.graded else None) if metric == "good" else pair.metrics.get(metric)
        for pair in pairs
    ]
    p_values = holm([1.0 if one is None or one.p is None else one.p for one in found])
    done = []
    for pair, one, n, deviation, p in zip(pairs, found, wanted, deviations, p_values, strict=True):
        own = replace(terms, wanted=n, deviation=deviation, p_over_pairs=p if len(pairs) > 1 else None)
        graded = pair.graded if metric == "good" else None
        done.append(pair.model_copy(update={"conclusion": conclude(metric, one, graded, own)}))
    return done


def conclude(
    metric: str, found: PairedDifference | None, graded: GradedPair | None, terms: Terms
) -> Conclusion:
    """What a pair shows of one metric.

    Better or worse takes the exact test (over all pairs, Holm), the interval, for rates six discordant pairs,
    and for more than two systems the test of all at once. Equivalent takes an interval within the margin.
    Either is withheld while fewer than the wanted share of cases has both.

    Args:
        metric: What it is about.
        found: The difference; None where no case has both.
        graded: The grades, where the metric is one of theirs.
        terms: Margin, coverage and what else was tested.
    """
    wanted = terms.wanted
    margin = MARGIN.get(metric, _OTHER_MARGIN) if terms.margin is None else terms.margin
    if found is None:
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
    p = found.p if terms.p_over_pairs is None else terms.p_over_pairs
    outcome, reasons = _outcome(found, margin, p, terms.omnibus, is_rate=graded is not None)
    if outcome in {"better", "worse", "equivalent"} and wanted and found.n < terms.min_coverage * wanted:
        outcome = "withheld"
    needed = _needed(found, graded, terms.deviation) if outcome == "inconclusive" else None
    return Conclusion(
        outcome=outcome,
        metric=metric,
        n=found.n,
        wanted=wanted,
        difference=found.difference,
        interval=found.interval,
        margin=margin,
        pairs_needed=needed,
        reasons=(*reasons, *_remarks(found, graded)),
    )


def _outcome(
    found: PairedDifference, margin: float, p: float | None, omnibus: Omnibus | None, *, is_rate: bool
) -> tuple[Outcome, list[str]]:
    interval = found.interval
    if interval is not None and -margin < interval.low and interval.high < margin:
        return "equivalent", []
    reasons = []
    apart = interval is not None and (interval.low > 0 or interval.high < 0)
    significant = p is not None and p <= LEVEL
    if interval is None:
        reasons.append("no interval can be computed from so few topics")
    discordant = found.higher + found.lower
    if is_rate and discordant < FEWEST_DISCORDANT:
        reasons.append(
            f"{counted(discordant, 'discordant pair')}: with fewer than {FEWEST_DISCORDANT} no split "
            "can be told from chance"
        )
    elif significant != apart and interval is not None:
        reasons.append(
            "the test and the interval disagree: "
            + ("the interval leaves 0 out" if apart else "the interval holds 0")
            + f", the exact test gives p = {p:.3f}"
        )
    if omnibus is not None and omnibus.p > LEVEL:
        reasons.append(f"the systems are not shown to differ at all (p = {omnibus.p:.2f} over all of them)")
    if significant and apart and not reasons:
        return ("better" if found.difference > 0 else "worse"), []
    return "inconclusive", reasons


def _p(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _remarks(found: PairedDifference, graded: GradedPair | None) -> list[str]:
    remarks = []
    if found.p is not None and found.p_mid is not None and (found.p <= LEVEL) != (found.p_mid <= LEVEL):
        remarks.append(
            f"borderline: mid-p {_p(found.p_mid)} and exact p {_p(found.p)} lie on either side of .05; "
            "the exact one decides"
        )
    if graded is not None and graded.if_missing is not None and graded.if_missing.turns:
        sign = -1 if found.difference < 0 else 1
        low, high = sorted((sign * graded.if_missing.lowest, sign * graded.if_missing.highest))
        remarks.append(
            "this depends on the verdicts that are missing: with all of them against one side the difference "
            f"would be between {_points(low)} and {_points(high)} points"
        )
    return remarks


def _needed(found: PairedDifference, graded: GradedPair | None, deviation: float | None) -> int | None:
    if not found.difference:
        return None
    if graded is not None:
        discordance = (found.higher + found.lower) / found.n
        needed = pairs_needed(abs(found.difference), max(discordance, abs(found.difference)))
        # Cases of one topic tell less than as many of different topics.
        return None if needed is None else ceil(needed * graded.design_effect)
    return values_needed(abs(found.difference), deviation) if deviation else None


def _points(share: float) -> str:
    return f"{100 * share:+.0f}"
