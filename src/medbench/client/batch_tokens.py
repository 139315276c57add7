"""Tokens of a batch's requests: counted by the service beforehand, and kept apart within each batch.

Answers that were exchanged show in the tokens that were billed, unless both requests have equally many. A
service puts an answer under another key of the same batch, so that requests alike go in different batches.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from medbench.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from medbench.client.batch_file import Wanted
    from medbench.client.patience import Patience
    from medbench.providers import Batches
    from medbench.schema.batch import BatchItem
    from medbench.schema.response import Request

MOST_BATCHES: Final = 20
"""Batches in which requests are sent for the sake of their tokens; size and number may make it more."""
LEAST_CALLS: Final = 25
"""Calls of a batch on average, below which no more batches are made for the sake of tokens."""
PATIENCE_S: Final = 30.0
"""Seconds for the count of one text, which is a matter of milliseconds."""
_AT_A_TIME: Final = 16
"""Requests that are counted at a time."""


@dataclass(slots=True)
class Counted:
    """Tokens that the service counted."""

    tokens: dict[str, int] = field(default_factory=dict)
    """Key of a call to the tokens of its text; without those that were not counted."""
    failure: str | None = None
    """Why the rest was not counted; None where all was, or the service counts nothing."""


class _Alike(NamedTuple):
    """Calls with the same text."""

    request: Request
    """The request of one of them."""
    keys: list[str]
    """Their keys."""


class TokenCounter:
    """Asks a service for the tokens of texts, of each text once."""

    def __init__(self, batches: Batches, patience: Patience) -> None:
        self._batches, self._patience = batches, patience

    async def count(self, wanted: Mapping[str, Wanted]) -> Counted:
        """Count the tokens of calls, by key; the first failure ends it, since batches do without."""
        found = Counted()
        texts: dict[tuple[str | None, str], _Alike] = {}
        for key, (request, _, _) in wanted.items():
            texts.setdefault((request.system, request.text), _Alike(request, [])).keys.append(key)
        left = deque(texts.values())
        # A service that counts nothing says so with the first text, and is asked for no other.
        if left and await self._take(left.popleft(), found):
            await asyncio.gather(*(self._work_through(left, found) for _ in range(_AT_A_TIME)))
        return found

    async def _work_through(self, left: deque[_Alike], found: Counted) -> None:
        while left and found.failure is None:
            await self._take(left.popleft(), found)

    async def _take(self, alike: _Alike, found: Counted) -> bool:
        """Count the text of some calls; return True if that worked."""
        try:
            tokens = await self._count(alike.request)
        except ProviderError as error:
            found.failure = found.failure or error.reason
            return False
        if tokens is None:
            return False
        found.tokens |= dict.fromkeys(alike.keys, tokens)
        return True

    async def _count(self, request: Request) -> int | None:
        try:
            return await self._patience.in_time(self._batches.count(request), "count", PATIENCE_S)
        except ProviderError:
            return await self._patience.in_time(self._batches.count(request), "count", PATIENCE_S)


def dealt(wanted: Mapping[str, Wanted], tokens: Mapping[str, int]) -> list[deque[Wanted]]:
    """Return the calls of each batch, so that few of one batch have as many tokens and images as another.

    Args:
        wanted: The calls, by key.
        tokens: Key of a call to the tokens of its text; where all are unknown, there is one batch.
    """
    digests = {key: each.request.digest for key, each in wanted.items()}
    kinds = {(number, len(wanted[key].request.images), digests[key]) for key, number in tokens.items()}
    most = max(Counter(number for number, _, _ in kinds).values(), default=1)
    batches: list[deque[Wanted]] = [
        deque() for _ in range(max(1, min(most, MOST_BATCHES, len(wanted) // LEAST_CALLS)))
    ]
    # Copies of one request stay together: exchanging their answers is not a fault.
    turns = {request: turn for turn, (_, _, request) in enumerate(sorted(kinds))}
    for place, (key, each) in enumerate(wanted.items()):
        batches[turns.get(digests[key], place) % len(batches)].append(each)
    return [batch for batch in batches if batch]


def indistinct(items: Iterable[BatchItem]) -> int:
    """Return how many counted requests of a batch share tokens and images with another request of it."""
    told_by = [(item.request_digest, (item.tokens, len(item.sizes))) for item in items if item.is_counted]
    times = Counter(dict(told_by).values())
    return sum(times[tokens_and_images] > 1 for _, tokens_and_images in told_by)
