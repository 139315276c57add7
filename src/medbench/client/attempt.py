"""One try of a call: asking under a deadline, what it cost, and the line of the ledger that tries end in."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from medbench.errors import ImageError, ProviderError, StoreError
from medbench.schema.account import together
from medbench.schema.response import Attempt, CallFor, Cost, Failure, Reply, Request, Response

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from medbench.errors import ProviderDownError
    from medbench.pricing.prices import Prices
    from medbench.providers import Provider

_SHOWN: Final = 800
"""Characters of the reason of a failed try that are kept."""


@dataclass(slots=True)
class Try:
    """One try that has ended."""

    attempt: Attempt
    """Its times and outcome."""
    cost: Cost | None
    """Its cost; None where that is unknown."""
    retry_after_given: bool
    """True if the service said how long to wait."""

    def change(self, **fields: object) -> None:
        """Replace fields of the attempt."""
        self.attempt = self.attempt.model_copy(update=fields)


async def answer(provider: Provider, request: Request, deadline_s: float) -> Reply:
    """Ask once; whatever goes wrong is a `ProviderError`.

    Raises:
        ProviderError: There is no usable answer, or none within the deadline.
        StoreError: The disk failed, which is not the provider's fault.
    """
    try:
        async with asyncio.timeout(deadline_s):
            reply = await provider.ask(request)
    except (ProviderError, StoreError):
        raise
    except TimeoutError:
        raise ProviderError("timeout", f"no whole answer within {deadline_s:.0f} s", final=False) from None
    except ImageError as error:
        raise ProviderError("image", error.message, final=False, later=True) from None
    except Exception as error:
        reason = in_few_words(f"{type(error).__name__}: {error}")
        raise ProviderError("provider_fault", reason, final=False, later=True) from error
    # A provider from outside the package may return anything.
    if not isinstance(reply, Reply):
        reason = f"the provider returned {type(reply).__name__}"
        raise ProviderError("provider_fault", reason, final=False, later=True)
    return reply


def forget_frames(error: BaseException) -> None:
    """Forget the functions that an error came through, and so free what they held, such as images.

    They and the error refer to each other, so that it would stay until the garbage collector comes by.
    """
    behind: BaseException | None = error
    while behind is not None:
        behind.__traceback__ = None
        behind = behind.__context__


def in_few_words(reason: str) -> str:
    """Return the reason of a failure as it is recorded: in one line, cut where it is long."""
    line = " ".join(reason.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def given_up(last: Attempt, error: ProviderDownError) -> Failure:
    """Return the failure of a call that waited for another try when no more was to be sent."""
    why = f"given up: {error.message}"
    if last.reason and last.reason not in why:
        why = f"{last.reason} ({why})"
    return Failure(kind=last.outcome, reason=why, final=False)


def nothing_said(reply: Reply) -> Failure:
    """Return the failure that an answer without a text is."""
    is_cut, counted = reply.finish_reason == "length", reply.usage.thoughts or 0
    advice = "; try a higher max_tokens (run --set, or [settings] of its file), or less thinking"
    if reply.thoughts or counted:
        spent = f"{counted:,} tokens of thoughts" if counted else "thoughts"
        reason = f"max_tokens was spent on {spent}" if is_cut else f"the answer is nothing but {spent}"
        return Failure(kind="thoughts_only", reason=reason + advice, final=True)
    if is_cut:
        reason = f"max_tokens was spent and the model answered with an empty text{advice}"
        return Failure(kind="empty", reason=reason, final=True)
    return Failure(kind="empty", reason="the model answered with an empty text", final=True)


def cost_of(  # noqa: PLR0913 - each decides the price
    prices: Prices | None,
    reply: Reply | None,
    error: ProviderError | None,
    *,
    seconds: float,
    sharing: int,
    at: datetime,
) -> Cost | None:
    """Return the cost of one try; None where the service may bill it and the amount is unknown.

    Args:
        prices: Of the model; None where there are none.
        reply: What came back, if anything did.
        error: Why it failed, if it did.
        seconds: Time that it was with the service.
        sharing: Calls in flight at the same time, this one included.
        at: When it was sent.
    """
    if reply is None and error is not None and not error.sent:
        return Cost(usd=0.0, basis="refused")
    if prices is None or (reply is None and prices.gpu_hour is None):
        return None
    # Of an endpoint the time is paid for, be there an answer or not.
    reply = reply or Reply(text="")
    return prices.cost(reply.usage, seconds=seconds, sharing=sharing, at=at, answered=reply.answered)


def response_of(  # noqa: PLR0913 - each is a part of the line
    request: Request,
    call_for: CallFor,
    sample: int,
    reply: Reply | None,
    failure: Failure | None,
    tries: Sequence[Try],
) -> Response:
    """Return the line of the ledger for a call that has ended."""
    reply = reply or Reply(text="")
    return Response(
        response_id=secrets.token_hex(8),
        request_digest=request.digest,
        sample=sample,
        call_for=call_for,
        asked=request.model,
        answered=reply.answered,
        prompt=request.text if reply.measured else reply.prompt,
        text=None if failure else reply.text,
        finish_reason=reply.finish_reason,
        thoughts=reply.thoughts,
        failure=failure,
        images_sent=reply.images_sent,
        route=reply.route,
        server=reply.server,
        usage=reply.usage,
        latency_s=tries[-1].attempt.took_s if reply.measured and failure is None else None,
        cost=together(each.cost for each in tries),
        attempts=tuple(each.attempt for each in tries),
    )
