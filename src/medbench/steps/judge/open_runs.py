"""A run that is open for judging: locked, its outputs and verdicts read, its files ready to append to."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.schema.verdict import Canary, Verdict
from medbench.steps.reading.summaries import refresh_digests, why_stale
from medbench.steps.reading.verdict_book import RaterKey, VerdictBook, books_of
from medbench.store.jsonl import Journal, read_records
from medbench.store.ledger import Ledger
from medbench.store.lock import RunLock
from medbench.store.outputs import OutputIndex
from medbench.store.runs import AUDIT, RESPONSES, VERDICTS, RunFolder
from medbench.store.seals import sealing
from medbench.store.summary import summary_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(slots=True, eq=False)
class OpenRun:
    """One run, open for judging."""

    folder: RunFolder
    outputs: OutputIndex
    verdicts: Journal
    audit: Journal
    ledger: Ledger
    canaries: list[Canary]
    books: dict[RaterKey, VerdictBook]

    def book(self, rater: RaterKey) -> VerdictBook:
        """Return the verdicts of a rater."""
        return self.books.setdefault(rater, VerdictBook())

    def text(self, case_id: str, replicate: int) -> str:
        """Return the text of an output, whole."""
        return self.outputs.output(case_id, replicate).text or ""

    async def add(self, record: Verdict | Canary) -> None:
        """Put a verdict or a canary on the disk."""
        if isinstance(record, Canary):
            await self.audit.commit(record)
            return
        await self.verdicts.commit(record)
        self.book(RaterKey.of(record)).add(record)


@contextmanager
def open_run(folder: Path, notice: Callable[[str], None]) -> Iterator[OpenRun]:
    """Open a run for judging.

    Args:
        folder: The run's folder.
        notice: Told where a process died that held the run.

    Raises:
        LockedError: Another process is writing it.
    """
    run = RunFolder(folder)
    with RunLock(folder) as lock:
        summary = summary_of(run)
        fresh = summary is not None and why_stale(run, summary) is None
        with (
            sealing(folder),
            _no_empty_file(folder),
            Journal(folder / VERDICTS) as verdicts,
            Journal(folder / AUDIT) as audit,
            Ledger(folder) as ledger,
        ):
            canaries = list(read_records(folder / AUDIT, Canary))
            if words := lock.notice():
                notice(words)
            if lock.died:
                notice(f"Going on with {folder} (process {lock.died}, which held it, is gone).")
            try:
                yield OpenRun(run, OutputIndex(folder), verdicts, audit, ledger, canaries, books_of(run))
            finally:
                # Only calls of a judge came into the ledger: scores that were fresh still are.
                if fresh and summary is not None:
                    refresh_digests(run, summary)


@contextmanager
def _no_empty_file(folder: Path) -> Iterator[None]:
    """Take out the files that were opened to append to and got nothing, as where a judge is refused."""
    new = [path for name in (VERDICTS, AUDIT, RESPONSES) if not (path := folder / name).exists()]
    try:
        yield
    finally:
        for path in new:
            with suppress(OSError):
                if not path.stat().st_size:
                    path.unlink()
