"""The card of a judge: how often it was right about canaries, agreed with itself and with people."""

from __future__ import annotations

from medbench.schema.base import Record
from medbench.schema.score import Interval
from medbench.schema.verdict import Probe


class Share(Record):
    """A share of a count, with its interval."""

    right: int
    """Number that were right."""
    n: int
    """Number of all."""
    interval: Interval | None
    """95 % interval; None without any."""

    @property
    def tested(self) -> bool:
        """True if there are enough to say anything: at least five."""
        return self.n >= FEWEST


FEWEST = 5
"""Canaries of a kind below which nothing is claimed about it."""


class ProbeGroup(Record):
    """A demand on a judge, such as 'must drop', and how often it met it."""

    asks: str
    """The demand."""
    share: Share
    """Canaries with a right grade, of those graded."""
    probes: dict[Probe, Share]
    """The same for each kind of canary in it."""
    failures: dict[str, int]
    """Kind of failure to number of canaries without a grade, which are in no denominator."""


class Diagnosis(Record):
    """A system's rate of good, corrected by the judge's errors (Rogan and Gladen 1978)."""

    system: str
    """The system."""
    judged_good: Share
    """Outputs that the judge calls good, of those it graded."""
    value: float
    """The corrected rate, which describes the judge and is not a result of the system."""
    interval: Interval
    """95 % interval (Lang and Reiczigel 2014)."""


class RaterCard(Record):
    """The card of one rater, pooled over runs."""

    rater: str
    """Its name."""
    groups: tuple[ProbeGroup, ...]
    """The demands, in the order of the table."""
    faults: tuple[Probe, ...]
    """Kinds of canary in which the judge cannot be trusted: at least two missed, and more than a third."""
    flips: Share
    """Pairs of judgings of the same text with the same grade; n 0 without replicates."""
    judged: int
    """Texts with a grade that stands."""
    by_fallback: int
    """Those graded by the fallback."""
    older: int
    """Those of a text that the parser now reads otherwise."""
    same_family: tuple[str, ...]
    """Systems of the judge's own family."""
    failures: dict[str, int]
    """Kind of failure to texts without a grade."""
    against_people: Share | None
    """Texts with the grade that people give, of those they graded too; None where there are none."""
    sensitivity: Share | None
    """Texts that the judge calls good, of those that people do."""
    specificity: Share | None
    """Texts that the judge calls not good, of those that people do."""
    diagnoses: tuple[Diagnosis, ...] = ()
    """Corrected rates of the systems of which people graded a large enough sample."""
    other_models: dict[str, int] = {}
    """Models that answered and were not asked for, to the number of their verdicts."""
