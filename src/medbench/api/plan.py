"""Plan how many cases a difference takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.api.arguments import check_number
from medbench.api.benchmarks import open_benchmark
from medbench.api.frames import Rows
from medbench.api.result import RecordResult
from medbench.api.runs import open_runs
from medbench.config import load_settings
from medbench.store.runs import runs_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.api.benchmarks import BenchmarkName
    from medbench.api.runs import Runs
    from medbench.report.blocks import Block
    from medbench.schema.results.plan import PowerPlan


class PlanResult(RecordResult):
    """The differences that numbers of cases can show.

    `record` has all; its frame has a row for each number of cases.
    """

    record: PowerPlan

    @property
    def needed(self) -> int | None:
        """Cases that detect the difference with 80 % power; None where it takes more than 20,000."""
        return self.record.needed

    def __repr__(self) -> str:
        needed = "more than 20,000" if self.needed is None else f"{self.needed:,}"
        return f"<PlanResult {100 * self.record.difference:g} points: {needed} cases>"

    def _rows(self) -> Rows:
        return Rows(_COLUMNS, [reach.model_dump(include={*_COLUMNS}) for reach in self.record.reaches])

    def _blocks(self) -> Iterable[Block]:
        from medbench.report.plan import power_plan

        return power_plan(self.record)


def plan(
    runs: Runs | None = None,
    *,
    difference: float = 10.0,
    benchmark: BenchmarkName | None = None,
    discordance: float | None = None,
    base_rate: float | None = None,
    judge: str | None = None,
) -> PlanResult:
    """Return how many cases a difference takes, before they are paid for.

    Args:
        runs: Runs to learn from; by default those of the benchmark that was run last, if any.
        difference: Smallest difference that matters, in points.
        benchmark: Benchmark whose source the cases come from; by default that of the runs.
        discordance: Share of cases of which one system alone is good; by default that of the runs, or .30.
        base_rate: Share of good outputs expected; by default that of the runs, or .40.
        judge: The rater that counts; by default the one judge there is, or else 'rules'.

    Raises:
        UsageError: There is no such run, benchmark or rater, or the difference cannot be.
    """
    from medbench.steps.plan.plan import Assumptions, assumptions_from, power_plan

    check_number("discordance", discordance, 0, 1)
    check_number("base_rate", base_rate, 0, 1)
    settings = load_settings()
    root = Path(settings.defaults.runs)
    learn = runs is not None or (benchmark is None and runs_in(root))
    folders = open_runs(runs, root) if learn else []
    source = open_benchmark(benchmark) if benchmark else folders[0].benchmark() if folders else None
    assumed = Assumptions(discordance=discordance, base_rate=base_rate)
    systems = [run for run in folders if run.head.system.is_competitor]
    if len(systems) > 1:
        assumed = assumptions_from(systems, judge, assumed, settings)
    return PlanResult(power_plan(difference / 100, assumed, source))


_COLUMNS = {
    "cases": int,
    "detects": float,
    "power": float,
    "half_width": float,
    "new_calls": int,
    "usd": float,
    "hours": float,
    "all_there_are": bool,
}
