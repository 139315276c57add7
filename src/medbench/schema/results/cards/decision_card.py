"""The decision card: what a hospital has to know of one system, on one side of paper."""

from __future__ import annotations

from medbench.schema.base import Record
from medbench.schema.results.system_row import SystemRow
from medbench.schema.score import Estimate


class UrgentFindings(Record):
    """The urgent findings of some cases, as a system's outputs have them."""

    system: str
    """The system."""
    region: str = ""
    """Region of the cases; empty for all."""
    outputs: int
    """Outputs with a text whose reference could be read."""
    findings: int
    """Urgent findings that the references of these outputs state as present."""
    missed: Estimate
    """Share of these findings that the output does not name, or denies."""
    wrong: int
    """Findings that are named with an error, such as the other side: not among the missed."""
    invented: Estimate
    """Urgent findings that outputs state and the reference does not have or denies, by output."""


class Sent(Record):
    """Calls to one model by one way."""

    purpose: str
    """Answers or judging."""
    model: str
    """Id of the model that was asked."""
    provider: str
    """Way to reach it; empty for a judge, whose way the run does not record."""
    where: str
    """Route or server as the response records it; empty where it has none."""
    calls: int
    """Responses in the ledger."""


class DecisionCard(Record):
    """One system on one benchmark."""

    row: SystemRow
    """The system as in a comparison."""
    benchmark: str
    """Name of the benchmark."""
    benchmark_digest: str
    """Its digest."""
    source: str
    """Source of its cases."""
    cases: int
    """Its cases that the system was asked about."""
    topics: int
    """Independent groups of them."""
    models: tuple[str, ...]
    """Its models as they were asked."""
    answered: tuple[str, ...]
    """Its models as the services name them; none where unknown."""
    imported: bool
    """True if its answers were made elsewhere."""
    first_day: str
    """Day on which it was begun, or its answers were imported."""
    last_day: str
    """Day of its last event."""
    urgent: UrgentFindings
    """Urgent findings of all cases."""
    regions: tuple[UrgentFindings, ...]
    """The same by region."""
    floor: UrgentFindings | None = None
    """The same of the best baseline, which asks no model, on the cases that the system answered; None where
    none was run."""
    unanswered: int = 0
    """Urgent findings of cases without an answer, which are in no rate."""
    usd_a_good_case: float | None = None
    """Dollars of all its calls by its good outputs; None where that is unknown or nothing was graded."""
    seconds_a_good_case: float | None = None
    """Seconds of all its calls by its good outputs."""
    sent: tuple[Sent, ...] = ()
    """Where the cases went."""
    bound_to: str = ""
    """Hosts that the terms of the cases allow, in words; empty where they allow any."""
    unknown: tuple[str, ...] = ()
    """Questions that this card cannot answer, in sentences."""
    findings_needed: int | None = None
    """Different urgent findings that would give the missed ones to within 50 in 1,000, each asked as often as
    now; None where there are none."""
    cases_needed: int | None = None
    """Cases that hold so many, if they are like these."""
    signature: str = ""
    """Signature of how findings were read."""
