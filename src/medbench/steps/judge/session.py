"""One call of `judge`: what it is to do, the runs it has open, and how each stands after it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, Self

from medbench.client.retry import Policy
from medbench.schema.results.judge_result import Standing
from medbench.schema.verdict import Canary, Verdict
from medbench.steps.reading.selection import selected_cases
from medbench.steps.reading.verdict_book import Book, OutputIndex, Place, RaterKey, fallback_cases
from medbench.steps.rescore.rescore import keep_fresh, summary_of, why_stale
from medbench.store.jsonl import Journal, read_records
from medbench.store.ledger import Ledger
from medbench.store.lock import RunLock
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.executors.local import Stop
    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.schema.score import Summary
    from medbench.steps.judge.judges import Judge
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder

AUDIT = "audit.jsonl"
CANARIES = 40
"""Canaries of a rater over all runs, unless asked otherwise."""
MOST_REPLICATES = 100
PATIENCE = Policy(deadline_s=120.0, patience_s=180.0, most_tries=4)
"""A judge's call: three retries at most; a judge that is silent for three minutes is given up."""


class JudgeWatcher(Protocol):
    """Who is told how judging goes on."""

    def notice(self, text: str) -> None:
        """Something a person should know."""

    def begin(self, name: str, done: int, wanted: int) -> None:
        """A part of the work begins: how much of it is there already."""

    def step(self, name: str, failure: str | None, *, again: bool) -> None:
        """A verdict or canary is on the disk: the kind of its failure; whether it was asked twice."""

    def end(self, name: str) -> None:
        """A part of the work has ended."""


@dataclass(frozen=True, slots=True)
class JudgeSession:
    """What one call of `judge` is to do."""

    benchmark: BenchmarkFolder
    runs: tuple[RunFolder, ...]
    judges: tuple[Judge, ...]
    watcher: JudgeWatcher
    stop: Stop
    command: str = ""
    fallback: Judge | None = None
    """Stands in for single verdicts."""
    fallback_on: Literal["single", "outage"] = "single"
    """Whether it may stand in for an outage, too."""
    replicates: int = 1
    """How often each text is judged."""
    seed: int = 1
    """Of the order of the two texts, and of the canaries."""
    stale: bool = False
    """Whether verdicts of a text that is parsed otherwise now are missing."""
    limit: int | None = None
    """Cases to judge; None for all."""
    canaries: int = CANARIES
    """Canaries of each judge over all runs."""
    concurrency: int | None = None
    """Calls in flight."""
    max_cost: float = float("inf")
    """Dollars that the command may spend."""
    policy: Policy = PATIENCE


@dataclass(slots=True)
class Bench:
    """A run that is open for judging."""

    run: RunFolder
    verdicts: Journal
    audit: Journal
    ledger: Ledger
    outputs: OutputIndex
    books: dict[RaterKey, Book] = field(default_factory=dict)
    canaries: list[Canary] = field(default_factory=list)

    def book(self, rater: str, digest: str) -> Book:
        """The verdicts of a rater."""
        return self.books.setdefault(RaterKey(rater, digest), Book())

    async def add(self, verdict: Verdict) -> None:
        """Put a verdict on the disk."""
        await self.verdicts.commit(verdict)
        self.book(verdict.rater, verdict.rater_digest or "").add(verdict)


class Benches:
    """The runs of a session, locked, with their files open."""

    def __init__(self, session: JudgeSession) -> None:
        self._session = session
        self._held = ExitStack()
        self._scored: list[tuple[RunFolder, Summary]] = []
        self.all: list[Bench] = []

    def __enter__(self) -> Self:
        for run in self._session.runs:
            lock = self._held.enter_context(RunLock(run.path))
            summary = summary_of(run)
            if summary is not None and why_stale(run, summary) is None:
                self._scored.append((run, summary))
            bench = Bench(
                run=run,
                verdicts=self._held.enter_context(Journal(run.path / VERDICTS)),
                audit=self._held.enter_context(Journal(run.path / AUDIT)),
                ledger=self._held.enter_context(Ledger(run.path)),
                outputs=OutputIndex(run),
            )
            for verdict in read_records(run.path / VERDICTS, Verdict):
                bench.books.setdefault(RaterKey(verdict.rater, verdict.rater_digest), Book()).add(verdict)
            bench.canaries = list(read_records(run.path / AUDIT, Canary))
            if lock.died:
                self._session.watcher.notice(
                    f"Going on with {run.path} (process {lock.died}, which held it, is gone)."
                )
            self.all.append(bench)
        return self

    def __exit__(self, *_: object) -> None:
        with self._held:
            for run, summary in self._scored:
                keep_fresh(run, summary)


def places(session: JudgeSession, bench: Bench, case_id: str) -> Iterator[Place]:
    """What is to be judged of a case in one run."""
    for replicate in bench.outputs.replicates(case_id):
        for judge_replicate in range(session.replicates):
            yield Place(case_id, replicate, judge_replicate)


def cases_of(session: JudgeSession) -> Iterator[tuple[Case, Reference]]:
    """The cases to judge, each with its reference, in the benchmark's order."""
    references = session.benchmark.references()
    for case in selected_cases(session.benchmark, session.limit):
        reference = next(reference for reference in references if reference.case_id == case.case_id)
        yield case, reference


def standings(session: JudgeSession, benches: Sequence[Bench], rater: str, digest: str) -> list[Standing]:
    """How a rater stands on each run."""
    moved = fallback_cases(bench.book(rater, digest) for bench in benches)
    cases = [case.case_id for case in selected_cases(session.benchmark, session.limit)]
    found = []
    for bench in benches:
        book = bench.book(rater, digest)
        wanted = judged = stood_in = still = 0
        failures: dict[str, int] = {}
        for case_id in cases:
            for place in places(session, bench, case_id):
                wanted += 1
                by_fallback = case_id in moved
                if book.said(place, by_fallback=by_fallback) is not None:
                    judged += 1
                    stood_in += by_fallback
                    continue
                failed = (book.fallback_failed if by_fallback else book.failed).get(place)
                kind = failed.kind if failed else "not judged"
                failures[kind] = failures.get(kind, 0) + 1
                still += failed is None or not failed.final
        found.append(Standing(rater, bench.run.name, wanted, judged, stood_in, failures, still))
    return found
