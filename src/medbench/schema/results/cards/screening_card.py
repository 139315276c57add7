"""How rightly a system says yes or no to each finding that a screening prompt asks for."""

from __future__ import annotations

from medbench.schema.base import Record
from medbench.schema.score import Estimate


class ScreeningRates(Record):
    """Rates that depend on what counts as absent. `missing` are findings without an answer."""

    specificity: Estimate
    """Share of no among the findings that are absent."""
    ppv: Estimate
    """Share of present among the findings answered yes; it depends on how many of these cases have them."""
    npv: Estimate
    """Share of absent among the findings that were answered no."""
    auc: Estimate
    """Chance that one that is present got a higher confidence of being there than one that is absent."""


class ScreeningRow(Record):
    """One finding, or all together, over case-replicates."""

    finding: str
    """Name of the finding; 'all' for all together."""
    present: int
    """Case-replicates whose reference states it."""
    denied: int
    """Those whose reference denies it."""
    unsaid: int
    """Those whose reference says nothing of it."""
    unclear: int
    """Those whose reference doubts it, calls it past or has a wider word; they count nowhere."""
    answered: int
    """Those with a yes or no, whatever the reference says."""
    sensitivity: Estimate
    """Share of yes among the findings that are present."""
    said: ScreeningRates
    """Absent is what the reference denies."""
    unsaid_absent: ScreeningRates
    """Absent is also what it says nothing of."""


class ScreeningCard(Record):
    """The yes and no of one system against the references. No failure counts as an answer."""

    system: str
    """Name of the system."""
    wanted: int
    """Case-replicates asked for."""
    failed: int
    """Those without an output, failed or not asked yet."""
    unreadable: int
    """Those whose output says yes or no to no finding."""
    findings: tuple[ScreeningRow, ...]
    """In the order of the prompt."""
    together: ScreeningRow
    """All findings; the intervals take those of one topic together."""
    unmeasured: tuple[str, ...] = ()
    """Findings that were asked for and are not in the vocabulary, by which references are read."""
