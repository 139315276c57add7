"""Two or more runs side by side on the same cases."""

from __future__ import annotations

from typing import Final, Literal

from medbench.schema.base import Record
from medbench.schema.results.agreement import Judgings
from medbench.schema.results.cards.rater_card import RaterCard
from medbench.schema.results.cards.screening_card import ScreeningCard
from medbench.schema.results.omnibus import Omnibus
from medbench.schema.results.system_row import ORDERS, Floor, SystemRow, best_floor
from medbench.schema.score import Estimate, Interval

NO_ANSWER: Final = "it has no answer"
"""Reason why a run is left out that was named."""
Outcome = Literal["better", "worse", "equivalent", "inconclusive", "withheld", "nothing"]
"""The second system against the first: withheld while too few cases are judged, nothing without any."""


class PairedDifference(Record):
    """One metric over the cases that both runs have a value for."""

    difference: float
    """Mean over cases of the second minus the first; replicates are averaged within a case."""
    n: int
    """Cases it rests on."""
    higher: int
    """Cases where the second is higher."""
    lower: int
    """Cases where the second is lower."""
    interval: Interval | None = None
    """Interval of the difference, 95 % unless there are planned looks."""
    test: Literal["mcnemar", "sign", "sign-flip"] | None = None
    """Test of 'the two are interchangeable'; topics are flipped as one."""
    p: float | None = None
    """Its p-value: exact where the values are whole numbers or at most 16 topics differ, else drawn."""
    p_mid: float | None = None
    """Mid-p, for grades and key findings only, of one answer a case."""
    p_holm: float | None = None
    """The p-value with all pairs of systems and declared metrics tested at once, of a floor with its metrics
    (Holm); None where it is not one of these tests, or too few cases have both."""

    @property
    def tied(self) -> int:
        """Number of cases where both are equal."""
        return self.n - self.higher - self.lower


class IfMissing(Record):
    """The difference in good, were the verdicts that are missing all against one side."""

    lowest: float
    """Second minus first with the second's missing verdicts not good and the first's good."""
    highest: float
    """The other way round."""
    p_lowest: float
    """Exact p-value of the first."""
    p_highest: float
    """Of the second."""
    turns: bool
    """True if one of them would change the conclusion."""


class GradedPair(Record):
    """Two runs on the cases that were graded for both."""

    n: int
    """Cases graded for both."""
    unpaired: int
    """Cases that are compared and are not graded for both."""
    both: int
    """Good of both; with repeats: in more than half of them."""
    only_a: tuple[str, ...]
    """Cases good of the first alone."""
    only_b: tuple[str, ...]
    """Cases good of the second alone."""
    neither: tuple[str, ...]
    """Cases good of neither."""
    good: PairedDifference
    """Share good."""
    key_finding: PairedDifference | None
    """Share with the key finding named, over the cases where both are known."""
    ordinal: PairedDifference
    """Share of cases with the higher grade: P(second higher) minus P(first higher)."""
    discordance: float
    """Share of cases that are good of exactly one; of several answers a case, were one of each drawn."""
    if_missing: IfMissing | None
    """None where no verdict is missing."""
    design_effect: float = 1.0
    """Number of pairs that tell as much as one whose topic no other case shares."""
    reviewed: PairedDifference | None = None
    """The difference in good as people would grade, where they graded a sample of both."""


class Conclusion(Record):
    """The conclusion about a pair of systems."""

    outcome: Outcome
    """Of the second against the first."""
    metric: str
    """Its subject: 'good', 'above_chance.finding.f1', 'finding.f1' or 'rouge_l.f1'."""
    n: int
    """Pairs that it rests on."""
    wanted: int
    """Cases that could have been paired."""
    difference: float | None
    """Second minus first."""
    interval: Interval | None
    """Its interval."""
    margin: float
    """Differences within it count as equivalent."""
    pairs_needed: int | None
    """Pairs for 80 % power if the difference and the discordance at hand are the true ones."""
    needed_range: tuple[int | None, int | None] | None = None
    """The same at the ends of the interval of the discordance, for other metrics of the deviation."""
    p: float | None = None
    """The exact p-value that decides; over several pairs adjusted (Holm)."""
    tested_pairs: int = 1
    """Number of pairs that it is adjusted over."""
    reasons: tuple[str, ...]
    """Reasons why it is not more than that, and remarks."""


class Pair(Record):
    """Two runs on the cases that both have an output for."""

    a: str
    """The first run."""
    b: str
    """The second run."""
    both: int
    """Cases with an output of both."""
    only_a: int
    """Cases with an output of the first alone."""
    only_b: int
    """Cases with an output of the second alone."""
    neither: int
    """Cases of the benchmark with no output of either."""
    metrics: dict[str, PairedDifference]
    """Metric to difference."""
    graded: GradedPair | None = None
    """The grades of the rater that decides."""
    conclusion: Conclusion | None = None
    """None for a pair with a floor."""


