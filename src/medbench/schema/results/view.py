"""The views of `show` (a run's state, a run by itself, a case with every output) and of `models`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from medbench.schema.account import Sum
    from medbench.schema.case import Case
    from medbench.schema.finding import SeenFindings
    from medbench.schema.model import ModelFile
    from medbench.schema.reference import Reference
    from medbench.schema.response import Failure, Response
    from medbench.schema.results.cards.probe_card import ProbeCard
    from medbench.schema.results.cards.screening_card import ScreeningCard
    from medbench.schema.results.profile import Profile
    from medbench.schema.results.stage_table import StageTable
    from medbench.schema.run import Output, Run
    from medbench.schema.score import Estimate, Score, Summary
    from medbench.schema.verdict import Verdict


@dataclass(frozen=True, slots=True)
class RunState:
    """The state of one run."""

    path: str
    """The run folder."""
    head: Run
    wanted: int | None
    """Case-replicates asked for; None where the benchmark is gone or changed."""
    command: str
    """The line that was typed last for it."""
    texts: int
    final_failures: dict[str, int]
    open_failures: dict[str, int]
    spent: Sum
    """The money of its answers."""
    judging: Sum
    """The money of verdicts and canaries; that of listings is beside the runs."""
    problem: str | None = None
    """Reason why the number wanted is not known."""
    above_chance: Estimate | None = None
    """Finding F1 above chance; None before it is scored."""
    good: Estimate | None = None
    """Share good by its first judge; None where none graded it, or it was not asked for."""
    judge: str = ""
    """That judge."""
    by_others: int = 0
    """Outputs that another model answered than the one asked for."""
    signatures: dict[str, str] = field(default_factory=dict)
    """Scorer to the signature of its numbers."""

    @property
    def failed(self) -> int:
        """Outputs that failed, for good or so far."""
        return sum(self.final_failures.values()) + sum(self.open_failures.values())

    @property
    def left(self) -> int:
        """Case-replicates that the same line could still complete; none of a run made elsewhere."""
        if self.wanted is None or self.head.imported_from:
            return 0
        return self.wanted - self.texts - sum(self.final_failures.values())


@dataclass(frozen=True, slots=True)
class RunView:
    """One run by itself."""

    state: RunState
    summary: Summary
    failures: tuple[tuple[str, Failure], ...]
    """Cases without an output, and their failures."""
    flagged: tuple[tuple[str, str], ...]
    """Case and flags of the outputs that have any."""
    profile: Profile
    """Grades, hardest cases, patterns of failure, associations."""
    probes: ProbeCard | None = None
    """Results of its probes; None without any."""
    other_models: tuple[str, ...] = ()
    """Models that answered and were not asked for."""
    stages: StageTable | None = None
    """Gain of each stage of a chain; None for another pipeline."""
    screening: ScreeningCard | None = None
    """Its yes and no by finding; None where its prompt does not ask for that."""
    agreement: Estimate | None = None
    """Mean share of the samples that have each finding that most have, over outputs; `missing` are those
    without such a finding. None where no samples were taken."""
    under_way: int = 0
    """Calls whose answers may still come with a batch."""


@dataclass(frozen=True, slots=True)
class OutputView:
    """The output of one run for a case."""

    run: str
    output: Output | None
    score: Score | None
    prompt: str | None
    latency_s: float | None
    verdicts: tuple[Verdict, ...]
    findings: SeenFindings | None = None
    """Its findings against those of the reference; None without a text."""
    scored: str | None = None
    """The part of its text that is scored; None without a text."""
    calls: tuple[Response, ...] = ()
    """The calls that it was made from, as far as they are recorded."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case, its reference, and every output."""

    folder: str
    """The benchmark folder, at which the image paths start."""
    case: Case
    reference: Reference
    outputs: tuple[OutputView, ...]


@dataclass(frozen=True, slots=True)
class ServiceList:
    """The models that a service lists, beside those that medbench knows of it."""

    service: str
    """The service: its provider and host."""
    new: tuple[str, ...] = ()
    """Ids that it lists and no model file has."""
    gone: tuple[str, ...] = ()
    """Names of model files whose id it does not list."""
    problem: str = ""
    """Why there is no list; '' where there is."""


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model as `medbench models` lists it."""

    name: str
    model: ModelFile
    own: bool
    """True if medbench.toml has it, or changes it."""
    price: str
    """Its price, in words."""
    price_date: date | None
    """Day on which the price was read; None where that is unknown, or nothing is charged."""
    dearer: tuple[date, float] | None
    """The day on which the price rises soon, and by what factor."""
    leaves: bool
    """True if it is shut down soon."""
    gone: bool
    """True if it is shut down."""
    missing: str
    """Missing requirement for its use, in one word; '' for none."""
    hint: str
    """The line to type for it."""
