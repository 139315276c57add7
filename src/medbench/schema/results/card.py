"""What a judge is worth: its card, from the canaries, the replicates and the people who graded too."""

from __future__ import annotations

from medbench.schema.base import Record
from medbench.schema.score import Interval
from medbench.schema.verdict import Probe


class Share(Record):
    """A count of a count, with its interval."""

    right: int
    """How many were right."""
    n: int
    """Of how many."""
    interval: Interval | None
    """95 % interval; None without any."""

    @property
    def tested(self) -> bool:
        """Whether there are enough to say anything: at least five."""
        return self.n >= FEWEST


FEWEST = 5
"""Canaries of a kind below which nothing is claimed about it."""


class ProbeGroup(Record):
    """What is asked of a judge, such as 'must drop', and how often it did."""

    asks: str
    """What is asked."""
    share: Share
    """Right of those graded."""
    probes: dict[Probe, Share]
    """The same for each kind of canary in it."""
    failures: dict[str, int]
    """Kind of failure to canaries without a grade: they are in no denominator, and are named here."""


class Diagnosis(Record):
    """A system's rate of good, corrected by the judge's errors (Rogan and Gladen 1978)."""

    system: str
    """The system."""
    judged_good: Share
    """Good by the judge, of those it graded."""
    value: float
    """The corrected rate: a diagnosis of the judge, no headline."""
    interval: Interval
    """95 % interval by the delta method."""


class RaterCard(Record):
    """The card of one rater, pooled over runs."""

    rater: str
    """Its name."""
    groups: tuple[ProbeGroup, ...]
    """What is asked of a judge, in the order of the table."""
    faults: tuple[Probe, ...]
    """Kinds of canary in which the judge cannot be trusted: at least two missed, and more than a third."""
    flips: Share
    """Pairs of judgings of the same text with the same grade; n 0 without replicates."""
    judged: int
    """Texts with a grade that stands."""
    by_fallback: int
    """Of these, graded by the fallback."""
    older: int
    """Of these, of a text that the parser now reads otherwise."""
    same_family: tuple[str, ...]
    """Systems of the judge's own family."""
    failures: dict[str, int]
    """Kind of failure to texts without a grade."""
    against_people: Share | None
    """Texts that a person graded too: same grade; None where there are none."""
    sensitivity: Share | None
    """Of what people call good: called good by the judge."""
    specificity: Share | None
    """Of what people call not good: called not good by the judge."""
    diagnoses: tuple[Diagnosis, ...] = ()
    """Systems of which people graded a sample that tells sensitivity and specificity."""
