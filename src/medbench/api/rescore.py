"""Records on the disk: parse and measure them again, or check that they are as they were written."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast, get_args

from medbench.api.frames import Rows
from medbench.api.result import RecordResult, Result
from medbench.api.runs import open_runs
from medbench.api.tables import ESTIMATE_COLUMNS, estimate_rows
from medbench.errors import FaultError
from medbench.paths import told_apart
from medbench.registry import unknown
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from medbench.api.benchmarks import BenchmarkName
    from medbench.api.runs import Runs
    from medbench.executors.cluster.ray_cluster import RayCluster
    from medbench.report.blocks import Block
    from medbench.schema.results.verified import Verified
    from medbench.schema.score import Summary
    from medbench.store.runs import RunFolder


@dataclass(frozen=True, slots=True)
class Change:
    """One run that was scored again."""

    run: RunFolder
    before: Summary | None
    """Its summary before; None where it had none."""
    after: Summary
    died: int | None
    """The process that was writing the run and is gone; None where there was none."""


class RescoreResult(Result):
    """Runs that were scored again; its frame has a row for each run and metric."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.changes = tuple(changes)

    @property
    def signatures(self) -> dict[str, dict[str, str]]:
        """Run to scorer to signature: how the numbers were computed."""
        return {name: change.after.signatures for name, change in self.by_name()}

    def by_name(self) -> Iterator[tuple[str, Change]]:
        """Yield each change with the name of its run, the whole path where two have the same name."""
        return zip(told_apart([change.run.path for change in self.changes]), self.changes, strict=True)

    def to_dict(self) -> dict[str, Any]:
        """Return {'runs': …}: run, summary before and after."""
        return {
            "runs": [
                {
                    "run": name,
                    "before": json.loads(change.before.model_dump_json()) if change.before else None,
                    "after": json.loads(change.after.model_dump_json()),
                }
                for name, change in self.by_name()
            ]
        }

    def __repr__(self) -> str:
        return f"<RescoreResult {counted(len(self.changes), 'run')}>"

    def _rows(self) -> Rows:
        rows = []
        for name, change in self.by_name():
            before = change.before.everything.metrics if change.before else {}
            for row in estimate_rows(name, change.after.everything.metrics, change.after.signatures):
                estimate = before.get(str(row["metric"]))
                rows.append({**row, "before": estimate.mean if estimate else None})
        return Rows({**ESTIMATE_COLUMNS, "before": float}, rows)

    def _blocks(self) -> Iterable[Block]:
        from medbench.report.rescored import rescored

        return rescored([(name, change.before, change.after) for name, change in self.by_name()])


