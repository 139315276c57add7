"""Read what came of a batch: each answer once, under the request that it is known to be of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from medbench.client.attempt import in_few_words, nothing_said
from medbench.client.batch_answer import Came
from medbench.client.batch_check import mixed_up
from medbench.client.batch_exact import told_apart
from medbench.errors import ProviderError
from medbench.schema.response import Attempt, Cost, Failure, Reply, Response
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from medbench.client.batch_file import Wanted
    from medbench.pricing.prices import Prices
    from medbench.providers import BatchAnswer, Batches
    from medbench.schema.batch import BatchItem

_LONGEST: Final = 128 * 1024 * 1024
"""Most bytes of a line that are held: an answer on Vertex AI repeats the request with its images."""
MIXED_UP = "mixed_up"
"""Kind of the failure of an answer that may be that to another request."""


class Sent(NamedTuple):
    """A batch whose answers are read."""

    name: str
    at: datetime
    """When it was created."""
    items: dict[str, BatchItem]
    """Requests sent, by key."""


@dataclass(slots=True)
class Contents:
    """Contents of the file of a batch's answers."""

    answers: int = 0
    missing: set[str] = field(default_factory=set)
    """Keys under which nothing stands: nobody worked on these requests."""
    unknown: int = 0
    """Lines under a key that was not sent, or under none."""
    twice: int = 0
    """Lines under a key that an earlier line has."""
    mixed_up: str | None = None
    """Why no answer can be trusted; None where nothing speaks against them."""
    counted: int = 0
    """Answers to requests whose tokens the service had counted beforehand."""
    told_apart: int = 0
    """Those of them with tokens that only their own request has."""

    def check(self, sent: Sent, *, succeeded: bool) -> None:
        """Check that the file is that of the answers, and not a page of a proxy or nothing at all.

        To take it for one without answers would ask, and pay for, all of the batch once more.

        Raises:
            ProviderError: It has no line for any request, though something else stands in it or the service
                says that all was worked on.
        """
        if len(self.missing) == len(sent.items) and (self.unknown or succeeded):
            lines = f"{counted(self.unknown, 'line')} of something else" if self.unknown else "nothing"
            reason = f"what the server gave for its answers holds {lines}, and none of them"
            raise ProviderError("not_found", reason, final=False, status=404)


