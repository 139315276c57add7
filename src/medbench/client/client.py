"""One provider made dependable: what is paid for is found again, what fails and may pass is tried again.

Calls wait for a place in flight, for their turn of the minute and for the budget; each try has a deadline,
and a provider that is dead is given up.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from medbench.client.attempt import (
    Try,
    answer,
    cost_of,
    forget_frames,
    given_up,
    in_few_words,
    nothing_said,
    response_of,
)
from medbench.client.breaker import Breaker
from medbench.client.limit import Controller, Pacer, Slots
from medbench.client.retry import Policy
from medbench.client.waits import Waits
from medbench.errors import ProviderDownError, ProviderError
from medbench.providers import NOT_ANSWERS, PAGE
from medbench.schema.account import Account
from medbench.schema.response import Attempt, CallFor, Cost, Failure, Reply, Request, Response
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from medbench.client.budget import Budget
    from medbench.client.limit import Place
    from medbench.pricing.prices import Prices
    from medbench.providers import Provider
    from medbench.schema.model import ModelFile
    from medbench.store.ledger import Ledger, PaidElsewhere

Note = Literal["breaker", "limit"]
"""Events of a client: it gave up, or the number of calls in flight has changed."""


class Client:
    """Asks one model for one run.

    Args:
        provider: The way to reach it.
        model: Its file.
        ledger: Where responses are kept and found again.
        elsewhere: Answers that other runs have paid for already.
        slots: Places in flight; calls to the same account share one.
        pacer: Turns of the minute, shared likewise; None for no such limit.
        budget: What the command may spend; None for no limit.
        prices: What calls cost; None where that is unknown.
        policy: How patient a call is.
        sleep: Waits between tries; raises ProviderDownError where nothing more is to be sent.
        note: Told when it gives up and when the number of calls in flight changes, in words.
        waits: Told what calls wait for; clients of one system share it.
    """

    def __init__(  # noqa: PLR0913 - each part can be another one in a test
        self,
        provider: Provider,
        model: ModelFile,
        ledger: Ledger,
        *,
        elsewhere: PaidElsewhere | None = None,
        slots: Slots | None = None,
        pacer: Pacer | None = None,
        budget: Budget | None = None,
        prices: Prices | None = None,
        policy: Policy | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        note: Callable[[Note, str], None] = lambda _kind, _words: None,
        waits: Waits | None = None,
    ) -> None:
        self._provider = provider
        self._model = model
        self._ledger = ledger
        self._elsewhere = elsewhere
        self._slots = slots or Slots(Controller(limit=64, most=64, fixed=True))
        self._pacer = pacer
        self._budget = budget
        self._prices = prices
        self._policy = policy or Policy()
        self._sleep = sleep
        self._note = note
        self._waits = waits or Waits()
        self._limit_said = self._slots.controller.limit
        self._breaker = Breaker(started=time.monotonic())
        self.spent = Account()
        """The calls made so far."""

    async def ask(self, request: Request, call_for: CallFor, sample: int) -> Response:
        """Return the response to a request: the recorded one, or a new one that is on the disk by now.

        A call that failed is a response with a failure. One that is not final is asked again.

        Raises:
            ProviderDownError: The provider was given up; this request stays not run.
            StoreError: The response could not be written; nothing is used that is not on the disk.
        """
        found = self._ledger.find(request, call_for, sample)
        if found is not None:
            return found
        if self._elsewhere is None:
            return await self._asked(request, call_for, sample)
        # Its own waits, which are noted as well, come before this one in words.
        with self._waits.on("others"):
            async with self._elsewhere.alone(request, sample):
                return await self._paid_or_asked(self._elsewhere, request, call_for, sample)

    async def _paid_or_asked(
        self, elsewhere: PaidElsewhere, request: Request, call_for: CallFor, sample: int
    ) -> Response:
        paid = elsewhere.find(request, call_for, sample)
        if paid is None:
            return await self._asked(request, call_for, sample)
        await self._ledger.add(paid)
        self.spent.add(paid)
        return paid

    async def _asked(self, request: Request, call_for: CallFor, sample: int) -> Response:
        self._check_breaker()
        tries: list[Try] = []
        down: ProviderDownError | None = None
        with self._slots.place() as place:
            try:
                reply, failure = await self._with_retries(request, tries, place)
            except ProviderDownError as error:
                if not tries:
                    raise
                down = error
                reply, failure = None, given_up(tries[-1].attempt, error)
            response = response_of(request, call_for, sample, reply, failure, tries)
            await self._ledger.add(response)
        self.spent.add(response)
        if down is not None:
            raise down
        return response

    @property
    def at_a_time(self) -> int:
        """Calls that may be in flight now."""
        return self._slots.controller.limit

    async def close(self) -> None:
        """Close what the provider holds open."""
        await self._provider.close()

    async def _with_retries(
        self, request: Request, tries: list[Try], place: Place
    ) -> tuple[Reply | None, Failure | None]:
        while True:
            try:
                reply = await self._one_try(request, tries, place)
                break
            except ProviderError as error:
                wait_s = self._wait_s(error, tries)
                if wait_s is None:
                    came = error.reply if isinstance(error.reply, Reply) else None
                    reason = in_few_words(error.reason)
                    return came, Failure(kind=error.kind, reason=reason, final=self._is_final(error))
            place.leave()
            tries[-1].change(wait_s=round(wait_s, 3))
            with self._waits.on("retry", wait_s):
                await self._sleep(wait_s)
        if not reply.text.strip():
            # Final: to ask until something comes would be choosing among answers.
            nothing = nothing_said(reply)
            tries[-1].change(outcome=nothing.kind, reason=nothing.reason)
            return reply, nothing
        return reply, None

    def _wait_s(self, error: ProviderError, tries: Sequence[Try]) -> float | None:
        """Return the seconds before another try of a call; None where there is to be none."""
        if error.final or error.later or self._is_misled(error):
            return None
        wait_s = self._policy.wait(error, sum(not each.retry_after_given for each in tries))
        misled = self._may_mislead(error) and all(each.attempt.outcome in NOT_ANSWERS for each in tries)
        spent_s = sum(each.attempt.wait_s for each in tries)
        if not misled:  # else a model that takes long would be asked once
            spent_s += sum(each.attempt.took_s or 0.0 for each in tries)
        patience_s = self._policy.patience_for(error.kind, misled=misled)
        return None if self._policy.gives_up(len(tries), spent_s + wait_s, patience_s) else wait_s

    @property
    def _has_answer(self) -> bool:
        return self._breaker.has_answer or self._ledger.has_answer

    def _may_mislead(self, error: ProviderError) -> bool:
        """Return True for what is no answer, of a server that never gave one."""
        return error.kind in NOT_ANSWERS and not self._has_answer

    def _is_misled(self, error: ProviderError) -> bool:
        """Return True for a page of a server that never answered: waiting mends no wrong address."""
        return error.kind == PAGE and not self._has_answer

    def _is_final(self, error: ProviderError) -> bool:
        """Return True if asking again cannot help: a refusal that every call gets is of the server."""
        if error.status is None or error.reply is not None:
            return error.final
        return error.final and self._has_answer and self._breaker.alike <= 1

    async def _one_try(self, request: Request, tries: list[Try], place: Place) -> Reply:
        arrived = time.monotonic()
        with self._waits.on("others"):
            await place.take()
        self._check_breaker()
        if self._pacer is not None and (wait := self._pacer.wait_s(time.monotonic())) > 0:
            with self._waits.on("turn"):
                await self._sleep(wait)
        with self._waits.on("budget"):
            reserved = await self._reserve(request)
        start, began = datetime.now(UTC), time.monotonic()
        error: ProviderError | None = None
        reply: Reply | None = None
        try:
            with self._waits.on("answer"):
                reply = await answer(self._provider, request, self._policy.deadline_s)
        except ProviderError as raised:
            forget_frames(raised)
            error, reply = raised, raised.reply if isinstance(raised.reply, Reply) else None
            raise
        else:
            return reply
        finally:
            now = time.monotonic()
            took_s = now - began if reply is None or reply.seconds is None else reply.seconds
            attempt = Attempt(
                start=start.isoformat(timespec="milliseconds"),
                queued_s=round(began - arrived, 6),
                took_s=round(took_s, 6),
                outcome=error.kind if error else "ok",
                status=error.status if error else None,
                reason=in_few_words(error.reason) if error else None,
            )
            cost = self._cost(reply, error, took_s, start)
            if self._budget is not None:
                known = cost.usd if cost else None
                # Where the worst case is unknown, what is known to be spent counts all the same.
                self._budget.settle(reserved or 0.0, known)
            tries.append(Try(attempt, cost, retry_after_given=error is not None and error.wait_s is not None))
            self._learn(error, now)
            del error  # it refers to this function's frame

    async def _reserve(self, request: Request) -> float | None:
        """Set aside what this call may cost at most; None where that is unknown or nobody asks."""
        if self._budget is None or self._prices is None:
            return None
        worst = self._prices.worst_case(request, at=datetime.now(UTC))
        await self._budget.reserve(worst)
        return worst

    def _cost(
        self, reply: Reply | None, error: ProviderError | None, seconds: float, at: datetime
    ) -> Cost | None:
        if self._model.price and self._model.price.costs_nothing:
            return Cost(usd=0.0, basis="free")
        sharing = max(1, self._slots.in_flight // self._slots.controller.shares)
        return cost_of(self._prices, reply, error, seconds=seconds, sharing=sharing, at=at)

    def _learn(self, error: ProviderError | None, now: float) -> None:
        controller, before = self._slots.controller, self._limit_said
        if error is None:
            self._breaker.answered(now)
            self._waits.answered()
            controller.success(self._slots.in_flight)
            self._slots.wake()
        elif error.limited:
            controller.refusal(now, error.wait_s or self._policy.first_wait_s)
        if (limit := controller.limit) != before:
            why = f": {error.reason}" if error else ""
            self._note("limit", f"{before} → {counted(limit, 'call')} at a time{why}")
            self._limit_said = limit
        if error is not None:
            self._count_against(error, now)

    def _count_against(self, error: ProviderError, now: float) -> None:
        before, misled = self._breaker.why, self._may_mislead(error)
        patience_s = self._policy.patience_for(error.kind, misled=misled)
        if error.stops:
            self._breaker.stop(error.reason)
        elif error.final or error.later or self._is_misled(error):
            if error.status is not None and error.reply is None:
                self._breaker.refused(error.kind, error.reason)
        else:
            self._breaker.failed(error.kind, error.reason, now, patience_s, misled=misled)
        given_up = self._breaker.why is not None
        self._waits.failed(error.reason, patience_s, given_up=given_up)
        if before is None and self._breaker.why is not None:
            # What never was an answer does not come back by itself.
            self._breaker.refuses |= misled
            self._note("breaker", self._breaker.why)

    def _check_breaker(self) -> None:
        if self._breaker.why is not None:
            raise ProviderDownError(
                f"{self._model.id or 'the model'} was given up: {self._breaker.why}.",
                "once that is put right, the same line again goes on"
                if self._breaker.refuses
                else "the same line again goes on, when it is back",
            )
