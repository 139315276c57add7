"""The step `show`: all runs, one run by itself, or one case with every output."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from medbench.errors import MedbenchError, UsageError
from medbench.schema.account import JUDGING
from medbench.schema.results.view import CaseView, RunState, RunView
from medbench.schema.score import Score
from medbench.scoring.controls import above
from medbench.sentences import line_of, nearest
from medbench.stats.describe import describe
from medbench.steps.reading.outputs import other_models
from medbench.steps.reading.raters import with_unique_names
from medbench.steps.reading.screening import screening_card
from medbench.steps.reading.selection import wanted_ids
from medbench.steps.reading.spending import account_of
from medbench.steps.reading.summaries import summary_of
from medbench.steps.rescore.rescore import scored_now
from medbench.steps.show.probe_card import probe_card
from medbench.steps.show.profile import profile_of, rates_of
from medbench.steps.show.stage_table import stage_table
from medbench.steps.show.stored_outputs import StoredOutputs
from medbench.store.benchmark import DEFAULT, BenchmarkFolder, find_benchmark
from medbench.store.jsonl import read_records
from medbench.store.outputs import OutputIndex, outputs_that_count
from medbench.store.runs import SCORES, VERDICTS, RunFolder, runs_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.reference import Reference
    from medbench.schema.score import Estimate


def state_of(run: RunFolder) -> RunState:
    """Return how a run stands, from its own files."""
    problem = None
    try:
        benchmark = run.benchmark()
        ids = (case.case_id for case in benchmark.cases())
        wanted = sum(replicates for _, replicates in wanted_ids(benchmark, run.goals(), ids))
    except MedbenchError as error:
        wanted, problem = None, error.message
    outputs, summary = OutputIndex(run.path), summary_of(run)
    account = account_of(run)
    return RunState(
        path=str(run.path),
        head=run.head,
        wanted=wanted,
        command=run.last_command(),
        texts=outputs.texts,
        final_failures=outputs.final_failures,
        open_failures=dict(outputs.open_failures),
        spent=account.total("answers"),
        judging=account.total(*JUDGING),
        problem=problem,
        above_chance=summary.everything.metrics.get(above("finding.f1")) if summary else None,
        signatures=summary.signatures if summary else {},
        by_others=summary.flags.get("other_model", 0) if summary else 0,
    )


def standing_of(run: RunFolder) -> RunState:
    """Return how a run stands, with the grades of its first judge."""
    state, summary = state_of(run), summary_of(run)
    if summary is None or not (run.path / VERDICTS).is_file():
        return state
    judge = next((rater for rater in rates_of(run, summary) if rater.kind == "judge" and rater.good.n), None)
    return replace(state, good=judge.good, judge=judge.rater) if judge else state


def show_run(run: RunFolder) -> RunView:
    """Return one run by itself; it is scored again first where its scores are stale."""
    summary = scored_now(run)
    flagged = [
        (score.case_id, ", ".join(score.flags))
        for score in read_records(run.path / SCORES, Score)
        if score.flags
    ]
    cases: dict[str | None, set[str]] = {}
    failures = []
    for output in outputs_that_count(run):
        if output.failure:
            failures.append((output.case_id, output.failure))
        else:
            cases.setdefault(output.text, set()).add(output.case_id)
    repeated = sum(len(of_text) for of_text in cases.values() if len(of_text) > 1)
    return RunView(
        state=state_of(run),
        summary=summary,
        failures=tuple(failures),
        flagged=tuple(flagged),
        profile=profile_of(run, summary, repeated),
        probes=probe_card(run),
        other_models=other_models(run) if "other_model" in summary.flags else (),
        stages=stage_table(run),
        screening=screening_card(run),
        agreement=_agreement(run),
    )


def _agreement(run: RunFolder) -> Estimate | None:
    """Return the mean share of samples that agree, over the findings of each output; None without samples."""
    notes = (output.notes.get("agreement") for output in outputs_that_count(run))
    shares = [one for one in notes if isinstance(one, dict)]
    return describe([fmean(one.values()) for one in shares if one], len(shares)) if shares else None


def show_case(name: str, root: Path) -> CaseView:
    """Return the case of that case id or source id, in the benchmark that has it and was run last.

    Raises:
        UsageError: No such case is in them.
        MedbenchError: The only benchmark that could have it is gone or changed.
    """
    known: list[str] = []
    problem: MedbenchError | None = None
    for runs in _by_benchmark(runs_in(root) if root.is_dir() else []):
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
    outputs = [
        view for run in runs for view in StoredOutputs(run, case.case_id).views(case.case_id, reference.text)
    ]
    verdicts = iter(with_unique_names(verdict for view in outputs for verdict in view.verdicts))
    named = (replace(view, verdicts=tuple(islice(verdicts, len(view.verdicts)))) for view in outputs)
    return CaseView(str(_from_here(benchmark.path)), case, reference, tuple(named))