class AnswerReader:
    """Reads the file of a batch's answers; its methods are for a thread.

    Args:
        batches: Of the service.
        prices: Of calls in batches; None where unknown.
        sent: The batch.
        file: Where its answers lie.
    """

    def __init__(self, batches: Batches, prices: Prices | None, sent: Sent, file: Path) -> None:
        self._batches, self._prices, self._sent, self._file = batches, prices, sent, file

    def contents(self) -> Contents:
        """Look through the whole file, which is not held in memory."""
        found = Contents()
        came: dict[str, Came] = {}
        for item, answer in self._answers(found):
            reply = _reply_of(answer)
            if reply is not None:
                came[item.key] = Came.of(reply.text, reply.usage.input, answer.text_tokens)
                found.answers += answer.error is None
        items = list(self._sent.items.values())
        found.mixed_up = mixed_up(items, came)
        found.counted = sum(item.tokens is not None and item.key in came for item in items)
        found.told_apart = told_apart(items, came)
        return found

    def responses(self, contents: Contents, *, has_answered: bool) -> Iterator[Response]:
        """Yield a line for the ledger for each answer and each error.

        Args:
            contents: Of the file.
            has_answered: True if the model answers at all: only then is a refusal the request's own fault.
        """
        for item, answer in self._answers(Contents()):
            reply = _reply_of(answer)
            failure = self._failure(answer, contents, has_answered=has_answered or contents.answers > 0)
            yield self._response(item, reply, failure, answer.error)

    def _answers(self, found: Contents) -> Iterator[tuple[BatchItem, BatchAnswer]]:
        """Yield what stands under each key first, and note what does not count."""
        left = set(self._sent.items)
        with self._file.open("rb") as file:
            for line in filter(bytes.strip, _lines(file)):
                answer = self._batches.read(line)
                if answer.key is None or answer.key not in self._sent.items:
                    found.unknown += 1
                elif answer.reply is None and answer.error is None:
                    continue
                elif answer.key not in left:
                    found.twice += 1
                else:
                    left.remove(answer.key)
                    yield self._sent.items[answer.key], answer
        found.missing = left

    @staticmethod
    def _failure(answer: BatchAnswer, contents: Contents, *, has_answered: bool) -> Failure | None:
        if contents.mixed_up is not None:
            reason = f"the service gave answers to the wrong requests: {contents.mixed_up}"
            return Failure(kind=MIXED_UP, reason=reason, final=False)
        error = answer.error
        if error is not None:
            is_own = error.status is None or error.reply is not None or has_answered
            return Failure(kind=error.kind, reason=error.reason, final=error.final and is_own)
        assert answer.reply is not None
        return None if answer.reply.text.strip() else nothing_said(answer.reply)

    def _response(
        self, item: BatchItem, reply: Reply | None, failure: Failure | None, error: ProviderError | None
    ) -> Response:
        name, at, _ = self._sent
        outcome = failure.kind if failure else "ok"
        attempt = Attempt(
            start=at.isoformat(timespec="milliseconds"),
            queued_s=0.0,
            took_s=None,
            outcome=outcome,
            status=error.status if error else None,
            reason=in_few_words(failure.reason) if failure else None,
        )
        cost = self._cost(reply)
        reply = reply or Reply(text="")
        return Response(
            response_id=response_id(name, item.key),
            request_digest=item.request_digest,
            sample=item.sample,
            call_for=item.call_for,
            asked=item.asked,
            answered=reply.answered,
            prompt=item.prompt,
            text=None if failure else reply.text,
            finish_reason=reply.finish_reason,
            thoughts=None if outcome == MIXED_UP else reply.thoughts,
            failure=failure,
            images_sent=item.images_sent,
            usage=reply.usage,
            cost=cost,
            batch=name,
            attempts=(attempt,),
        )

    def _cost(self, reply: Reply | None) -> Cost | None:
        if reply is None:
            return Cost(usd=0.0, basis="refused")  # no service bills a request of a batch that failed
        if self._prices is None:
            return None
        at = self._sent.at
        return self._prices.cost(reply.usage, seconds=0.0, sharing=1, at=at, answered=reply.answered)


def unsent_response(wanted: Wanted, error: ProviderError, at: datetime) -> Response:
    """Return the line for the ledger of a call that cannot be sent."""
    request, call_for, sample = wanted
    start = at.isoformat(timespec="milliseconds")
    return Response(
        response_id=response_id(start, wanted.key),
        request_digest=request.digest,
        sample=sample,
        call_for=call_for,
        asked=request.model,
        prompt=request.text,
        failure=Failure(kind=error.kind, reason=error.reason, final=error.final),
        cost=Cost(usd=0.0, basis="refused"),
        attempts=(
            Attempt(
                start=start,
                queued_s=0.0,
                took_s=None,
                outcome=error.kind,
                reason=in_few_words(error.reason),
            ),
        ),
    )


def response_id(batch: str, key: str) -> str:
    """Return the name of the ledger's line for an answer of a batch, the same each time it is read."""
    return hashlib.sha256(f"{batch}/{key}".encode()).hexdigest()[:16]


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file; of one that is too long, the beginning, which nobody can read."""
    while line := file.readline(_LONGEST):
        rest = line
        while len(rest) == _LONGEST and not rest.endswith(b"\n"):
            rest = file.readline(_LONGEST)
        yield line


def _reply_of(answer: BatchAnswer) -> Reply | None:
    """Return what the model said, where it said anything that counts tokens."""
    if answer.reply is not None:
        return answer.reply
    return answer.error.reply if answer.error and isinstance(answer.error.reply, Reply) else None
