"""One provider made dependable: what is paid for is found again, what is asked is timed and recorded."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from medbench.errors import ImageError, ProviderError, StoreError
from medbench.schema.response import Attempt, CallFor, Cost, Failure, Reply, Request, Response

if TYPE_CHECKING:
    from medbench.providers import Provider
    from medbench.schema.model import ModelFile
    from medbench.store.ledger import Ledger


class Client:
    """Asks one model for one run."""

    def __init__(self, provider: Provider, model: ModelFile, ledger: Ledger) -> None:
        self._provider = provider
        self._model = model
        self._ledger = ledger

    async def ask(self, request: Request, call_for: CallFor, sample: int) -> Response:
        """The response to a request: the recorded one, or a new one that is on the disk by now.

        A call that failed is a response with a failure. One that is not final is asked again.

        Raises:
            StoreError: The response could not be written; nothing is used that is not on the disk.
        """
        found = self._ledger.find(request, call_for.case_id, sample)
        if found is not None:
            return found
        start, clock = datetime.now(UTC).isoformat(timespec="milliseconds"), time.perf_counter()
        reply, failure = await self._try(request)
        took = time.perf_counter() - clock
        attempt = Attempt(
            start=start, queued_s=0.0, took_s=round(took, 6), outcome=failure.kind if failure else "ok"
        )
        response = self._record(request, call_for, sample, reply, failure, attempt)
        await self._ledger.add(response)
        return response

    async def _try(self, request: Request) -> tuple[Reply | None, Failure | None]:
        try:
            reply = await self._provider.ask(request)
            empty = not reply.text.strip()
        except ProviderError as error:
            return None, Failure(kind=error.kind, reason=error.reason, final=error.final)
        except ImageError as error:
            return None, Failure(kind="image", reason=error.message, final=False)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of one provider costs one call, and is recorded
            return None, Failure(
                kind="provider_fault", reason=f"{type(error).__name__}: {error}", final=False
            )
        if empty:
            # Final: to ask until something comes would be choosing among answers.
            return reply, Failure(kind="empty", reason="the model answered with an empty text", final=True)
        return reply, None

    def _record(  # noqa: PLR0913 - each is a part of the line
        self,
        request: Request,
        call_for: CallFor,
        sample: int,
        reply: Reply | None,
        failure: Failure | None,
        attempt: Attempt,
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
            usage=came.usage,
            latency_s=attempt.took_s if came.measured and failure is None else None,
            cost=Cost(usd=0.0, basis="free") if self._model.price and self._model.price.free else None,
            attempts=(attempt,),
        )
