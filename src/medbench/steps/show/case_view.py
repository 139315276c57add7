"""One case with every output, every score and every verdict."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.errors import MedbenchError, UsageError
from medbench.schema.results.view import CaseView
from medbench.sentences import line_of, nearest
from medbench.steps.reading.raters import with_unique_names
from medbench.steps.show.stored_outputs import StoredOutputs
from medbench.store.benchmark import DEFAULT, BenchmarkFolder, find_benchmark
from medbench.store.runs import RunFolder, runs_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.reference import Reference


def show_case(name: str, root: Path) -> CaseView:
    """Return the case of that case id or source id, in the benchmark that has it and was run last.

    Raises:
        UsageError: No such case is in them.
        MedbenchError: The only benchmark that could have it is gone or changed.
    """
    known: list[str] = []
    problem: MedbenchError | None = None
    for runs in _by_benchmark(runs_in(root) if root.is_dir() else []):
        known += [run.path.name for run in runs]
        try:
            benchmark = runs[0].benchmark() if runs else find_benchmark(DEFAULT)
            benchmark.check()
        except MedbenchError as error:
            problem = error
            continue
        for reference in benchmark.references():
            known += [reference.case_id, reference.source_id]
            if name.casefold() in {reference.case_id.casefold(), reference.source_id.casefold()}:
                return _case_view(benchmark, reference, runs)
    if problem:
        raise problem
    close = nearest(name, known)
    raise UsageError(
        f"'{name}' is neither a run nor a case of a benchmark that was run.",
        line_of("show", close) if close else "medbench show   (all runs)",
        (name, close) if close else None,
    )


def _by_benchmark(runs: Sequence[RunFolder]) -> list[list[RunFolder]]:
    """Return the runs of each benchmark, the one run last first; an empty list for the embedded one."""
    groups: dict[str, list[RunFolder]] = {}
    for run in sorted(runs, key=RunFolder.last_event, reverse=True):
        groups.setdefault(run.head.benchmark.digest, []).append(run)
    return [sorted(group, key=lambda run: str(run.path)) for group in groups.values()] or [[]]


def _from_here(path: Path) -> Path:
    here = Path.cwd()
    return path.resolve().relative_to(here) if path.resolve().is_relative_to(here) else path


def _case_view(benchmark: BenchmarkFolder, reference: Reference, runs: Sequence[RunFolder]) -> CaseView:
    case = next(case for case in benchmark.cases() if case.case_id == reference.case_id)
    only = frozenset({case.case_id})
    outputs = [view for run in runs for view in StoredOutputs(run, only).views(case.case_id, reference.text)]
    verdicts = iter(with_unique_names(verdict for view in outputs for verdict in view.verdicts))
    named = (replace(view, verdicts=tuple(islice(verdicts, len(view.verdicts)))) for view in outputs)
    return CaseView(str(_from_here(benchmark.path)), case, reference, tuple(named))
