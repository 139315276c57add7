"""The plan of one call of `run`: data that can be written down, read back and sent elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.executors.cluster.placement import Placement
from medbench.sentences import line_of
from medbench.steps.access.asking_plan import AskingPlan
from medbench.steps.access.systems import PreparedSystem
from medbench.steps.reading.selection import selected_cases, selected_ids
from medbench.store.outputs import OutputIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.case import Case
    from medbench.schema.run import System
    from medbench.store.benchmark import BenchmarkFolder


class RunPlan(AskingPlan):
    """Systems to run on a benchmark. It goes through JSON and pickle unchanged."""

    benchmark: str
    """Folder of the benchmark, or 'embedded:NAME'."""
    systems: tuple[PreparedSystem, ...]
    """The systems, with all that it takes to run them."""
    root: Path
    """Folder of the runs."""
    command: str
    """The line that was typed."""
    replicates: int = 1
    """Times that each case is asked."""
    fresh: bool = False
    """Begin a second run of each model instead of going on with the first."""
    placement: Placement = Placement()
    """Machines that make the calls."""
    is_watch: bool = False
    """The answers of a day, which are compared with those of other days."""
    interleaved: bool = False
    """Ask all systems at the same time, so that a service which drifts hits all alike, and once what several
    of them ask."""

    def batch_hint(self, name: str) -> str:
        """Return what to type where a model of this name can be asked in batches only."""
        if not (self.interleaved or self.is_watch):
            return "the same line with --batch"
        benchmark = self.benchmark.removeprefix("embedded:")
        return line_of("run", benchmark, "-m", name, "--batch")

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
