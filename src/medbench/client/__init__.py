"""One provider made dependable: what is paid for is found again, what fails and may pass is tried again.

Calls wait for a place in flight, each try has a deadline, and a provider that is dead is given up.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tenacity import AsyncRetrying

from medbench.client.breaker import Breaker
from medbench.client.limit import Controller, Slots
from medbench.client.retry import Policy, may_pass
from medbench.errors import ImageError, ProviderDownError, ProviderError, StoreError
from medbench.schema.response import Attempt, CallFor, Cost, Failure, Reply, Request, Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tenacity import RetryCallState

    from medbench.providers import Provider
    from medbench.schema.model import ModelFile
    from medbench.store.ledger import Ledger


class Client:
    """Asks one model for one run.

    Args:
        provider: The way to reach it.
        model: Its file.
        ledger: Where responses are kept and found again.
        slots: Places in flight; calls to the same account share one.
        policy: How patient a call is.
        sleep: Waits between tries; raises ProviderDownError where nothing more is to be sent.
    """

    def __init__(  # noqa: PLR0913 - each part can be another one in a test
        self,
        provider: Provider,
        model: ModelFile,
        ledger: Ledger,
        *,
        slots: Slots | None = None,
        policy: Policy | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._provider = provider
        self._model = model
        self._ledger = ledger
        self._slots = slots or Slots(Controller(limit=64, most=64, fixed=True))
        self._policy = policy or Policy()
        self._sleep = sleep
        self._breaker = Breaker(started=time.monotonic())

    async def ask(self, request: Request, call_for: CallFor, sample: int) -> Response:
        """The response to a request: the recorded one, or a new one that is on the disk by now.

        A call that failed is a response with a failure. One that is not final is asked again.

        Raises:
            ProviderDownError: The provider was given up; this request stays not run.
            StoreError: The response could not be written; nothing is used that is not on the disk.
        """
        found = self._ledger.find(request, call_for.case_id, sample)
        if found is not None:
            return found
        self._check_breaker()
        tries: list[Attempt] = []
        down: ProviderDownError | None = None
        try:
            reply, failure = await self._patiently(request, tries)
        except ProviderDownError as error:
            if not tries:
                raise
            down = error
            kind = tries[-1].outcome
            reply, failure = None, Failure(kind=kind, reason=f"given up: {error.message}", final=False)
        response = self._record(request, call_for, sample, reply, failure, tuple(tries))
        await self._ledger.add(response)
        if down is not None:
            raise down
        return response

    async def close(self) -> None:
        """Close what the provider holds open, if it holds anything."""
        close = getattr(self._provider, "close", None)
        if close is not None:
            await close()

    async def _patiently(self, request: Request, tries: list[Attempt]) -> tuple[Reply | None, Failure | None]:
        def note_wait(state: RetryCallState) -> None:
            tries[-1] = tries[-1].model_copy(update={"wait_s": round(state.upcoming_sleep, 3)})

        def gives_up(state: RetryCallState) -> bool:
            return self._policy.gives_up(state, sum(one.took_s + one.wait_s for one in tries))

        retrying = AsyncRetrying(
            retry=may_pass(),
            wait=self._policy.wait,
            stop=gives_up,
            sleep=self._sleep,
            before_sleep=note_wait,
            reraise=True,
        )
        try:
            reply: Reply = await retrying(self._one_try, request, tries)
        except ProviderError as error:
            return None, Failure(kind=error.kind, reason=error.reason, final=error.final)
        if not reply.text.strip():
            # Final: to ask until something comes would be choosing among answers.
            tries[-1] = tries[-1].model_copy(update={"outcome": "empty"})
            return reply, Failure(kind="empty", reason="the model answered with an empty text", final=True)
        return reply, None

    async def _one_try(self, request: Request, tries: list[Attempt]) -> Reply:
        arrived = time.monotonic()
        async with self._slots.one():
            self._check_breaker()
            start, began = datetime.now(UTC).isoformat(timespec="milliseconds"), time.monotonic()
            error: ProviderError | None = None
            try:
                return await self._answer(request)
            except ProviderError as raised:
                error = raised
                raise
            finally:
                now = time.monotonic()
                tries.append(
                    Attempt(
                        start=start,
                        queued_s=round(began - arrived, 6),
                        took_s=round(now - began, 6),
                        outcome=error.kind if error else "ok",
                        status=error.status if error else None,
                    )
                )
                self._learn(error, now)

    async def _answer(self, request: Request) -> Reply:
        deadline_s = self._policy.deadline_s
        try:
            async with asyncio.timeout(deadline_s):
                reply = await self._provider.ask(request)
        except (ProviderError, StoreError):
            raise
        except TimeoutError:
            raise ProviderError(
                "timeout", f"no whole answer within {deadline_s:.0f} s", final=False
            ) from None
        except ImageError as error:
            raise ProviderError("image", error.message, final=False, later=True) from None
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise ProviderError("provider_fault", reason, final=False, later=True) from error
        if not isinstance(reply, Reply):
            reason = f"the provider returned {type(reply).__name__}"
            raise ProviderError("provider_fault", reason, final=False, later=True)
        return reply

    def _learn(self, error: ProviderError | None, now: float) -> None:
        controller = self._slots.controller
        if error is None:
            self._breaker.answered(now)
            controller.success(self._slots.in_flight)
            self._slots.wake()
            return
        if error.limited:
            controller.refusal(now, error.wait_s or self._policy.first_wait_s)
        if error.stops:
            self._breaker.stop(error.reason)
        elif not error.final and not error.later:
            self._breaker.failed(error.kind, error.reason, now, self._policy.patience_for(error.kind))

    def _check_breaker(self) -> None:
        if self._breaker.why is not None:
            raise ProviderDownError(
                f"{self._model.id or 'the model'} was given up: {self._breaker.why}.",
                "the same line again goes on, when it is back",
            )

    def _record(  # noqa: PLR0913 - each is a part of the line
        self,
        request: Request,
        call_for: CallFor,
        sample: int,
        reply: Reply | None,
        failure: Failure | None,
        tries: tuple[Attempt, ...],
    ) -> Response:
        came = reply or Reply(text="")
        return Response(
            response_id=secrets.token_hex(8),
            request_digest=request.digest,
            sample=sample,
            call_for=call_for,
            asked=request.model,
            answered=came.answered,
            prompt=request.text if came.measured else came.prompt,
            text=None if failure else came.text,
            finish_reason=came.finish_reason,
            thoughts=came.thoughts,
            failure=failure,
            images_sent=came.images_sent,
            route=came.route,
            usage=came.usage,
            latency_s=tries[-1].took_s if came.measured and failure is None else None,
            cost=Cost(usd=0.0, basis="free") if self._model.price and self._model.price.free else None,
            attempts=tries,
        )