class StratumDifference(Record):
    """One part of the benchmark in a pair."""

    value: str
    """Such as 'Head'."""
    n: int
    """Pairs."""
    a: Estimate
    """The first system."""
    b: Estimate
    """The second."""
    difference: PairedDifference
    """Second minus first; `p_holm` is over the parts of this stratum."""
    pooled: float
    """The difference drawn to the common one as far as chance explains how the parts differ."""


class StratumTable(Record):
    """A pair by region, modality, number of images or length of the reference."""

    by: str
    """'region', 'modality', 'images' or 'reference'."""
    a: str
    """The first system."""
    b: str
    """The second."""
    metric: str
    """Subject of the differences."""
    parts: tuple[StratumDifference, ...]
    """Its parts."""
    p: float | None
    """Interaction: p-value of 'the difference is the same in all parts'."""
    p_holm: float | None
    """The same with all strata of the pair tested at once."""


class Ranked(Record):
    """One system of a ranking."""

    name: str
    """The system."""
    groups: str
    """Letters of its groups: two systems that share one cannot be told apart, or were not compared."""
    difference: PairedDifference | None
    """It minus the reference; None for the reference, and with too few cases. Its `p_holm` is that of the
    groups, or over the systems where the reference is a floor."""
    not_compared: tuple[str, ...] = ()
    """The other systems of which too few cases have both."""
    ahead_of: tuple[str, ...] = ()
    """The other systems that are clearly below it, on the cases of both."""


class Ranking(Record):
    """The systems in order."""

    metric: str
    """The metric by which they are ordered."""
    reference: str
    """The system or floor that all are held against."""
    tests: int
    """Pairs of systems that are tested at once (Holm) for the groups."""
    systems: tuple[Ranked, ...]
    """The systems that have the metric, the best first."""


class ClearDifference(Record):
    """A difference between two systems that holds with all pairs and metrics tested at once (Holm)."""

    higher: str
    """The system with the higher number."""
    lower: str
    """The other."""
    metric: str
    """'good', 'key_finding' or a metric."""
    difference: PairedDifference
    """Higher minus lower; its `p_holm` is over all pairs and metrics."""


class Comparison(Record):
    """The runs of `compare` side by side."""

    benchmark: str
    """Name of the benchmark."""
    benchmark_digest: str
    """Its digest."""
    cases: int
    """Its cases."""
    parser: str
    """Parser of the outputs."""
    signatures: dict[str, str]
    """Scorer to the signature of its numbers."""
    systems: tuple[SystemRow, ...]
    """The systems that are compared."""
    floors: tuple[SystemRow, ...]
    """The baselines on the same benchmark."""
    pairs: tuple[Pair, ...]
    """The reference system, first, with each other; and each system with each floor, the floor first."""
    omnibus: Omnibus | None = None
    """The test of all systems at once; None for two."""
    ranking: Ranking | None = None
    """The systems in order; None where the metric is missing."""
    tests: int = 0
    """Tests of the family that `clear` and the p_holm of pairs are adjusted over: all pairs and metrics."""
    clear: tuple[ClearDifference, ...] = ()
    """Differences that are clear whatever the conclusion is about, the largest first."""
    strata: tuple[StratumTable, ...] = ()
    """The pairs of systems in parts."""
    judgings: tuple[Judgings, ...] = ()
    """Every two raters of the systems."""
    screening: tuple[ScreeningCard, ...] = ()
    """The yes and no by finding of each system whose prompt asks for that."""
    cards: tuple[RaterCard, ...] = ()
    """The card of each model judge of the systems."""
    rater: str | None = None
    """The rater that decides; None where nothing was graded, or each system has its own."""
    topics: int = 0
    """Topics of the cases; cases of one topic are not independent."""
    look: int | None = None
    """Number of this planned look at growing data; None where one look is all."""
    alpha: float = 0.05
    """Level of the tests; intervals of differences hold 1 minus it."""
    resampling: str = ""
    """Number and seed of the resamples and flips."""
    forced: tuple[str, ...] = ()
    """Reasons against this comparison that --force passed over."""
    swap_mixed: tuple[str, ...] = ()
    """Regions with a single case, for which the swap control took those of other regions."""
    left_out: dict[str, str] = {}
    """Runs that were to be compared and are not, to the reason: damaged ones, and named ones that hinder."""
    rescored: dict[str, str] = {}
    """Runs that were scored again for this, to the reason."""
    example: str | None = None
    """A case that the first run has an output for."""
    notices: tuple[str, ...] = ()
    """Notices about what this rests on."""

    @property
    def ordered_by(self) -> str:
        """The metric by which systems are ordered; before anything is tested, the first that all have."""
        if self.ranking is not None:
            return self.ranking.metric
        rows = [row for row in self.systems if row.n]
        return next((by for by in ORDERS if all(row.mean(by) is not None for row in rows)), ORDERS[0])

    @property
    def best_floor(self) -> Floor | None:
        """The best of the floors, which every screen names; None where none has a number."""
        return best_floor(self.floors, self.ordered_by)
