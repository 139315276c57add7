"""One call of `judge`: the plan, which is data, and the hooks, which live in this process."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import Field

from medbench.client.retry import Policy
from medbench.steps.access.asking_plan import AskingPlan
from medbench.steps.access.judging_cost import CANARIES
from medbench.steps.access.stop import Stop
from medbench.steps.judge.judges import Judge, models_of
from medbench.steps.reading.selection import selected_with_references
from medbench.steps.reading.verdict_book import VerdictKey
from medbench.store.runs import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from medbench.client.waits import Waiting
    from medbench.schema.case import Case
    from medbench.schema.model import ModelFile
    from medbench.schema.reference import Reference
    from medbench.schema.results.judge_result import JudgingForecast
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.outputs import OutputIndex

PATIENCE = Policy(deadline_s=120.0, patience_s=180.0, most_tries=4)
"""Patience with a judge: three retries at most; one that is silent for three minutes is given up."""


class JudgingPlan(AskingPlan):
    """The work of one call of `judge`. It goes through JSON and back."""

    runs: tuple[Path, ...] = Field(min_length=1)
    """Folders of the runs to judge, all of one benchmark."""
    judges: tuple[Judge, ...] = Field(min_length=1)
    """Judges, each of which grades every output; several are a panel."""
    fallback: Judge | None = None
    """Judge that grades single outputs of which another one gives no readable verdict."""
    fallback_on: Literal["single", "outage"] = "single"
    """'outage' if the fallback may also stand in for a judge that is down."""
    replicates: int = 1
    """Number of times each output is judged."""
    seed: int = 1
    """Seed of the order of the two texts, and of the canaries."""
    stale: bool = False
    """True to judge anew what the parser now reads otherwise."""
    canaries: int = CANARIES
    """Canaries of each judge over all runs."""

    def models(self) -> list[tuple[str, ModelFile]]:
        """Return the models that may be asked, each with its judge's name; the fallback's is the last."""
        return models_of(self.judges, self.fallback)

    def cases(self, benchmark: BenchmarkFolder) -> Iterator[tuple[Case, Reference]]:
        """Yield the cases to judge, each with its reference, in the benchmark's order; no questions."""
        chosen = selected_with_references(benchmark, self.limit)
        return ((case, reference) for case, reference in chosen if case.question is None)

    def keys_of(self, outputs: OutputIndex, case_id: str) -> Iterator[VerdictKey]:
        """Yield what is to be judged of a case in one run."""
        for replicate in outputs.replicates(case_id):
            for judge_replicate in range(self.replicates):
                yield VerdictKey(case_id, replicate, judge_replicate)


class JudgeWatcher(Protocol):
    """Shows how judging goes on."""

    def notice(self, text: str) -> None:
        """Show something that a person should know."""

    def begin(self, name: str, done: int, wanted: int) -> None:
        """Begin a part of the work, of which so much is there already."""

    def step(self, name: str, failure: str | None, *, again: bool) -> None:
        """Count a verdict or canary that is on the disk.

        Args:
            name: The part of the work.
            failure: Kind of its failure; None where there is a grade.
            again: True if the judge was asked twice.
        """

    def waiting(self, waiting: Waiting) -> None:
        """Take note each second of what the calls to judges wait for."""

    def end(self, name: str) -> None:
        """End a part of the work."""


class SilentWatcher:
    """Shows nothing."""

    def notice(self, text: str) -> None:
        """Pass over it."""

    def begin(self, name: str, done: int, wanted: int) -> None:
        """Pass over it."""

    def step(self, name: str, failure: str | None, *, again: bool) -> None:
        """Pass over it."""

    def waiting(self, waiting: Waiting) -> None:
        """Pass over it."""

    def end(self, name: str) -> None:
        """Pass over it."""


@dataclass(frozen=True, slots=True)
class JudgingHooks:
    """The live parts of a call of `judge`: watcher, stop, policy."""

    watcher: JudgeWatcher = field(default_factory=SilentWatcher)
    stop: Stop = field(default_factory=Stop)
    """Ctrl-C, or another reason to send nothing more."""
    policy: Policy = PATIENCE
    """Patience with one call."""
    planned: Callable[[JudgingForecast], object] = lambda _: None
    """Told what judges are to be asked, when it is known that it can be, and before it is."""
    now: Callable[[], str] = now
    """The time of day: UTC, ISO 8601."""
