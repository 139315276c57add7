"""The runs of one call of `judge`, locked, with their files open."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from medbench.schema.verdict import Canary, Verdict
from medbench.steps.reading.summaries import refresh_digests, summary_of, why_stale
from medbench.steps.reading.verdict_book import RaterKey, VerdictBook, VerdictKey
from medbench.store.jsonl import Journal, read_records
from medbench.store.ledger import Ledger
from medbench.store.lock import RunLock
from medbench.store.outputs import OutputIndex
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.score import Summary
    from medbench.steps.judge.session import JudgeSession
    from medbench.store.runs import RunFolder
from medbench.store.runs import AUDIT


@dataclass(slots=True)
class OpenRun:
    """A run that is open for judging."""

    run: RunFolder
    verdicts: Journal
    audit: Journal
    ledger: Ledger
    outputs: OutputIndex
    books: dict[RaterKey, VerdictBook] = field(default_factory=dict)
    canaries: list[Canary] = field(default_factory=list)

    def book(self, rater: str, digest: str) -> VerdictBook:
        """The verdicts of a rater."""
        return self.books.setdefault(RaterKey(rater, digest), VerdictBook())

    async def add(self, verdict: Verdict) -> None:
        """Put a verdict on the disk."""
        await self.verdicts.commit(verdict)
        self.book(verdict.rater, verdict.rater_digest or "").add(verdict)


class OpenRuns:
    """The runs of a session, locked, with their files open."""

    def __init__(self, session: JudgeSession) -> None:
        self._session = session
        self._held = ExitStack()
        self._scored: list[tuple[RunFolder, Summary]] = []
        self.all: list[OpenRun] = []

    def __enter__(self) -> Self:
        for run in self._session.runs:
            lock = self._held.enter_context(RunLock(run.path))
            summary = summary_of(run)
            if summary is not None and why_stale(run, summary) is None:
                self._scored.append((run, summary))
            bench = OpenRun(
                run=run,
                verdicts=self._held.enter_context(Journal(run.path / VERDICTS)),
                audit=self._held.enter_context(Journal(run.path / AUDIT)),
                ledger=self._held.enter_context(Ledger(run.path)),
                outputs=OutputIndex(run.path),
            )
            for verdict in read_records(run.path / VERDICTS, Verdict):
                bench.books.setdefault(RaterKey(verdict.rater, verdict.rater_digest), VerdictBook()).add(
                    verdict
                )
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
                refresh_digests(run, summary)


def places(session: JudgeSession, bench: OpenRun, case_id: str) -> Iterator[VerdictKey]:
    """What is to be judged of a case in one run."""
    for replicate in bench.outputs.replicates(case_id):
        for judge_replicate in range(session.replicates):
            yield VerdictKey(case_id, replicate, judge_replicate)
