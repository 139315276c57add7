"""Read a run as it is told to others: its model, its numbers with their denominators, its graded outputs."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.schema.verdict import Verdict
from medbench.scoring.controls import above
from medbench.steps.compare.comparable import fresh_summaries
from medbench.steps.reading.output_rows import NOT_RUN, OutputRows
from medbench.steps.reading.raters import raters_of
from medbench.steps.reading.verdict_book import RaterKey
from medbench.steps.show.profile import rates_of
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.schema.benchmark import Benchmark
    from medbench.schema.run import System
    from medbench.schema.score import Estimate, Summary
    from medbench.steps.reading.output_rows import OutputRow
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder

GRADED = ("good", "key_finding")
"""Judgements of an output that are shared as a rate."""
METRICS = (
    "finding.f1",
    above("finding.f1"),
    "finding.recall",
    "finding.precision",
    "finding.key",
    above("finding.key"),
    "rouge_l.recall",
    "rouge_l.f1",
    "latency_ms",
    "cost_usd",
    "words",
)
"""Metrics that are shared, where the run has them."""
_DEVELOPERS = {"gemini": "google", "medgemma": "google", "claude": "anthropic", "gpt": "openai"}
_UNFIT = re.compile(r'[<>:"\\|?*/\x00-\x1f]+')
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|COM\d|LPT\d|data)(?:\..*)?", re.IGNORECASE)
_RESOURCE = re.compile(r"(?:.*/)?publishers/([^/]+)/models/")


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of a run with what it rests on."""

    name: str
    """'good', 'key_finding', or the name of a metric."""
    estimate: Estimate
    signature: str
    """How it was computed; '' for grades, whose rater says it."""
    rater: str = ""
    """Who graded; '' for a metric."""
    kind: str = ""
    """'rules', 'judge', 'panel' or 'reviewer'; '' for a metric."""


@dataclass(frozen=True, slots=True)
class SharedRun:
    """A run with everything that its exports tell."""

    run: RunFolder
    benchmark: BenchmarkFolder
    summary: Summary
    rows: OutputRows
    """A row for each case and replicate that was asked for, in the order of the benchmark; none is held."""
    measures: tuple[Measure, ...]
    verdicts: Mapping[str, Verdict]
    """Rater to its first verdict, which tells its model, settings and rubric; the rules have none."""
    grades: Mapping[str, Mapping[str, int]]
    """Rater to the number of outputs of each grade."""
    missing: Mapping[str, Mapping[str, Sequence[tuple[str, int]]]]
    """Rater to kind of failure to case and replicate of the outputs without its grade: also those that were
    not run or not graded. Under '' are the outputs that failed."""

    @property
    def system(self) -> System:
        """The system that was run."""
        return self.run.head.system

    def denominators(self, measure: Measure) -> dict[str, str]:
        """Return what a number rests on and what is missing from it, as texts."""
        failed = self.missing.get("", {})
        details = {
            "attempted": f"{self.summary.wanted}",
            "with_text": f"{self.summary.outputs}",
            "judged" if measure.rater else "measured": f"{measure.estimate.n}",
            "not_run": f"{self.summary.not_run}",
            "failed": f"{sum(map(len, failed.values()))}",
            "failed_by_kind": _json({kind: len(those) for kind, those in failed.items()}),
            "without_value": f"{measure.estimate.missing}",
            "left_out": _json(self.missing.get(measure.rater, {})),
        }
        if measure.rater:
            details |= {"rater": measure.rater, "rater_kind": measure.kind}
            details |= {name: f"{number}" for name, number in self.grades.get(measure.rater, {}).items()}
        if measure.signature:
            details["signature"] = measure.signature
        interval = measure.estimate.interval
        if interval is not None:
            details["independent_groups"] = f"{interval.clusters}"
            if interval.approximate:
                details["interval_may_miss_its_level"] = interval.approximate
        return details


