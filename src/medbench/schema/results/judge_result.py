"""A call of `judge` as it is shown: what a judge would be asked, and how each rater stands afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medbench.schema.account import Account

if TYPE_CHECKING:
    from collections.abc import Hashable

    from medbench.errors import ProviderDownError
    from medbench.schema.response import Request


@dataclass(frozen=True, slots=True)
class JudgeDryRun:
    """The questions that one judge would be asked, and what they would take."""

    name: str
    model_id: str
    """Its id at the provider."""
    rubric: str
    context: str
    """'captions' if the judge is told hidden facts about the images, else 'none'."""
    outputs: int
    """Verdicts that are missing and may still come."""
    done: int
    """Verdicts on the disk."""
    listings: int
    """References whose findings are not listed yet."""
    canaries: int
    """Canaries that are missing."""
    input_tokens: int
    """Forecast for all calls together."""
    output_tokens: int
    """Forecast for all calls together."""
    usd: float | None
    """Forecast; None where the price is unknown."""
    most_usd: float | None
    """Most dollars, if each question is sent once; None where a question has no bound."""
    dearest_usd: float
    """Most dollars of one question, as far as it is known."""
    example: Request | None
    """The first question, as it would go out; None where nothing is missing."""
    reused: int = 0
    """Verdicts and canaries that other runs have paid for."""
    waiting: int = 0
    """Verdicts whose answers are under way in a batch."""
    instead_of: tuple[str, ...] = ()
    """Names of the judges in whose place the fallback is asked; empty for a judge."""
    unreadable: tuple[str, ...] = ()
    """Files of other runs whose answers are paid for again, since they cannot be read; a sentence each."""


@dataclass(frozen=True, slots=True)
class JudgingForecast:
    """The questions of a call of `judge`, as far as they are known before it begins."""

    judges: tuple[JudgeDryRun, ...]
    """Judges, in the plan's order."""
    fallback: JudgeDryRun | None = None
    """The fallback, in whose hands is what judges have failed at for good; None where that is nothing."""

    @property
    def raters(self) -> tuple[JudgeDryRun, ...]:
        """All that are asked, the fallback last."""
        return (*self.judges, *((self.fallback,) if self.fallback else ()))


@dataclass(frozen=True, slots=True)
class Standing:
    """The standing of one rater on one run."""

    rater: str
    system: str
    """Name of the run."""
    wanted: int
    """Outputs to judge, times the judge replicates."""
    judged: int
    """Those with a grade."""
    by_fallback: int
    """Those whose grade the fallback gave."""
    failures: dict[str, int]
    """Kind of failure to number of outputs without a grade; 'not judged' for those never asked about."""
    open: int
    """Outputs without a grade that the same line asks about again."""
    groups: int = 0
    """Independent groups of the judged: cases of one topic or patient are one."""
    failed_case: str | None = None
    """Id of the first case that it was asked about without getting a grade."""

    @property
    def coverage(self) -> float:
        """Judged, of the outputs to judge."""
        return self.judged / self.wanted if self.wanted else 1.0


@dataclass(slots=True)
class Spending:
    """The questions of one call of `judge`, and what was paid for them."""

    graded: int = 0
    """Judgings of outputs that gave a grade; each judge and repeat is one of its own."""
    failed: int = 0
    """Those that gave none."""
    canaries: int = 0
    """Texts with a known grade."""
    asked_twice: int = 0
    """Texts that took a second question."""
    account: Account = field(default_factory=Account)
    """The money, listings among it."""
    _ended: dict[Hashable, bool] = field(default_factory=dict)

    def add(self, output: Hashable, *, graded: bool, asked_twice: bool) -> None:
        """Count an output that was asked about; one that is asked about once more counts as it ends."""
        self.asked_twice += asked_twice
        before = self._ended.get(output)
        self._ended[output] = graded
        self.graded += graded - (before is True)
        self.failed += (not graded) - (before is False)

    def add_canary(self, *, asked_twice: bool) -> None:
        """Count a text with a known grade."""
        self.canaries += 1
        self.asked_twice += asked_twice


@dataclass(slots=True)
class JudgingResult:
    """The end of one call of `judge`."""

    fallback: str | None = None
    """Name of the fallback's model, if there is one."""
    fallback_on_outage: bool = False
    """True if it stands in for an outage, too."""
    standings: list[Standing] = field(default_factory=list)
    """Each rater on each run; a panel before its judges."""
    panel: str | None = None
    """Name of the panel, if there is one."""
    down: dict[str, ProviderDownError] = field(default_factory=dict)
    """Raters that were given up, and why."""
    waiting: int = 0
    """Batches whose answers are still to come."""
    fallback_cases: dict[str, frozenset[str]] = field(default_factory=dict)
    """Rater to the cases that count with the fallback's verdict for all systems."""
    spending: Spending = field(default_factory=Spending)
    """Calls made, and their cost."""
