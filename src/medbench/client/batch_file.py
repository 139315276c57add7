"""Write the requests of a batch to a file: as many as the service takes, and the budget allows."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, NamedTuple

from medbench.client.batch_check import EVERY, FEWEST, check_call, new_check
from medbench.errors import BudgetError, ImageError, ProviderError
from medbench.schema.base import digest
from medbench.schema.batch import BatchItem

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from medbench.client.budget import Budget
    from medbench.pricing.prices import Prices
    from medbench.providers import Batches, BatchLine
    from medbench.schema.response import CallFor, Request

_KEPT_BYTES = 64 * 1024
"""Bytes of a file that are kept free for its checks."""


class Wanted(NamedTuple):
    """A call whose answer is wanted."""

    request: Request
    call_for: CallFor
    sample: int

    @property
    def key(self) -> str:
        """Its name in a batch: another one for each call, which says nothing about the case."""
        return key_of(self.request.digest, self.call_for, self.sample)


def key_of(request_digest: str, call_for: CallFor, sample: int) -> str:
    """Return the name of a call in a batch."""
    return digest([request_digest, call_for.case_id, call_for.role, sample])[:32]


@dataclass(slots=True)
class BatchFile:
    """A file of requests, and what stands in it."""

    items: list[BatchItem] = field(default_factory=list)
    checks: int = 0
    """Requests of them that check the batch."""
    most_usd: float | None = 0.0
    """Dollars that they may cost at most; None where unknown."""
    set_aside: float = 0.0
    """Dollars of these that the budget counts as spent."""
    sha256: str = ""
    unsent: list[tuple[Wanted, ProviderError]] = field(default_factory=list)
    """Calls that cannot be sent, and why."""
    stopped: BudgetError | None = None
    """Why the budget lets no more calls be sent, if so."""

    @property
    def calls(self) -> int:
        """Requests that check nothing."""
        return len(self.items) - self.checks


class BatchWriter:
    """Writes the files of batches for one model.

    Args:
        batches: Of the service.
        prices: Of calls in batches; None where unknown.
        budget: What the command may spend; None for no limit.
        checks: Stage of the calls that check a batch.
        tokens: Key of a call to the tokens of its text, of those that the service counted.
    """

    def __init__(
        self,
        batches: Batches,
        prices: Prices | None,
        budget: Budget | None,
        checks: str,
        tokens: Mapping[str, int],
    ) -> None:
        self._batches, self._prices, self._budget, self._checks = batches, prices, budget, checks
        self._tokens = tokens

    async def write(self, name: str, queue: deque[Wanted], to: Path, at: datetime) -> BatchFile:
        """Write as many calls as one batch takes to a file.

        Args:
            name: Of the batch.
            queue: The calls, from which those are taken that are in the file or cannot be sent.
            to: The file.
            at: When they are sent; prices change.
        """
        made = BatchFile()
        with to.open("wb") as file:
            out = _Out(file, self._batches.most_bytes - _KEPT_BYTES)
            while queue and _with_checks(made.calls + 1) <= self._batches.most_items:
                wanted = queue[0]
                line = await self._line(made, wanted)
                if line is not None:
                    if len(line.data) >= out.left or not self._pays(made, wanted, at):
                        break
                    if made.calls % EVERY == 0:
                        await self._check(name, made, wanted, out)
                    await out.add(line)
                    made.items.append(_item(wanted, line, tokens=self._tokens.get(wanted.key)))
                queue.popleft()
            while made.calls and made.checks < FEWEST:
                await self._check(name, made, wanted, out)
        made.sha256 = out.hasher.hexdigest()
        return made

    async def _line(self, made: BatchFile, wanted: Wanted) -> BatchLine | None:
        """Return a call as a line; None where it cannot be sent, now or ever."""
        error: ProviderError
        try:
            line = await self._batches.line(wanted.key, wanted.request)
            most = self._batches.most_bytes - _KEPT_BYTES
            if len(line.data) < most:
                return line
            reason = f"the request has {len(line.data):,} bytes, but a batch takes {most:,}"
            error = ProviderError("too_large", f"{reason}; try --images spread", final=True, sent=False)
        except ProviderError as raised:
            error = raised
        except ImageError as raised:
            error = ProviderError("image", raised.message, final=False, later=True, sent=False)
        made.unsent.append((wanted, error))
        return None

    def _pays(self, made: BatchFile, wanted: Wanted, at: datetime) -> bool:
        """Set aside what a call, with the checks beside it, may cost at most; False if that is too much."""
        before = _with_checks(made.calls) if made.calls else 0
        checks = _with_checks(made.calls + 1) - before - 1
        requests = [wanted.request, *[new_check(wanted.request)[0]] * checks]
        costs = [self._prices.worst_case(request, at=at) if self._prices else None for request in requests]
        usd = None if None in costs else sum(cost or 0.0 for cost in costs)
        if self._budget is not None:
            try:
                self._budget.spend(usd)
            except BudgetError as error:
                made.stopped = error
                return False
        made.set_aside += usd or 0.0
        made.most_usd = None if usd is None or made.most_usd is None else made.most_usd + usd
        return True

    async def _check(self, name: str, made: BatchFile, like: Wanted, out: _Out) -> None:
        request, word = new_check(like.request)
        made.checks += 1
        check = Wanted(request, check_call(name, made.checks, self._checks, like.call_for.role), 0)
        line = await self._batches.line(check.key, request)
        await out.add(line)
        made.items.append(_item(check, line, word=word))


def _with_checks(calls: int) -> int:
    """Return how many requests a batch of so many calls has."""
    return calls + max(FEWEST, -(-calls // EVERY))


class _Out:
    """A file that lines are added to."""

    def __init__(self, file: IO[bytes], left: int) -> None:
        self._file, self.left, self.hasher = file, left, hashlib.sha256()

    async def add(self, line: BatchLine) -> None:
        data = line.data + b"\n"
        self.left -= len(data)
        await asyncio.to_thread(self._write, data)

    def _write(self, data: bytes) -> None:
        self.hasher.update(data)
        self._file.write(data)


def _item(wanted: Wanted, line: BatchLine, *, tokens: int | None = None, word: str = "") -> BatchItem:
    request, call_for, sample = wanted
    return BatchItem(
        key=wanted.key,
        request_digest=request.digest,
        call_for=call_for,
        sample=sample,
        asked=request.model,
        prompt=request.text,
        images_sent=line.images,
        sizes=tuple(f"{image.width}x{image.height}" for image in request.images),
        tokens=tokens,
        word=word,
    )