def is_drawn(benchmark: Benchmark) -> bool:
    """Return True if the cases are drawn phantoms: no patients, and no texts of others."""
    return (benchmark.draw.recipe or "").startswith("phantom")


def shared_run(run: RunFolder) -> SharedRun:
    """Return a run with everything that its exports tell; it is scored again first where it must be.

    Raises:
        InputError: The benchmark of the run is gone or was changed.
    """
    benchmark = run.benchmark()
    benchmark.check()
    (summary,) = fresh_summaries([run], [], None).summaries
    raters = raters_of([run])
    rows = OutputRows(run, raters)
    measures = (*_grades(run, summary), *_metrics(summary))
    verdicts: dict[str, Verdict] = {}
    for verdict in read_records(run.path / VERDICTS, Verdict):
        verdicts.setdefault(raters.names[RaterKey.of(verdict)], verdict)
    counted: dict[str, Counter[str]] = {}
    missing: dict[str, dict[str, list[tuple[str, int]]]] = {}
    of_raters = dict.fromkeys(("", *(measure.rater for measure in measures)))
    for row in rows:
        for rater, graded in row.grades.items():
            if graded.grade is not None:
                counted.setdefault(rater, Counter(good=0, partial=0, poor=0))[graded.grade] += 1
        for rater in of_raters:
            if (kind := _why_missing(row, rater)) is not None:
                missing.setdefault(rater, {}).setdefault(kind, []).append((row.case_id, row.replicate))
    return SharedRun(run, benchmark, summary, rows, measures, verdicts, counted, missing)


def _why_missing(row: OutputRow, rater: str) -> str | None:
    """Return why an output has no grade of a rater; for '' the failure of one that was run."""
    if row.failure is not None:
        return row.failure if rater or row.failure != NOT_RUN else None
    graded = row.grades.get(rater)
    return "not graded" if rater and (graded is None or graded.grade is None) else None


def _grades(run: RunFolder, summary: Summary) -> Iterator[Measure]:
    for rates in sorted(rates_of(run, summary), key=lambda rates: rates.kind == "rules"):
        for name in GRADED:
            estimate: Estimate = getattr(rates, name)
            if estimate.n:
                signature = summary.signatures.get("rules", "") if rates.kind == "rules" else ""
                yield Measure(name, estimate, signature, rates.rater, rates.kind)


def _metrics(summary: Summary) -> Iterator[Measure]:
    for name in METRICS:
        estimate = summary.everything.metrics.get(name)
        if estimate is not None and estimate.mean is not None:
            yield Measure(name, estimate, summary.signatures.get(_scorer(name), ""))


def _scorer(metric: str) -> str:
    if metric.startswith("above_chance."):
        return "controls"
    scorers = {"finding": "findings", "rouge_l": "rouge"}
    return scorers.get(metric.partition(".")[0], "usage")


def model_identity(system: System) -> tuple[str, str]:
    """Return developer and model of a system, as in 'google/medgemma-1.5-4b-it'.

    A baseline is medbench's; several models in one pipeline have no name but the system's.
    """
    models = {stage.model.id for stage in system.stages}
    if len(models) != 1:
        return ("several" if models else "medbench" if system.is_floor else "unknown"), system.name
    (name,) = models
    return maker_and_name(name, system.family)


def maker_and_name(model: str, family: str = "") -> tuple[str, str]:
    """Return developer and name of a model's id; the developer is 'unknown' where nothing tells."""
    maker, _, name = _RESOURCE.sub(r"\1/", model).removeprefix("models/").rpartition("/")
    known = next((who for start, who in _DEVELOPERS.items() if (family or name).startswith(start)), "unknown")
    return maker or known, name


def folder_name(name: str) -> str:
    """Return a name that can be a folder on every system."""
    plain = _UNFIT.sub("_", name).rstrip(". ") or "_"
    return f"_{plain}" if _RESERVED.fullmatch(plain) else plain


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