def rescore(
    runs: Runs | None = None,
    *,
    parser: str | None = None,
    swap: str = "region",
    finding: int | None = None,
    benchmark: BenchmarkName | None = None,
    executor: str = "local",
    address: str | None = None,
    progress: bool = True,
) -> RescoreResult:
    """Parse and measure outputs again. Nothing is sent.

    Args:
        runs: Names, folders, or runs; by default all runs of the benchmark that was run last.
        parser: How outputs are taken apart; by default the current way.
        finding: Version of the finding metric; by default the current one. Version 1 comes with its parser.
        swap: Swap control: 'region' for up to 20 other cases of the same region, 'any' for all other cases.
        benchmark: Where the runs' benchmark lies now, if it was moved: they are linked to it anew.
        executor: Machines that do the work: 'local' for this one, or 'ray' for those of a Ray cluster.
        address: HOST:PORT of the head of the cluster that this machine is part of; by default one of its own.
        progress: Show on stderr how it goes on, where it takes more than seconds.

    Raises:
        UsageError: There is no such run, parser, swap control, version or cluster.
        InputError: A benchmark is gone or was changed.
        LockedError: Another process is writing one of the runs.
        FaultError: The code failed on a text, which the message names; its run's scores stay as they were,
            and the other runs are scored.
    """
    from medbench.api.scoring_progress import scoring_watch
    from medbench.executors.cluster.placement import placement_of
    from medbench.scoring.controls import Swap
    from medbench.scoring.versions import VERSIONS
    from medbench.steps.rescore.rescore import Rescorer
    from medbench.store.lock import RunLock
    from medbench.store.summary import summary_of

    placement = placement_of(executor, address)
    folders = open_runs(runs, benchmark=benchmark)
    if swap not in get_args(Swap):
        raise unknown("swap control", swap, get_args(Swap), option="--swap ")
    if finding is not None and finding not in VERSIONS:
        raise unknown("finding metric", str(finding), map(str, VERSIONS), option="--finding ")
    changes: list[Change] = []
    faults: list[FaultError] = []
    with ExitStack() as stack:
        cluster = placement.cluster()
        if cluster is not None:
            stack.enter_context(cluster)
            _check_machines(cluster, folders)
        lines = scoring_watch(progress=progress)
        notice = lines.notice if lines else lambda _: None
        elsewhere = partial(cluster.map_in_order, notice=notice) if cluster else None
        rescorer = Rescorer(parser, cast("Swap", swap), finding, lines, elsewhere=elsewhere)
        for run in folders:
            with RunLock(run.path) as lock:
                try:
                    changes.append(Change(run, summary_of(run), rescorer.rescore(run), lock.died))
                except FaultError as error:  # a text of one run is no reason to leave the others as they were
                    faults.append(error)
    if faults:
        raise _of_several(faults, len(changes)) from faults[0]
    return RescoreResult(changes)


def _of_several(faults: Sequence[FaultError], done: int) -> FaultError:
    """Return the first of the errors, with what became of the other runs."""
    first, others = faults[0], len(faults) - 1
    parts = [f"Of {counted(others, 'other run')} a text cannot be scored either."] * bool(others)
    parts += [f"{counted(done, 'other run')} {'was' if done == 1 else 'were'} scored."] * bool(done)
    return FaultError(" ".join([first.message, *parts]), first.hint)


def _check_machines(cluster: RayCluster, runs: Iterable[RunFolder]) -> None:
    """Check that the machines of a cluster may get what is scored.

    Raises:
        UsageError: The terms of a benchmark do not allow it.
    """
    from medbench.steps.access.hosts import check_host

    heads = {run.head.benchmark.digest: run.benchmark().head for run in runs}
    for head in heads.values():
        for address in cluster.others():
            check_host(head, address, f"the machine {address} of the cluster computes scores")


class VerifyResult(RecordResult):
    """Runs that were verified; its frame has a row for each problem."""

    record: Verified

    def __repr__(self) -> str:
        return f"<VerifyResult {counted(len(self.record.runs), 'run')}>"

    def _rows(self) -> Rows:
        rows = [{"run": run.run, "problem": problem} for run in self.record.runs for problem in run.problems]
        return Rows({"run": str, "problem": str}, rows)

    def _blocks(self) -> Iterable[Block]:
        from medbench.report.verified import verified

        return verified(self.record)


def verify(runs: Runs | None = None, *, benchmark: BenchmarkName | None = None) -> VerifyResult:
    """Check runs from the benchmark to the scores; nothing is sent.

    Args:
        runs: Names, folders, or runs; by default all runs of the benchmark that was run last.
        benchmark: Where the benchmark lies now, if it was moved; nothing is written.

    Raises:
        UsageError: There is no such run or benchmark.
        StoreError: A run ran on another benchmark.
    """
    from medbench.api.benchmarks import open_benchmark
    from medbench.steps.verify.verify import verify_runs
    from medbench.store.runs import reading_with

    folders = open_runs(runs)
    if benchmark is not None:
        moved_to = open_benchmark(benchmark)
        with reading_with(folders, moved_to):
            return VerifyResult(verify_runs(folders))
    return VerifyResult(verify_runs(folders))
