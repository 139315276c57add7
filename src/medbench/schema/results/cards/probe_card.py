"""Results of a system's probes: how far its answers rest on the image."""

from __future__ import annotations

from typing import Literal

from medbench.schema.base import Record
from medbench.schema.score import Estimate

Answer = Literal["yes", "no", "not shown"]
"""'yes' and 'no' where the interval lies on one side; else 'not shown'."""


class Drop(Record):
    """Loss of score under a probe, over the cases that have both."""

    probe: str
    """Name of the probe."""
    metric: str
    """The metric."""
    plain: float
    """Mean of the system itself."""
    under: float
    """Mean under the probe."""
    drop: Estimate
    """The first minus the second, with the paired interval over topics."""
    needed: bool
    """True if the score is shown to need what the probe takes away."""


class Share(Record):
    """A share that says something of what answers rest on."""

    share: Estimate
    """Hits of those counted, with the interval over topics."""
    hits: int
    """Number of hits."""
    holds: Answer
    """'yes' if it is more than half; of texts alike, more than among the references."""


class ProbeCard(Record):
    """Results of the probes of one system."""

    system: str
    """Name of the system."""
    drops: tuple[Drop, ...] = ()
    """By probe, in the order of the probes."""
    right_sides: Share | None = None
    """Sides that are the reference's, of findings that have one in both; 'no' where most are exchanged."""
    flipped: Share | None = None
    """Sides that the mirrored picture exchanged, of findings named with one side both times."""
    swapped: Share | None = None
    """Texts that another case's picture changed."""
    collapsed: Share | None = None
    """Texts that are almost those of a case of another topic."""
    alike_references: float = 0.0
    """The same share among the references, which `collapsed` is held against."""
