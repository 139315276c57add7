"""The batches of one command: what came of them is collected first, and what is wanted is sent last."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from medbench.client.patience import Patience
from medbench.errors import UsageError
from medbench.pricing.prices import Prices
from medbench.providers import provider_class
from medbench.sentences import counted, money
from medbench.steps.access.hosts import hosts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from medbench.client.batch import BatchClient
    from medbench.client.batch_file import BatchFile
    from medbench.client.batch_report import Lane, Report
    from medbench.client.budget import Budget
    from medbench.client.client import Client
    from medbench.client.waits import Waits
    from medbench.providers import Provider
    from medbench.schema.batch import Then
    from medbench.schema.model import ModelFile
    from medbench.store.batches import BatchBook
    from medbench.store.ledger import Ledger, PaidElsewhere


DEADLINE_H: Final = 26.0
"""Hours after which a batch is given up, unless asked otherwise: services promise a day."""


def check_way(  # noqa: PLR0913 - who is asked, and how
    name: str,
    model: ModelFile,
    provider: Provider,
    *,
    batch: bool,
    collects: bool,
    hint: str = "the same line with --batch",
) -> None:
    """Check that a model can be asked in the way that is wanted: in batches, or call by call.

    Args:
        name: The model as it was typed.
        model: Its file.
        provider: The way to reach it.
        batch: True if it is to be asked in batches.
        collects: True if there are batches that it was sent before.
        hint: What to type for a model that has nothing but batches.

    Raises:
        UsageError: It cannot, or something for it is missing.
    """
    if batch:
        _check_batches(name, model, provider)
    elif provider_class(model.provider or "").only_batches and not collects:
        raise UsageError(f"'{name}' answers files of requests only.", hint)


def _check_batches(name: str, model: ModelFile, provider: Provider) -> None:
    missing = provider.missing_for_batches()
    if missing is not None:
        raise UsageError(f"'{name}' cannot be asked in batches: there is no {missing.name}.", missing.hint)
    if provider.batches() is None:
        why = provider.why_no_batches() or f"provider '{model.provider}' has none for it"
        raise UsageError(f"'{name}' cannot be asked in batches: {why}.", "leave out --batch")


@dataclass(frozen=True, slots=True)
class BatchChoice:
    """Choices of a command about batches."""

    sends: bool
    """True to send what is wanted in batches; False to collect only."""
    deadline_h: float | None = None
    """Hours after which a batch is given up; None for never."""
    then: Then = "stop"
    """Fate of its requests after that."""


class OpenBatches:
    """The batches of one command.

    Args:
        choice: What it wants of them.
        budget: What it may spend; None for no limit.
        now: The time of day: UTC, ISO 8601.
        waits: Told what is waited for.
    """

    def __init__(
        self, choice: BatchChoice, budget: Budget | None, now: Callable[[], str], waits: Waits
    ) -> None:
        self._choice, self._budget, self._now = choice, budget, now
        self._clients: list[tuple[BatchClient, BatchBook]] = []
        self._patience: defaultdict[object, Patience] = defaultdict(partial(Patience, waits))
        """Provider and hosts of a service to what is left of the time for its answers."""

    def client(  # noqa: PLR0913 - the parts of a client
        self,
        book: BatchBook,
        lane: Lane,
        provider: Provider,
        model: ModelFile,
        ledger: Ledger,
        live: Client,
        elsewhere: PaidElsewhere | None,
    ) -> BatchClient | Client:
        """Return what asks a model in batches; `live` where it has none.

        Args:
            book: The batches of the folder.
            lane: Which of them are its own.
            provider: The way to reach the model.
            model: Its file.
            ledger: Where its responses are kept.
            live: What asks it by itself.
            elsewhere: Answers that other runs have paid for.

        Raises:
            UsageError: The model has no batches now, but some are under way: it would be asked, and paid,
                twice.
        """
        from medbench.client.batch import BatchClient

        batches, choice = provider.batches(), self._choice
        if batches is None:
            _check_none_open(book, lane, provider)
            return live
        client = BatchClient(
            batches,
            ledger,
            book,
            lane=lane,
            sends=choice.sends,
            live=live,
            deadline=None if choice.deadline_h is None else timedelta(hours=choice.deadline_h),
            then=choice.then,
            elsewhere=elsewhere,
            prices=Prices(model, batch=True),
            budget=self._budget,
            patience=self._patience[model.provider, hosts_of(model)],
            now=lambda: datetime.fromisoformat(self._now()),
        )
        self._clients.append((client, book))
        return client

    async def collect(self) -> None:
        """Take in what came; see `BatchClient.collect`."""
        for client, _ in self._clients:
            await client.collect()

    async def send(self) -> bool:
        """Send what is wanted; see `BatchClient.send`."""
        unsent = [await client.send() for client, _ in self._clients]
        return any(unsent)

    @property
    def waiting(self) -> int:
        """Batches whose answers are still to come."""
        return sum(len(client.report.waiting) + len(client.report.sent) for client, _ in self._clients)

    def notices(self) -> Iterator[str]:
        """Yield what was collected and sent, in words."""
        for client, book in self._clients:
            yield from _notices(client.report, book)


def _check_none_open(book: BatchBook, lane: Lane, provider: Provider) -> None:
    names = [batch.name for batch in book.of(lane.name) if batch.is_open]
    if names:
        missing = provider.missing_for_batches()
        why = f": there is no {missing.name}" if missing else ""
        raise UsageError(
            f"'{lane.asked}' has {counted(len(names), 'batch', 'batches')} under way that cannot be asked "
            f"after{why}.",
            missing.hint if missing else "the settings of the model as they were when it was sent",
        )


def _notices(report: Report, book: BatchBook) -> Iterator[str]:
    from medbench.client.batch_exact import FEWEST

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
        if contents.mixed_up is None and contents.told_apart:
            yield (
                f"batch {name}: {contents.told_apart:,} of {counted(contents.counted, 'answer')} to calls "
                "have tokens that only their own request has."
            )
        elif contents.mixed_up is None and contents.counted >= FEWEST:
            yield (
                f"batch {name}: the tokens that were billed are not those that the service had counted, so "
                "that answers were told apart by their length only."
            )
        if contents.mixed_up is not None:
            yield (
                f"batch {name} is quarantined: {contents.mixed_up}. None of its answers counts; "
                f"they are kept in {book.answers_file(name)}. The same line asks again."
            )
    for name, words in report.waiting:
        yield f"batch {name}: {words}."
    if report.given_up:
        asked = counted(len(report.given_up), "call is", "calls are")
        yield f"{asked} not asked any more: a batch was given up. The same line without --then stop asks."
    if report.sent:
        for name, _, words in report.sent:
            if words:
                yield f"batch {name}: {words}."
        files = [made for _, made, _ in report.sent]
        calls = sum(made.calls for made in files)
        checks = sum(made.checks for made in files)
        usd = [made.most_usd for made in files]
        total = sum(each or 0.0 for each in usd)
        most = f"for {money(total, up=True)}{' at most' * bool(total)}"
        most = "at an unknown price" if None in usd else most
        yield (
            f"sent {counted(calls, 'call')} in {counted(len(report.sent), 'batch', 'batches')} {most}, with "
            f"{counted(checks, 'check')} of known answer. The same line collects them."
        )
        yield from _on_tokens(files, report.not_counted)


def _on_tokens(files: Sequence[BatchFile], not_counted: str | None) -> Iterator[str]:
    """Yield how well exchanged answers will be told, by what the service counted beforehand."""
    from medbench.client.batch_tokens import indistinct

    if not_counted is not None:
        yield (
            f"the service did not count the tokens of all requests beforehand: {not_counted}. "
            "Two exchanged answers to requests of nearly equal length may not be noticed."
        )
    if any(item.tokens is not None for made in files for item in made.items):
        alike = sum(indistinct(made.items) for made in files)
        number = counted(alike, "request has", "requests have") if alike else "no request has"
        untold = ": if two such answers are exchanged, their tokens do not tell" if alike else ""
        yield f"{number} as many tokens and images as another of the same batch{untold}."
