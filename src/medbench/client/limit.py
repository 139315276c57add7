"""Limits on the calls in flight, and on how soon after each other they are sent."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CUT = 0.7
"""Share of the limit that is kept when the service says it is too much."""
USED = 0.8
"""Share of the limit that must have been in flight for a round to count as a success of that limit."""


@dataclass(slots=True)
class Controller:
    """Decides the limit from outcomes alone: no clock of its own, no waiting.

    It doubles after each round of successes until the service first refuses, then adds one a round; it is
    cut once for each episode of refusals (additive increase, multiplicative decrease; Chiu and Jain 1989).
    """

    limit: int
    """Calls that may be in flight."""
    most: int
    """Upper bound; equal to `limit` from the start for a fixed limit."""
    fixed: bool = False
    """True if the limit never changes."""
    refused: bool = False
    """True once the service has refused a call."""
    quiet_until: float = 0.0
    """Time until which refusals belong to the episode that was answered already."""
    successes: int = 0
    """Successes of this round."""
    peak: int = 0
    """Most calls in flight in this round."""

    def success(self, in_flight: int) -> None:
        """A call was answered while so many were in flight, itself included."""
        self.successes += 1
        self.peak = max(self.peak, in_flight)
        if self.fixed or self.successes < self.limit:
            return
        if self.peak >= USED * self.limit:
            self.limit = min(self.most, self.limit + 1 if self.refused else self.limit * 2)
        self.successes, self.peak = 0, 0

    def refusal(self, now: float, wait_s: float) -> None:
        """The service said that too much was asked of it; the episode lasts for the wait that follows."""
        if self.fixed or now < self.quiet_until:
            return
        self.successes, self.peak = 0, 0
        self.refused = True
        self.limit = max(1, int(self.limit * CUT))
        self.quiet_until = now + wait_s


class Slots:
    """Places in flight, as many as the controller allows at the moment."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller
        self.in_flight = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a place, in order of arrival, and hold it."""
        if self.in_flight >= self.controller.limit or self._waiting:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._leave()  # the place was given just before
                raise
        else:
            self.in_flight += 1
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        self.in_flight -= 1
        self.wake()

    def wake(self) -> None:
        """Give free places to those who wait; to be called when the limit has grown, too."""
        while self._waiting and self.in_flight < self.controller.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)


class Pacer:
    """Sends at most so many calls a minute, evenly: the wait of each call is decided when it asks."""

    def __init__(self, per_minute: int) -> None:
        self._apart = 60.0 / per_minute
        self._next = 0.0

    def wait_s(self, now: float) -> float:
        """Take the next turn, and say how many seconds away it is."""
        turn = max(now, self._next)
        self._next = turn + self._apart
        return turn - now
