"""The plan of one call of `run`: data that can be written down, read back and sent elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.executors.cluster.placement import Placement
from medbench.schema.base import Record
from medbench.schema.batch import Then
from medbench.steps.access.batches import DEADLINE_H, BatchChoice
from medbench.steps.access.systems import PreparedSystem
from medbench.steps.reading.selection import selected_cases, selected_ids
from medbench.store.outputs import OutputIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.case import Case
    from medbench.schema.run import System
    from medbench.store.benchmark import BenchmarkFolder


class RunPlan(Record):
    """Systems to run on a benchmark. It goes through JSON and pickle unchanged."""

    benchmark: str
    """Folder of the benchmark, or 'embedded:NAME'."""
    systems: tuple[PreparedSystem, ...]
    """The systems, with all that it takes to run them."""
    root: Path
    """Folder of the runs."""
    command: str
    """The line that was typed."""
    limit: int | None = None
    """Cases to complete; None for all."""
    replicates: int = 1
    """Times that each case is asked."""
    concurrency: int | None = None
    """Calls at a time; None for the model file's number, or what is found by trying."""
    max_cost: float | None = None
    """Dollars that the models may cost together; None for no limit."""
    must_hold: bool = True
    """True if `max_cost` was asked for: it holds, or nothing is sent. False for that of the settings."""
    max_cost_from: str = "--max-cost"
    """Option or key that sets `max_cost`, as a hint names it."""
    fresh: bool = False
    """Begin a second run of each model instead of going on with the first."""
    batch: bool = False
    """Send what is to be asked in batches, and collect what came of those before."""
    batch_deadline_h: float = DEADLINE_H
    """Hours after which a batch is given up, where `batch_then` says what happens then."""
    batch_then: Then | None = None
    """What a batch that is given up leaves is asked one by one, or not; None to give up none."""
    placement: Placement = Placement()
    """Machines that make the calls."""
    interleaved: bool = False
    """Ask all systems at the same time, so that a service which drifts hits all alike, and once what several
    of them ask."""

    @property
    def batches(self) -> BatchChoice:
        """What it wants of batches."""
        return BatchChoice.of(self.batch, self.batch_deadline_h, self.batch_then)

    def units(self) -> tuple[RunPlan, ...]:
        """Return one plan a system: the smallest part that can run by itself, in one folder under one lock.

        Each of them may spend the whole `max_cost`.
        """
        return tuple(self.model_copy(update={"systems": (system,)}) for system in self.systems)

    def replicates_of(self, system: System) -> int:
        """Return the times that a system is asked each case: a floor once, since it says the same again."""
        return 1 if system.is_floor else self.replicates

    def wanted(self, benchmark: BenchmarkFolder, system: System) -> int:
        """Return the number of outputs that the plan wants of a system."""
        cases = benchmark.head.cases
        return min(self.limit or cases, cases) * self.replicates_of(system)

    def outputs(self, benchmark: BenchmarkFolder, folder: Path) -> OutputIndex:
        """Read which of the wanted outputs a run has; earlier calls may have wanted more."""
        return OutputIndex(folder, cases=selected_ids(benchmark, self.limit), replicates=self.replicates)

    def missing(
        self, benchmark: BenchmarkFolder, system: System, done: OutputIndex
    ) -> Iterator[tuple[Case, int]]:
        """Yield the cases and replicates that need an output, in the benchmark's order."""
        for case in selected_cases(benchmark, self.limit):
            for replicate in range(self.replicates_of(system)):
                if not done.is_done(case.case_id, replicate):
                    yield case, replicate
