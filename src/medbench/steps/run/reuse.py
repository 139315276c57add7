"""Answers that another run of the same system has paid for already, such as one on a smaller draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.store.ledger import ReusableAnswers
from medbench.store.runs import runs_in

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.run import System
    from medbench.store.benchmark import BenchmarkFolder


def paid_elsewhere(root: Path, benchmark: BenchmarkFolder, system: System) -> ReusableAnswers | None:
    """Find the answers of the same system on other benchmarks.

    Args:
        root: Folder of the runs.
        benchmark: Whose cases are to be answered: those that another benchmark has unchanged are of use.
        system: The system.

    Returns:
        The answers; None where no other run has any.
    """
    digest = system.digest
    others = [
        run
        for run in runs_in(root)
        if run.head.system_digest == digest
        and run.head.benchmark.digest != benchmark.head.digest
        and not run.head.imported_from
    ]
    if not others:
        return None
    return ReusableAnswers(others, {case.case_id: case.digest for case in benchmark.cases()})
