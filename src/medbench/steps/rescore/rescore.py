"""The step `rescore`: parse and measure again what is on the disk; sends nothing."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from medbench.errors import InputError
from medbench.executors.processes import map_in_order
from medbench.registry import unknown
from medbench.schema.score import Summary
from medbench.scoring.controls import MOST, Swap, control_metrics, mixed_regions
from medbench.scoring.item import MOST_REMEMBERED
from medbench.scoring.parsing.text import parser_names
from medbench.scoring.versions import LATEST, FindingVersion, parser_of, scorers_of
from medbench.steps.reading.selection import wanted_ids
from medbench.steps.reading.summaries import all_signatures, inputs_of, parser_for, rates, why_stale
from medbench.steps.rescore.call_facts import LedgerReader
from medbench.steps.rescore.case_table import CaseIndex, CaseTable, facts_in, packed_findings
from medbench.steps.rescore.measuring import Job, Measurer
from medbench.steps.rescore.tally import Tally
from medbench.store.columns import COLUMNS
from medbench.store.jsonl import atomic_file, file_digest, write_one
from medbench.store.outputs import OutputIndex
from medbench.store.runs import OUTPUTS, SCORES, SUMMARY, RunFolder
from medbench.store.summary import summary_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from medbench.executors.processes import MapInOrder
    from medbench.schema.run import Output
    from medbench.schema.score import Score
    from medbench.store.benchmark import BenchmarkFolder

    Watch = Callable[[RunFolder, int, int, "Texts"], None]
    """Told the run, how many are done, how many there are, and of what."""

R = TypeVar("R")
Texts = Literal["references", "outputs"]
_EVERY = 1 / 4
"""Seconds between two words about how far scoring is."""


class _Prepared:
    """Means of scoring the outputs of one benchmark."""

    def __init__(self, benchmark: BenchmarkFolder, parser: str, version: FindingVersion, swap: Swap) -> None:
        self.cases = CaseTable(benchmark)
        self._chosen = parser, version, swap
        self._here: Measurer | None = None

    def needs_packing(self, outputs: int) -> bool:
        """Return True if so many outputs are scored faster once all references are packed.

        Those of few cases each process remembers, and few outputs meet few of many references.
        """
        _, version, _ = self._chosen
        many = len(self.cases) > MOST_REMEMBERED and outputs * MOST >= len(self.cases)
        return many and version == LATEST and not self.cases.has_packed

    def add_findings(self, packed: Iterable[bytes]) -> None:
        """Pack all references, given their findings, for every measurer that is made from now on."""
        self.cases.add_findings(packed)
        self._here = None

    def maker(self) -> Callable[[], Measurer]:
        """Return what makes a measurer in whatever process of this machine; it can be pickled."""
        return partial(_measurer, self.cases.path, self.cases.index, *self._chosen)

    def portable(self) -> Callable[[], Measurer]:
        """Return a maker that takes all facts along, to a machine that has none of them."""
        return partial(_measurer, Path(self.cases.path).read_bytes(), self.cases.index, *self._chosen)

    def measure(self, job: Job) -> Score:
        """Return the score of an output, measured in this process."""
        if self._here is None:
            self._here = self.maker()()
        return self._here(job)


def _measurer(
    table: str | bytes, index: CaseIndex, parser: str, version: FindingVersion, swap: Swap
) -> Measurer:
    return Measurer(facts_in(table, index), parser, version, swap)


def _packer() -> Callable[[str], bytes]:
    return packed_findings


def scored_now(run: RunFolder) -> Summary:
    """Return the summary of a run, which is scored again in its own way where its scores are stale."""
    summary = summary_of(run)
    if summary is None or why_stale(run, summary):
        return Rescorer(parser_for(summary), finding=summary.finding if summary else None).rescore(run)
    return summary


class Rescorer:
    """Scores runs; references are taken apart once for all runs of a benchmark."""

    def __init__(
        self,
        parser: str | None = None,
        swap: Swap = "region",
        finding: FindingVersion | None = None,
        watch: Watch | None = None,
        elsewhere: MapInOrder | None = None,
    ) -> None:
        """Prepare to score.

        Args:
            parser: How outputs are taken apart; by default as the version of the finding metric wants it.
            swap: The references of the swap control.
            finding: Version of the finding metric; None for the current one.
            watch: Told a few times a second how many outputs of a run are scored, or references read.
            elsewhere: Computes the scores on other machines; None for all cores of this one.
        """
        self._version = finding or LATEST
        parser = parser or parser_of(self._version)
        if parser not in parser_names():
            raise unknown("parser", parser, parser_names(), option="--parser ")
        self._parser = parser
        self._finding = finding
        self._swap: Swap = swap
        self._watch = watch or (lambda _run, _done, _wanted, _what: None)
        self._elsewhere = elsewhere
        self._prepared: dict[str, _Prepared] = {}
        """Digest of the last benchmark to what scores its outputs."""

    def rescore(self, run: RunFolder, into: Path | None = None) -> Summary:
        """Write scores.jsonl and summary.json of a run anew, each whole or not at all.

        Args:
            run: The run.
            into: Folder to write to; None for the run's own.

        Raises:
            InputError: The benchmark is gone or was changed.
            StoreError: The folder cannot be written.
            FaultError: The code failed on one of the texts; the files stay as they were.
        """
        folder = into or run.path
        benchmark = run.benchmark()
        inputs, sessions = inputs_of(run), run.goals()
        prepared = self._prepare(benchmark)
        cases = prepared.cases
        tally = self._tally(cases, wanted_ids(benchmark, sessions, cases))
        ledger = LedgerReader(run.path)
        with atomic_file(folder / SCORES) as file:
            for score in self._measured(run, prepared, ledger):
                file.write(score.to_line())
                tally.add(score, cases.strata(score.case_id), cases.topic(score.case_id))
        ledger.finish()
        columns = tally.columns()
        if columns is not None:
            columns.write(folder / COLUMNS)
        spent = ledger.spent.total()
        summary = Summary(
            system=run.head.system.name,
            benchmark_digest=run.head.benchmark.digest,
            parser=self._parser,
            signatures=all_signatures(
                self._parser, run.head.benchmark.digest, self._swap, self._version, questions=cases.asks
            ),
            finding=self._finding,
            swap=self._swap,
            swap_mixed=mixed_regions((cases.strata(case_id)["region"] for case_id in cases), self._swap),
            inputs=inputs,
            scores=file_digest(folder / SCORES),
            columns=columns and columns.digest(),
            sessions=sessions,
            cases=benchmark.head.cases,
            cost_usd=spent.known,
            cost_unknown=spent.unknown,
            cost_reused_usd=spent.reused_usd,
            cost_reused_unknown=spent.reused_unknown,
            **tally.sums(),
        )
        write_one(folder / SUMMARY, summary)
        return summary

    def scores(self, run: RunFolder, outputs: Iterable[Output]) -> Iterator[Score]:
        """Yield the scores that outputs of a run would have, such as those of an earlier stage.

        Args:
            run: The run; its ledger has the responses that the outputs name.
            outputs: The outputs, nearly in the order in which the run has them.

        Raises:
            InputError: The benchmark is gone or was changed.
            FaultError: The code failed on one of the texts.
        """
        benchmark = run.benchmark()
        prepared = self._prepare(benchmark)
        return map(prepared.measure, self._jobs(outputs, run, prepared.cases, LedgerReader(run.path)))

    def _prepare(self, benchmark: BenchmarkFolder) -> _Prepared:
        digest = benchmark.head.digest
        if digest not in self._prepared:
            self._prepared = {digest: _Prepared(benchmark, self._parser, self._version, self._swap)}
        return self._prepared[digest]

    def _tally(self, cases: CaseTable, wanted: Iterable[tuple[str, int]]) -> Tally:
        """Return an empty tally of the outputs that are wanted of cases."""
        modules = scorers_of(self._version, questions=cases.asks).values()
        metrics = {metric for module in modules for metric in module.METRICS}
        strata = ((cases.strata(case_id), number) for case_id, number in wanted)
        return Tally(strata, metrics | control_metrics(metrics), rates(modules))

    def _measured(self, run: RunFolder, prepared: _Prepared, ledger: LedgerReader) -> Iterator[Score]:
        """Return the scores of the outputs of a run that count, computed here, on all cores or elsewhere."""
        index, cases = OutputIndex(run.path), prepared.cases
        if prepared.needs_packing(index.count):
            texts = cases.references()
            if self._elsewhere is None:
                packed = map_in_order(packed_findings, _packer, texts, len(cases))
            else:
                packed = self._elsewhere(packed_findings, _packer, texts)
            prepared.add_findings(self._watched(run, packed, len(cases), "references"))
        jobs = self._jobs(index.outputs(), run, cases, ledger)
        if self._elsewhere is None:
            scores = map_in_order(prepared.measure, prepared.maker(), jobs, index.count)
        else:
            scores = self._elsewhere(prepared.measure, prepared.portable(), jobs)
        return self._watched(run, scores, index.count, "outputs")

    def _watched(self, run: RunFolder, results: Iterable[R], wanted: int, what: Texts) -> Iterator[R]:
        told = 0.0
        for done, result in enumerate(results, 1):
            if (now := time.monotonic()) >= told + _EVERY:
                told = now
                self._watch(run, done, wanted, what)
            yield result
        self._watch(run, wanted, wanted, what)

    def _jobs(
        self, outputs: Iterable[Output], run: RunFolder, cases: CaseTable, ledger: LedgerReader
    ) -> Iterator[Job]:
        pool: dict[str, str] = {}
        for output in outputs:
            calls = ledger.calls_of(output.responses)
            if output.case_id not in cases:
                raise InputError(
                    f"{run.path / OUTPUTS} has an output for '{output.case_id}', no case of its benchmark.",
                    "restore the file from a copy; medbench changes no line once it is written",
                )
            shown = [name for name, _ in output.notes.get("neighbours", ())]
            if shown and not pool:
                pool = {one.case.case_id: one.text for one in run.benchmark().pool}
            examples = tuple(pool[name] for name in shown if name in pool)
            yield Job(str(run.path), output, cases.place(output.case_id), calls, examples)
