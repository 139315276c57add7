"""The batches of one system: collected before its cases are worked on, and sent after that."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from medbench.client.batch import BatchClient
from medbench.errors import UsageError
from medbench.pricing.prices import Prices
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from medbench.client.batch import Report
    from medbench.client.budget import Budget
    from medbench.client.client import Client
    from medbench.providers import Provider
    from medbench.schema.model import ModelFile
    from medbench.steps.access.systems import PreparedStage
    from medbench.steps.run.run_plan import RunPlan
    from medbench.store.batches import BatchBook
    from medbench.store.ledger import Ledger, PaidElsewhere


def check_batches(model: ModelFile, provider: Provider) -> None:
    """Check that a provider has batches.

    Raises:
        UsageError: It has none.
    """
    if provider.batches() is None:
        raise UsageError(
            f"'{model.id}' cannot be asked in batches: provider '{model.provider}' has none for it.",
            "leave out --batch",
        )


class RunBatches:
    """The batches of a run, in one call of `run`.

    Args:
        plan: What was asked for.
        book: The run's batches on the disk.
        run_id: Of the run.
        budget: What the command may spend; None for no limit.
        now: The time of day: UTC, ISO 8601.
    """

    def __init__(
        self, plan: RunPlan, book: BatchBook, run_id: str, budget: Budget | None, now: Callable[[], str]
    ) -> None:
        self._plan, self._book, self._run_id, self._budget, self._now = plan, book, run_id, budget, now
        self._clients: list[BatchClient] = []

    def client(
        self,
        stage: PreparedStage,
        provider: Provider,
        ledger: Ledger,
        live: Client,
        elsewhere: PaidElsewhere | None,
    ) -> BatchClient | Client:
        """Return what asks the model of a role in batches; `live` where it has none."""
        batches = provider.batches()
        if batches is None:
            return live
        plan = self._plan
        client = BatchClient(
            batches,
            ledger,
            self._book,
            run_id=self._run_id,
            role=stage.role,
            asked=stage.model.id,
            sends=plan.batch,
            live=live,
            deadline=timedelta(hours=plan.batch_deadline_h) if plan.batch_then else None,
            then=plan.batch_then or "stop",
            elsewhere=elsewhere,
            prices=Prices(stage.model, batch=True),
            budget=self._budget,
            now=lambda: datetime.fromisoformat(self._now()),
        )
        self._clients.append(client)
        return client

    async def work(self, answer_all: Callable[[], Awaitable[None]], stopped: Callable[[], bool]) -> None:
        """Take in what came, let the cases be answered that have all they need, and send what others want.

        Args:
            answer_all: Works through the cases without an output.
            stopped: True once nothing more is to be sent.
        """
        for client in self._clients:
            await client.collect()
        await answer_all()
        if stopped():
            return
        unsent = [await client.send() for client in self._clients]
        if any(unsent):
            await answer_all()  # what cannot be sent has a failure by now

    @property
    def waiting(self) -> int:
        """Batches whose answers are still to come."""
        return sum(len(client.report.waiting) + len(client.report.sent) for client in self._clients)

    def notices(self) -> Iterator[str]:
        """Yield what was collected and sent, in words."""
        for client in self._clients:
            yield from _notices(client.report, self._book)


def _notices(report: Report, book: BatchBook) -> Iterator[str]:
    yield from report.problems
    for name, words, contents, sent in report.collected:
        came = f"{contents.answers:,} of {counted(sent, 'request')} answered"
        parts = [came]
        failed = sent - contents.answers - len(contents.missing)
        parts += [f"{failed:,} failed"] * bool(failed)
        parts += [f"{len(contents.missing):,} not worked on"] * bool(contents.missing)
        parts += [f"{contents.unknown:,} under no known key, not counted"] * bool(contents.unknown)
        parts += [f"{contents.twice:,} came twice, counted once"] * bool(contents.twice)
        yield f"batch {name} ({words}): {', '.join(parts)}."
        if contents.mixed_up is not None:
            yield (
                f"batch {name} is quarantined: {contents.mixed_up}. None of its answers counts; "
                f"they are kept in {book.answers_file(name)}. The same line asks again."
            )
    for name, words in report.waiting:
        yield f"batch {name}: {words}."
    if report.sent:
        calls = sum(made.calls for _, made in report.sent)
        checks = sum(made.checks for _, made in report.sent)
        usd = [made.most_usd for _, made in report.sent]
        most = (
            "at an unknown price" if None in usd else f"for ${sum(each or 0.0 for each in usd):.2f} at most"
        )
        yield (
            f"sent {counted(calls, 'call')} in {counted(len(report.sent), 'batch', 'batches')} {most}, with "
            f"{counted(checks, 'check')} of known answer. The same line collects them."
        )
