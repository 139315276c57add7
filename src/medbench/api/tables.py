"""Tables of a run: a row for each output, and a row for each estimate."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from medbench.api.frames import Rows, same_named
from medbench.api.result import Table
from medbench.paths import told_apart
from medbench.registry import scorers
from medbench.schema.account import Line, Sum
from medbench.scoring.controls import control_metrics
from medbench.scoring.questions import answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from medbench.api.frames import Value
    from medbench.schema.account import Account
    from medbench.schema.score import Estimate, Interval, Slice, Summary
    from medbench.steps.reading.output_rows import OutputRow, OutputRows
    from medbench.store.runs import RunFolder

_OUTPUT_COLUMNS = {
    "benchmark": str,
    "run": str,
    "case_id": str,
    "replicate": int,
    "region": str,
    "modality": str,
    "images": str,
    "reference_length": str,
    "text": str,
    "scored_text": str,
    "failure": str,
    "reason": str,
    "flags": str,
}
"""The columns that every table of outputs begins with; metrics and grades follow."""


def output_table(runs: Sequence[RunFolder]) -> Table:
    """Return the outputs of some runs, scored again where their scores are out of date.

    A failed output keeps its row: `text` and all numbers are missing, `failure` is its kind; 'not run' where
    there is no output yet. Each rater has a column 'grade.RATER' and one 'key_finding.RATER'. Of two gradings
    by a judge and its fallback, the one is shown that `compare` of these runs counts.
    """
    kinds, rows = output_cells(runs)
    named = ", ".join(run.name for run in runs)
    return Table(f"Outputs of {named}", Rows(kinds, rows))


def output_cells(runs: Sequence[RunFolder]) -> tuple[Mapping[str, type], Iterator[Mapping[str, Value]]]:
    """Return the columns of `output_table`, and its rows one by one: none of them is held."""
    from medbench.steps.compare.comparable import fresh_summaries

    groups = _by_benchmark(runs).values()
    for group in groups:
        fresh_summaries(group, [], None)
    names = _names(runs)
    metrics = dict.fromkeys(_known_metrics())
    raters: dict[str, None] = {}
    for _, rows in _rows_of(groups):
        metrics |= dict.fromkeys(rows.metrics)
        raters |= dict.fromkeys(rows.raters())
    kinds = _OUTPUT_COLUMNS | dict.fromkeys(metrics, float)
    for rater in raters:
        kinds |= {f"grade.{rater}": str, f"key_finding.{rater}": bool}
    return kinds, (_cells(run, names[run.path], row) for run, rows in _rows_of(groups) for row in rows)


def _by_benchmark(runs: Sequence[RunFolder]) -> Mapping[str, list[RunFolder]]:
    groups = defaultdict(list)
    for run in runs:
        groups[run.head.benchmark.digest].append(run)
    return groups


def _names(runs: Iterable[RunFolder]) -> Mapping[Path, str]:
    """Return the name of each run: a row says the name of its benchmark, which another one may share."""
    paths = defaultdict(list)
    for run in runs:
        paths[run.head.benchmark.name].append(run.path)
    return {path: name for same in paths.values() for path, name in zip(same, told_apart(same), strict=True)}


def _rows_of(groups: Iterable[Sequence[RunFolder]]) -> Iterator[tuple[RunFolder, OutputRows]]:
    """Yield the rows of each run, of which one is held at a time."""
    from medbench.steps.reading.output_rows import OutputRows
    from medbench.steps.reading.raters import raters_of

    for runs in groups:
        raters = raters_of(runs)
        for run in runs:
            yield run, OutputRows(run, raters)


def _known_metrics() -> list[str]:
    metrics = [metric for module in scorers().values() for metric in module.METRICS]
    return [*metrics, *sorted(control_metrics(set(metrics)))]


def _cells(run: RunFolder, name: str, row: OutputRow) -> dict[str, Value]:
    output, score = row.output, row.score
    cells: dict[str, Value] = {
        "benchmark": run.head.benchmark.name,
        "run": name,
        "case_id": row.case_id,
        "replicate": row.replicate,
        "region": row.strata.get("region"),
        "modality": row.strata.get("modality"),
        "images": row.strata.get("images"),
        "reference_length": row.strata.get("reference"),
        "text": output.text if output else None,
        "scored_text": score.scored if score else None,
        "failure": row.failure,
        "reason": output.failure.reason if output and output.failure else None,
        "flags": ", ".join(score.flags) if score and output and output.text is not None else None,
        **(score.scores if score else {}),
    }
    for rater, graded in row.grades.items():
        cells |= {f"grade.{rater}": graded.grade, f"key_finding.{rater}": graded.key_finding}
    return cells


ESTIMATE_COLUMNS = {
    "run": str,
    "stratum": str,
    "value": str,
    "metric": str,
    "mean": float,
    "low": float,
    "high": float,
    "n": int,
    "missing": int,
    "median": float,
    "p95": float,
    "interval": str,
    "approximate": str,
    "signature": str,
}


def estimate_table(summary: Summary) -> Table:
    """Return the estimates of a run: over all outputs (stratum 'all'), without a flag, and each part."""
    parts: list[tuple[str, str, Slice]] = [
        ("all", "all", summary.everything),
        ("all", "unflagged", summary.unflagged),
    ]
    parts += [(name, value, part) for name, values in summary.by.items() for value, part in values.items()]
    rows = [
        row
        for stratum, value, part in parts
        for row in estimate_rows(summary.system, part.metrics, summary.signatures, stratum, value)
    ]
    return Table(f"Estimates of {summary.system}", Rows(ESTIMATE_COLUMNS, rows))


def estimate_rows(
    run: str,
    metrics: Mapping[str, Estimate],
    signatures: Mapping[str, str],
    stratum: str = "all",
    value: str = "all",
) -> Iterator[dict[str, Value]]:
    """Yield a row for each metric of one part."""
    scorer_of = {metric: name for name, module in scorers().items() for metric in module.METRICS}
    scorer_of |= dict.fromkeys(answers.METRICS, answers.NAME)
    for metric, estimate in metrics.items():
        yield {
            "run": run,
            "stratum": stratum,
            "value": value,
            "metric": metric,
            **same_named(ESTIMATE_COLUMNS, estimate),
            "signature": signatures.get(scorer_of.get(metric, "controls")),
            **interval_cells(estimate.interval),
        }


def interval_cells(interval: Interval | None) -> dict[str, Value]:
    """Return the ends of a 95 % interval, how it was computed, and why its level may be missed."""
    if interval is None:
        return {}
    return {
        "low": interval.low,
        "high": interval.high,
        "interval": interval.method,
        "approximate": interval.approximate,
    }


def spent_table(account: Account) -> Table:
    """Return what was paid; `unknown` counts the calls of which `usd` leaves something out."""
    columns: dict[str, type] = dict.fromkeys(Line._fields, str)
    columns |= {part.name: float if part.name.endswith("usd") else int for part in fields(Sum)}
    rows = [line._asdict() | asdict(some) for line, some in sorted(account.sums.items())]
    return Table("What was paid", Rows(columns, rows))
