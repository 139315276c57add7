"""A session of `judge` as it is shown: what it would ask, how each rater stands after it, what stopped it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medbench.errors import ProviderDownError
    from medbench.schema.response import Request


@dataclass(frozen=True, slots=True)
class JudgeDryRun:
    """The questions that one judge would be asked, and what they would take."""

    name: str
    """Name of the model."""
    model_id: str
    rubric: str
    context: str
    outputs: int
    """Texts that have no verdict that stands."""
    there: int
    """Texts that have one."""
    listings: int
    """References whose findings are not listed yet."""
    canaries: int
    """Canaries that are missing."""
    input_tokens: int
    """Estimate for all calls together."""
    output_tokens: int
    """Estimate for all calls together."""
    usd: float | None
    """Estimate; None where the price is unknown."""
    example: Request | None
    """The first question, as it would go out."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one rater stands on one run after a session."""

    rater: str
    system: str
    wanted: int
    """Texts to judge, times the judge replicates."""
    judged: int
    by_fallback: int
    failures: dict[str, int]
    """Kind of failure to number of texts without a grade; 'not judged' for those never asked."""
    open: int
    """Texts without a grade that the same line asks for again."""

    @property
    def coverage(self) -> float:
        """Judged, of the texts to judge."""
        return self.judged / self.wanted if self.wanted else 1.0


@dataclass(slots=True)
class Spent:
    """What a session has asked for."""

    verdicts: int = 0
    """Texts asked about, canaries among them."""
    again: int = 0
    """Of these, those that took a second question."""
    usd: float | None = 0.0
    """None where the cost of one call is unknown."""

    def add(self, usd: float | None, *, again: bool) -> None:
        """Take note of the calls of one verdict."""
        self.verdicts += 1
        self.again += again
        self.usd = None if usd is None or self.usd is None else self.usd + usd


@dataclass(slots=True)
class Judged:
    """How a session ended."""

    fallback: str | None = None
    """The model that stands in, if any."""
    fallback_on_outage: bool = False
    """Whether it stands in for an outage, too."""
    standings: list[Standing] = field(default_factory=list)
    """Each rater on each run; a panel before its judges."""
    panel: str | None = None
    """Name of the panel, if there is one."""
    down: dict[str, ProviderDownError] = field(default_factory=dict)
    """Raters that were given up, and why."""
    moved: dict[str, frozenset[str]] = field(default_factory=dict)
    """Rater to the cases that count with the fallback's verdict for all systems."""
    spent: Spent = field(default_factory=Spent)
