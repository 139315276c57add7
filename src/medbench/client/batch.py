"""One model asked in batches: a call is noted, sent with many others, and answered by a later line.

Its `ask` is that of `Client`, so that no pipeline knows of batches. A batch's name is on the disk before it
is created, and goes with it, so that one that was created is found again whatever happened in between.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from medbench import deadline
from medbench.client.batch_file import BatchWriter, Wanted, key_of
from medbench.client.batch_import import AnswerReader, Sent, unsent_response
from medbench.client.batch_report import Report
from medbench.client.batch_tokens import TokenCounter, dealt
from medbench.errors import PendingError, ProviderDownError, ProviderError
from medbench.schema.account import Account
from medbench.schema.batch import BatchEvent
from medbench.schema.response import Response
from medbench.store.jsonl import read_records
from medbench.store.runs import RESPONSES

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterator

    from medbench.client.batch_file import BatchFile
    from medbench.client.batch_report import Lane
    from medbench.client.budget import Budget
    from medbench.client.client import Client
    from medbench.client.patience import Patience
    from medbench.pricing.prices import Prices
    from medbench.providers import Batches, BatchState
    from medbench.schema.batch import BatchStep, Then
    from medbench.schema.response import CallFor, Request
    from medbench.store.batches import Batch, BatchBook
    from medbench.store.ledger import Ledger, PaidElsewhere

SETTLED: timedelta = timedelta(minutes=2)
"""Time after which a batch that its service does not know was never created."""
GONE: timedelta = timedelta(days=7)
"""Age at which a batch that its service no longer has is given up: services keep files for some weeks."""
_AT_A_TIME = 256
"""Answers that are written to the ledger together."""
_MAYBE_DONE = frozenset({408, 409, 425, 499})
"""Statuses below 500 after which a batch may have been created all the same."""


class BatchClient:
    """Asks one model of one run in batches.

    Args:
        batches: Of the service.
        ledger: Where responses are kept and found again.
        book: The run's batches.
        lane: Which of the folder's batches are its own.
        sends: True to send what is wanted in batches; False to collect only.
        live: Asks what is not under way in a batch by itself, where nothing is sent in batches.
        patience: What the service's silence has left of the time for its answers.
        deadline: Time after which a batch is given up; None for never.
        then: What becomes of its requests after that.
        elsewhere: Answers that other runs have paid for already.
        prices: Of calls in batches; None where unknown.
        budget: What the command may spend; None for no limit.
        now: The time of day.
    """

    def __init__(  # noqa: PLR0913 - each part can be another one in a test
        self,
        batches: Batches,
        ledger: Ledger,
        book: BatchBook,
        *,
        lane: Lane,
        sends: bool,
        live: Client,
        patience: Patience,
        deadline: timedelta | None = None,
        then: Then = "stop",
        elsewhere: PaidElsewhere | None = None,
        prices: Prices | None = None,
        budget: Budget | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._batches, self._ledger, self._book = batches, ledger, book
        self._lane, self._sends, self._live = lane, sends, live
        self._deadline, self._then, self._patience = deadline, then, patience
        self._elsewhere, self._prices, self._budget, self._now = elsewhere, prices, budget, now
        self._wanted: dict[str, Wanted] = {}
        self._under_way: set[str] = set()
        self._failed: dict[str, Response] = {}
        self._not_run: set[str] = set()
        self._given_up = False
        self.spent = Account()
        """The calls whose answers came in this line."""
        self.report = Report()
        """Report of the work so far."""

    async def ask(self, request: Request, call_for: CallFor, sample: int) -> Response:
        """Return the response to a request if it has come; else note what is wanted, to send it with others.

        Raises:
            PendingError: It is still to come.
            ProviderDownError: The model is asked by itself, and was given up.
            StoreError: It could not be written.
        """
        found = self._ledger.find(request, call_for, sample)
        if found is not None:
            return found
        key = key_of(request.digest, call_for, sample)
        if key in self._failed:
            return self._failed[key]
        waits = key in self._under_way or key in self._not_run or key in self._wanted
        if self._given_up and key not in self._under_way:
            self.report.given_up.add(key)
        if waits or self._given_up:
            raise PendingError("the answer is to come with a batch", "the same line again collects it")
        if not self._sends:
            return await self._live.ask(request, call_for, sample)
        paid = self._elsewhere.find(request, call_for, sample) if self._elsewhere else None
        if paid is not None:
            await self._add(paid)
            return paid
        self._wanted[key] = Wanted(request, call_for, sample)
        raise PendingError("the answer is to come with a batch", "the same line again collects it")

    async def close(self) -> None:
        """Close what the provider holds open."""
        await self._batches.close()
        await self._live.close()

    async def collect(self) -> None:
        """Take in what came of the batches that have ended, and note what is under way.

        What failed, or was not worked on, is not sent again by the line that sees it: whether it is to be
        paid for once more is for a person to say.

        Raises:
            StoreError: Something could not be written.
        """
        late = False
        for batch in self._book.of(self._lane.name):
            if batch.is_open:
                await self._look_after(batch)
            late = late or "cancelled" in batch.events
        if late and self._deadline is not None:
            self._given_up = self._then == "stop"
            self._sends = self._sends and self._then != "live"
        if not self._sends:
            self._not_run.clear()  # each is asked by itself now

    async def send(self) -> bool:
        """Send what is wanted, in as many batches as it takes; return True if something cannot be sent.

        Raises:
            BudgetError: The rest could cost more than the command may spend.
            ProviderDownError: The service refused a batch; the rest stays not run.
            StoreError: Something could not be written.
        """
        counted = await TokenCounter(self._batches, self._patience).count(self._wanted)
        self.report.not_counted = counted.failure
        prices, budget, checks = self._prices, self._budget, self._lane.checks
        writer = BatchWriter(self._batches, prices, budget, checks, counted.tokens)
        for queue in await asyncio.to_thread(dealt, self._wanted, counted.tokens):
            await self._send(writer, queue)
        return any(key in self._failed for key in self._wanted)

    async def _send(self, writer: BatchWriter, queue: deque[Wanted]) -> None:
        """Send calls that may go together, in as many batches as it takes."""
        while queue:
            name = self._book.next_name(self._lane.run_id)
            file = self._book.requests_file(name)
            await asyncio.to_thread(file.parent.mkdir, exist_ok=True)
            try:
                made = await writer.write(name, queue, file, self._now())
                for wanted, error in made.unsent:
                    await self._refuse(wanted, error)
                if made.items:
                    await self._create(name, made)
            finally:
                await asyncio.to_thread(file.unlink, missing_ok=True)
            if made.stopped is not None:
                raise made.stopped

    async def _create(self, name: str, made: BatchFile) -> None:
        """Create a batch: its items and the intent are on the disk before anything is sent."""
        file = self._book.requests_file(name)
        await asyncio.to_thread(self._book.write_items, name, made.items)
        await self._note(
            name,
            "intended",
            role=self._lane.name,
            asked=self._lane.asked,
            items=len(made.items),
            sha256=made.sha256,
            most_usd=made.most_usd,
        )
        try:
            size = await asyncio.to_thread(lambda: file.stat().st_size)
            call = self._batches.upload(name, file)
            uploaded = await self._patience.in_time(call, "end of the upload", deadline.upload_s(size))
        except ProviderError as error:
            await self._refused(name, made, error)
        await self._note(name, "uploaded", service_id=uploaded)
        try:
            call = self._batches.create(name, file, uploaded)
            most = deadline.ANSWER_S if uploaded else deadline.upload_s(size)
            created = await self._patience.in_time(call, "answer", most)
        except ProviderError as error:
            if not _may_be_created(error):
                await self._refused(name, made, error)
            self._under_way.update(item.key for item in made.items)
            self.report.waiting.append((name, f"it may have been created: {error.reason}"))
            raise ProviderDownError(
                f"batch {name} was sent, and no answer came: {error.reason}.",
                "the same line again looks for it, and sends nothing twice",
            ) from None
        await self._note(name, "created", service_id=created)
        self._under_way.update(item.key for item in made.items)
        self.report.sent.append((name, made, await self._words(created)))

    async def _words(self, service_id: str) -> str:
        """Return the state of a batch that was created just now; '' where it cannot be had."""
        try:
            return (await self._patience.in_time(self._batches.state(service_id), "state")).words
        except ProviderError:
            return ""

    async def _refused(self, name: str, made: BatchFile, error: ProviderError) -> None:
        await self._note(name, "refused", said=error.reason)
        if self._budget is not None:
            self._budget.give_back(made.set_aside)
        raise ProviderDownError(
            f"the service took no batch: {error.reason}.", "the same line again sends it"
        ) from None

    async def _refuse(self, wanted: Wanted, error: ProviderError) -> None:
        """Note in the ledger that a call cannot be sent."""
        response = unsent_response(wanted, error, self._now())
        self._failed[wanted.key] = response
        await self._add(response)

    async def _look_after(self, batch: Batch) -> None:
        """Collect a batch if it has ended; else what it holds is under way."""
        items = await asyncio.to_thread(self._book.items, batch.name)
        keys = {item.key for item in items}
        try:
            service_id = batch.service_id or await self._found(batch)
            if service_id is None:
                return
            state = await self._patience.in_time(self._batches.state(service_id), "state")
            if not state.ended and self._is_late(batch):
                await self._patience.in_time(self._batches.cancel(service_id), "answer to its cancellation")
                await self._note(batch.name, "cancelled")
                state = await self._patience.in_time(self._batches.state(service_id), "state")
            if not state.ended:
                self._under_way |= keys
                self.report.waiting.append((batch.name, state.words))
                return
            file = self._book.answers_file(batch.name)
            await self._patience.downloaded(self._batches.download(service_id, file), file)
            at = datetime.fromisoformat(batch.sent_at)
            await self._take_in(Sent(batch.name, at, {item.key: item for item in items}), state)
        except ProviderError as error:
            await self._unknown(batch, keys, error)

    async def _unknown(self, batch: Batch, keys: set[str], error: ProviderError) -> None:
        """Wait for a batch whose state or answers cannot be had now, unless they are gone for good."""
        age = self._now() - datetime.fromisoformat(batch.sent_at)
        # A young one may be that of another account, whose key is not set at the moment.
        if error.status in {404, 410} and age > GONE:
            await self._note(batch.name, "lost", said=error.reason)
            self._not_run |= keys
            self.report.problems.append(
                f"batch {batch.name} is no longer at the service, and its answers are lost, which may have "
                f"been paid for: {error.reason}. The same line asks again."
            )
            return
        self._under_way |= keys
        self.report.waiting.append((batch.name, f"not known: {error.reason}"))

    def _is_late(self, batch: Batch) -> bool:
        if self._deadline is None or "cancelled" in batch.events:
            return False
        return self._now() - datetime.fromisoformat(batch.sent_at) >= self._deadline

    async def _found(self, batch: Batch) -> str | None:
        """Return the id of a batch that was to be created, which its service has under its name or file."""
        found = None
        if "uploaded" in batch.events:  # before that, nothing asks for its creation
            find = self._batches.find(batch.name, batch.uploaded)
            found = await self._patience.in_time(find, "list of batches")
        if found is not None:
            await self._note(batch.name, "created", service_id=found, said="found by its name")
            return found
        if "uploaded" in batch.events and self._now() - datetime.fromisoformat(batch.sent_at) < SETTLED:
            raise ProviderError("not_found", "it may be created yet; ask again in two minutes", final=False)
        await self._note(batch.name, "lost", said="the service has no batch of this name")
        self.report.problems.append(f"batch {batch.name} was never created: its requests are sent anew.")
        return None

    async def _take_in(self, sent: Sent, state: BatchState) -> None:
        """Take what came of a batch into the ledger, and close it.

        Raises:
            ProviderError: The file is not that of its answers.
        """
        file, words = self._book.answers_file(sent.name), state.words
        reader = AnswerReader(self._batches, self._prices, sent, file)
        contents = await asyncio.to_thread(reader.contents)
        contents.check(sent, succeeded=state.succeeded)
        there = await asyncio.to_thread(self._there, sent.name)
        responses = reader.responses(contents, has_answered=self._ledger.has_answer)
        while some := await asyncio.to_thread(lambda: list(islice(responses, _AT_A_TIME))):
            await asyncio.gather(*(self._take(each, there) for each in some))
        self._not_run |= contents.missing
        await self._note(sent.name, "collected", said=words)
        if contents.mixed_up is None:
            await asyncio.to_thread(file.unlink, missing_ok=True)
        self.report.collected.append((sent.name, words, contents, len(sent.items)))

    def _there(self, name: str) -> set[str]:
        """Return the lines of a batch that are in the ledger already, where taking it in was broken off."""
        lines: Iterator[Response] = read_records(self._ledger.folder / RESPONSES, Response)
        return {line.response_id for line in lines if line.batch == name}

    async def _take(self, response: Response, there: set[str]) -> None:
        if response.failure is not None and response.call_for.stage != self._lane.checks:
            self._failed[key_of(response.request_digest, response.call_for, response.sample)] = response
        if response.response_id not in there:
            await self._add(response)

    async def _add(self, response: Response) -> None:
        await self._ledger.add(response)
        self.spent.add(response)

    async def _note(self, name: str, kind: BatchStep, **facts: object) -> None:
        at = self._now().isoformat(timespec="milliseconds")
        event = BatchEvent.model_validate({"at": at, "batch": name, "kind": kind, **facts})
        await asyncio.to_thread(self._book.add, event)


def _may_be_created(error: ProviderError) -> bool:
    """Return True if a batch may have been created though its creation failed."""
    if error.status is None or 200 <= error.status < 300:
        return error.sent
    return error.status >= 500 or error.status in _MAYBE_DONE
