"""One call of `judge` at work: its plan and hooks, the open runs, and the verdicts to be given."""

from __future__ import annotations

import asyncio
import math
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakValueDictionary

from medbench.client.batch_report import Lane
from medbench.client.budget import Budget
from medbench.client.waits import Waits
from medbench.schema.batch import JUDGES_CHECK
from medbench.schema.results.judge_result import Spending
from medbench.steps.access.batches import OpenBatches
from medbench.steps.access.clients import Accounts, CallPolicy
from medbench.steps.access.hosts import destinations
from medbench.steps.judge.listings import Listings
from medbench.steps.judge.open_runs import OpenRun, open_run
from medbench.steps.reading.judged_before import JudgedBefore
from medbench.store.batches import BatchBook, has_batches
from medbench.store.runs import LISTINGS_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from medbench.client.batch import BatchClient
    from medbench.client.client import Client
    from medbench.providers import Provider
    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.schema.response import Request
    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.judging_plan import JudgingHooks, JudgingPlan
    from medbench.steps.reading.verdict_book import VerdictKey
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.ledger import Ledger


class JobId(NamedTuple):
    """A verdict to be given, of all runs."""

    run: OpenRun
    key: VerdictKey


@dataclass(frozen=True, slots=True)
class Job:
    """One verdict to be given, with what is needed for it."""

    id: JobId
    case: Case
    reference: Reference


@dataclass(frozen=True, slots=True)
class JudgingSession:
    """One call of `judge` at work."""

    plan: JudgingPlan
    hooks: JudgingHooks
    benchmark: BenchmarkFolder
    runs: tuple[OpenRun, ...]
    listings: Listings | None
    """The lists of findings; None where no judge asks for them."""
    before: JudgedBefore
    """Verdicts of judges in other runs."""
    calls: CallPolicy
    batches: OpenBatches
    books: Mapping[Path, BatchBook]
    """Folder to its batches, for those that have or get any."""
    spending: Spending
    waits: Waits
    """Waits of the calls to all judges."""
    asked: WeakValueDictionary[tuple[str, str, int], asyncio.Lock] = field(
        default_factory=WeakValueDictionary
    )
    """The questions in flight: digest of the request, role and sample."""
    pending: set[tuple[str, str, int]] = field(default_factory=set)
    """The questions whose answers are to come with a batch."""

    def cases(self) -> Iterator[tuple[Case, Reference]]:
        """Yield the cases to judge, each with its reference, in the benchmark's order; no questions."""
        return self.plan.cases(self.benchmark)

    def jobs(self) -> Iterator[Job]:
        """Yield all verdicts to be given, case by case, so that what stops early leaves whole pairs."""
        for case, reference in self.cases():
            for run in self.runs:
                for key in self.plan.keys_of(run.outputs, case.case_id):
                    yield Job(JobId(run, key), case, reference)

    def client(self, provider: Provider, judge: Judge, ledger: Ledger, run_id: str) -> Client | BatchClient:
        """Return a client whose responses go to that ledger.

        Args:
            provider: The way to reach the judge.
            judge: The judge.
            ledger: Of a run, or of the listings.
            run_id: Begins the names of the folder's batches.
        """

        def note(kind: str, words: str) -> None:
            if kind == "breaker":
                self.hooks.watcher.notice(words)

        live = self.calls.client(provider, judge.model, ledger, note, self.before, self.waits)
        if (book := self.books.get(ledger.folder)) is None:
            return live
        lane = Lane(f"judge-{judge.digest[:16]}", judge.model.id, run_id, JUDGES_CHECK)
        return self.batches.client(book, lane, provider, judge.model, ledger, live, self.before)

    def alone(self, request: Request, role: str, sample: int) -> asyncio.Lock:
        """Return the lock of a question: the same about another run waits, and finds the answer."""
        return self.asked.setdefault((request.digest, role, sample), asyncio.Lock())


@contextmanager
def open_session(plan: JudgingPlan, hooks: JudgingHooks) -> Iterator[JudgingSession]:
    """Open and lock all that a plan needs.

    Raises:
        LockedError: Another process is writing one of the runs.
    """
    with ExitStack() as stack:
        runs = tuple(stack.enter_context(open_run(folder, hooks.watcher.notice)) for folder in plan.runs)
        benchmark = runs[0].folder.benchmark()
        for words in destinations(plan.models()):
            hooks.watcher.notice(words)
        beside = plan.runs[0].parent
        before = JudgedBefore(beside.parent, without=(*plan.runs, beside / LISTINGS_FOLDER))
        before.open += [run.ledger for run in runs]
        listings = None
        if any(judge.rubric.listing for judge in plan.judges):
            listings = stack.enter_context(Listings(beside, before))
        folders = [run.ledger.folder for run in runs] + ([listings.ledger.folder] if listings else [])
        books = {
            folder: stack.enter_context(BatchBook(folder))
            for folder in folders
            if plan.batch or has_batches(folder)
        }
        most = math.inf if plan.max_cost is None else plan.max_cost
        budget = Budget(most, strict=plan.must_hold, raised_by=plan.max_cost_from)
        waits = Waits()
        yield JudgingSession(
            plan=plan,
            hooks=hooks,
            benchmark=benchmark,
            runs=runs,
            listings=listings,
            before=before,
            calls=CallPolicy(Accounts(plan.concurrency), hooks.stop.pause, hooks.policy, budget),
            batches=OpenBatches(plan.batches, budget, hooks.now, waits),
            books=books,
            spending=Spending(),
            waits=waits,
        )
