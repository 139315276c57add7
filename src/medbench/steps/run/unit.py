"""One system at work: in one folder, under one lock."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from medbench.client.batch_report import Lane
from medbench.client.waits import Waits
from medbench.errors import BudgetError, MedbenchError, PendingError, ProviderDownError, ProviderError
from medbench.executors.local import for_each
from medbench.pipelines import Result
from medbench.schema.account import Account, Sum
from medbench.schema.run import Output
from medbench.sentences import counted
from medbench.steps.access.batches import OpenBatches, check_way
from medbench.steps.access.clients import new_provider, server_of
from medbench.steps.access.deployments import deployment_at, note_use, use_of
from medbench.steps.access.hosts import hosts_of
from medbench.steps.access.waiting import telling
from medbench.steps.run.calls import answer_of, new_pipeline
from medbench.steps.run.checks import check_bounded, check_ready
from medbench.steps.run.events import Events
from medbench.steps.run.hooks import Pace
from medbench.steps.run.reuse import paid_elsewhere
from medbench.steps.run.run_folder import check_head, make_folder
from medbench.store.batches import BatchBook, has_batches
from medbench.store.jsonl import Journal
from medbench.store.ledger import Ledger
from medbench.store.lock import RunLock
from medbench.store.runs import EVENTS, OUTPUTS, RunFolder, link_to
from medbench.store.seals import sealing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medbench.client.asker import Asker
    from medbench.client.limit import Limit
    from medbench.pipelines import Pipeline
    from medbench.providers import Provider
    from medbench.schema.case import Case
    from medbench.schema.endpoint import Deployment
    from medbench.steps.access.clients import CallPolicy
    from medbench.steps.run.hooks import RunHooks
    from medbench.steps.run.image_check import ImageCheck
    from medbench.steps.run.reuse import SharedAnswers
    from medbench.steps.run.run_folder import SystemRun
    from medbench.steps.run.run_plan import RunPlan
    from medbench.store.ledger import PaidElsewhere

AT_A_TIME = 32
"""Cases of a baseline that are worked on at a time, unless asked otherwise."""


@dataclass(slots=True)
class Outcome:
    """Result of one system after a call of `run`."""

    run: SystemRun
    open_failures: dict[str, int] = field(default_factory=dict)
    """Failures that the same line asks again, by kind."""
    first_reason: str = ""
    """Reason of the first of them."""
    given_up: ProviderDownError | None = None
    """Error that ended the run early: the provider was given up, or the budget was spent."""
    waiting: int = 0
    """Batches whose answers are still to come."""
    answered: int = 0
    """Outputs that were added."""
    reused: int = 0
    """Those of them whose answer another run had paid for."""
    seconds: float = 0.0
    spent: Account = field(default_factory=Account)
    """Cost that this command paid for it."""

    @property
    def coverage(self) -> float:
        """Outputs with a text, of those wanted."""
        return self.run.done.texts / self.run.wanted

    def add(self, result: Result) -> None:
        """Count an output of this call."""
        self.answered += 1
        self.reused += result.reused_from is not None
        if result.failure and not result.failure.final:
            kind = result.failure.kind
            self.open_failures[kind] = self.open_failures.get(kind, 0) + 1
            self.first_reason = self.first_reason or result.failure.reason


class Unit:
    """One system of a plan, ready to work."""

    def __init__(  # noqa: PLR0913 - made in one place, of what all units of a plan have in common
        self,
        plan: RunPlan,
        hooks: RunHooks,
        images: ImageCheck,
        run: SystemRun,
        calls: CallPolicy,
        shared: SharedAnswers | None,
    ) -> None:
        self.plan, self.hooks, self.images, self.run, self.calls = plan, hooks, images, run, calls
        self._shared = shared
        self.benchmark = benchmark = images.benchmark
        self._providers: dict[str, Provider] = {}
        self._waits = Waits()
        if run.left:
            check_ready(run.prepared)
            check_bounded(plan, benchmark, run.prepared, hooks.watcher.notice)
            sent = has_batches(run.folder)
            for use, stage in zip(run.prepared.system.stages, run.prepared.stages, strict=True):
                provider = new_provider(stage.model, images.pictures, calls.accounts, calls.crew)
                self._providers[stage.role] = provider
                name = use.model.name
                hint = plan.batch_hint(name)
                check_way(name, stage.model, provider, batch=plan.batch, collects=sent, hint=hint)

    @property
    def servers(self) -> frozenset[tuple[str | None, ...]]:
        """The accounts that its calls go to; none where it asks no model."""
        return frozenset(server_of(stage.model) for stage in self.run.prepared.stages)

    async def connect(self) -> None:
        """Let its providers load libraries while no call is in flight, which would wait meanwhile."""
        for provider in self._providers.values():
            # What keeps it from connecting becomes the failure of its first call.
            with suppress(ProviderError):
                await provider.connect()
        if self._in_batches:
            from medbench.client import batch  # noqa: F401 - its code is needed while calls are in flight

    async def work(self) -> Outcome:
        """Complete the run, as far as it goes.

        Raises:
            LockedError: Another process is writing it.
            StoreError: Something could not be written.
        """
        run, watcher = self.run, self.hooks.watcher
        begun = self.hooks.clock()
        outcome = Outcome(run)
        make_folder(self.plan, self.benchmark, run)
        with ExitStack() as files:
            lock = files.enter_context(RunLock(run.folder))
            files.enter_context(sealing(run.folder))
            outputs = files.enter_context(Journal(run.folder / OUTPUTS))
            events = files.enter_context(self._events(files.enter_context(Journal(run.folder / EVENTS))))
            ledger = files.enter_context(Ledger(run.folder))
            if words := lock.notice():
                watcher.notice(words)
            self._say_what_was_left(lock.died, torn=outputs.cut or ledger.cut)
            run.done.refresh()
            watcher.begin(run.folder.name, run.prepared.summary, run.done, run.wanted)
            if run.stored and not run.stored.is_linked_to(self.benchmark):
                await events.add("relinked", benchmark=link_to(self.benchmark, run.folder).path)
            await events.add("started", self._hosts() if run.left else "")
            if run.left:
                deployments = self._note_deployments()
                book = files.enter_context(BatchBook(run.folder)) if self._in_batches else None
                await self._answer(outcome, outputs, ledger, events, book)
                for each in deployments:
                    use = use_of(each, run.folder, datetime.fromisoformat(self.hooks.now()))
                    await events.add("endpoint", endpoint=use)
            await events.add("stopped" if self.hooks.stop.is_set() else "ended")
            watcher.end(run.folder.name)
        outcome.seconds = self.hooks.clock() - begun
        return outcome

    def _note_deployments(self) -> list[Deployment]:
        """Note that this run asks what medbench put up, so that it is told how long that was up."""
        now = datetime.fromisoformat(self.hooks.now())
        places = dict.fromkeys(stage.model.endpoint for stage in self.run.prepared.stages)
        found = [each for each in map(deployment_at, places) if each is not None]
        for each in found:
            note_use(each, self.run.folder, now)
        return found

    def _hosts(self) -> str:
        """Return where its models are asked, for the record; '' where nothing is sent."""
        known = [hosts_of(stage.model) for stage in self.run.prepared.stages]
        names = {host for hosts in known for host in (("a host unknown",) if hosts is None else hosts)}
        return f"asked at {', '.join(sorted(names))}" if names else ""

    def _events(self, journal: Journal) -> Events:
        replicates = self.plan.replicates_of(self.run.prepared.system)
        return Events(journal, self.plan, replicates, self.hooks.now)

    async def _answer(
        self,
        outcome: Outcome,
        outputs: Journal,
        ledger: Ledger,
        events: Events,
        book: BatchBook | None,
    ) -> None:
        batches = self._batches() if book else None
        watcher, name = self.hooks.watcher, self.run.folder.name
        clients = self._clients(ledger, events, batches, book)
        pipeline = new_pipeline(self.run.prepared, self.benchmark, clients)

        async def answer(job: tuple[Case, int]) -> None:
            try:
                result = await self._result(pipeline, *job)
            except PendingError:
                return  # not run, until its batch has ended
            output = _output(*job, result)
            self.run.done.add(output, await outputs.commit(output))
            outcome.add(result)
            kind = result.failure.kind if result.failure else None
            watcher.output(name, kind, self._pace(clients, batches))

        async def answer_all() -> None:
            missing = self.plan.missing(self.benchmark, self.run.prepared.system, self.run.done)
            at_a_time, stopped = self._cases_at_a_time(), self.hooks.stop.is_set
            await for_each(missing, answer, at_a_time=at_a_time, stopped=stopped)

        try:
            async with telling(self._waits, partial(watcher.waiting, name)):
                if batches is None:
                    await answer_all()
                else:
                    await batches.collect()
                    await answer_all()
                    if not self.hooks.stop.is_set() and await batches.send():
                        await answer_all()  # what cannot be sent has a failure by now
        except ProviderDownError as error:
            if isinstance(error, BudgetError):
                events.later("budget", error.message)
            if not self.hooks.stop.is_set():
                outcome.given_up = error
                left = counted(self.run.left, "output is", "outputs are")
                words = "" if batches else f" {left} not run."
                watcher.notice(f"{name}: {error.message}{words}")
        finally:
            for client in clients.values():
                await client.close()
                outcome.spent.merge(client.spent)
            outcome.waiting = self._tell_of(batches)

    def _batches(self) -> OpenBatches:
        return OpenBatches(self.plan.batches, self.calls.budget, self.hooks.now, self._waits)

    def _tell_of(self, batches: OpenBatches | None) -> int:
        """Say what became of batches, and return how many are waited for."""
        if batches is None:
            return 0
        for words in batches.notices():
            self.hooks.watcher.notice(f"{self.run.folder.name}: {words}")
        return batches.waiting

    async def _result(self, pipeline: Pipeline, case: Case, replicate: int) -> Result:
        failure = await self.images.failure_of(case)
        if failure is not None:
            return Result(failure=failure)
        return await answer_of(pipeline, self.run, case, replicate)

    @property
    def _in_batches(self) -> bool:
        """True if something of it is sent in batches, now or before."""
        return bool(self._providers) and (self.plan.batch or has_batches(self.run.folder))

    def _clients(
        self, ledger: Ledger, events: Events, batches: OpenBatches | None, book: BatchBook | None
    ) -> dict[str, Asker]:
        system = self.run.prepared.system
        elsewhere: PaidElsewhere | None = None
        if self._providers and not self.plan.fresh:
            elsewhere = before = paid_elsewhere(self.plan.root, self.benchmark, system)
            if self._shared is not None:
                self._shared.add(ledger, system)
                elsewhere = self._shared.of(system, before)
        clients: dict[str, Asker] = {}
        for stage in self.run.prepared.stages:
            provider = self._providers[stage.role]
            live = self.calls.client(provider, stage.model, ledger, events.later, elsewhere, self._waits)
            clients[stage.role] = live
            if batches is not None and book is not None:
                lane = Lane(stage.role, stage.model.id, RunFolder(self.run.folder).head.run_id)
                clients[stage.role] = batches.client(
                    book, lane, provider, stage.model, ledger, live, elsewhere
                )
        return clients

    @cached_property
    def _controllers(self) -> list[Limit]:
        """The limits of calls in flight, one for each account."""
        accounts = [self.calls.accounts.of(stage.model) for stage in self.run.prepared.stages]
        return list({id(account): account.slots.controller for account in accounts}.values())

    def _cases_at_a_time(self) -> int:
        """Return how many cases are worked on at a time: so many that each account is busy."""
        most = sum(controller.most for controller in self._controllers)
        return most or self.plan.concurrency or AT_A_TIME

    def _pace(self, clients: Mapping[str, Asker], batches: OpenBatches | None) -> Pace | None:
        if not clients:
            return None
        spent = Sum()
        for client in clients.values():
            spent.add(client.spent.total())
        at_a_time = 0 if batches else sum(controller.limit for controller in self._controllers)
        return Pace(at_a_time, spent)

    def _say_what_was_left(self, died: int | None, *, torn: bool) -> None:
        folder = self.run.folder
        if died:
            line = "; a torn last line was cut" if torn else ""
            self.hooks.watcher.notice(
                f"Going on with {folder} (process {died}, which held it, is gone{line})."
            )
        elif torn:
            self.hooks.watcher.notice(f"Going on with {folder} (a torn last line was cut).")


def _output(case: Case, replicate: int, result: Result) -> Output:
    return Output(
        case_id=case.case_id,
        case_digest=case.digest,
        replicate=replicate,
        text=result.text,
        failure=result.failure,
        responses=result.responses,
        reused_from=result.reused_from,
        notes=result.notes,
    )


def new_unit(  # noqa: PLR0913 - see Unit
    plan: RunPlan,
    hooks: RunHooks,
    images: ImageCheck,
    run: SystemRun | MedbenchError,
    calls: CallPolicy,
    shared: SharedAnswers | None = None,
) -> Unit:
    """Check all that must hold of a system before anything is sent, and return it ready to work.

    Raises:
        MedbenchError: It has no run to go on with; this is why.
        UsageError: Something is missing to ask its model.
        StoreError: The run belongs to something else.
    """
    if isinstance(run, MedbenchError):
        raise run
    check_head(run)
    return Unit(plan, hooks, images, run, calls, shared)
