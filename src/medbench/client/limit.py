"""Limits on the calls in flight, and on how soon after each other they are sent."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Protocol, Self

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

    @property
    def shares(self) -> int:
        """Servers among which the calls in flight are divided: one."""
        return 1

    def success(self, in_flight: int) -> None:
        """Note that a call was answered while so many were in flight, itself included."""
        self.successes += 1
        self.peak = max(self.peak, in_flight)
        if self.fixed or self.successes < self.limit:
            return
        if self.peak >= USED * self.limit:
            self.limit = min(self.most, self.limit + 1 if self.refused else self.limit * 2)
        self.successes, self.peak = 0, 0

    def refusal(self, now: float, wait_s: float) -> None:
        """Note that the service was asked too much; the episode lasts for the wait that follows."""
        if self.fixed or now < self.quiet_until:
            return
        self.successes, self.peak = 0, 0
        self.refused = True
        self.limit = max(1, int(self.limit * CUT))
        self.quiet_until = now + wait_s


class Limit(Protocol):
    """Decides how many calls may be in flight, and learns from how they end: a `Controller`, or several."""

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""

    @property
    def most(self) -> int:
        """Upper bound of the limit."""

    @property
    def shares(self) -> int:
        """Servers among which the calls in flight are divided."""

    def success(self, in_flight: int) -> None:
        """Note that a call was answered while so many were in flight, itself included."""

    def refusal(self, now: float, wait_s: float) -> None:
        """Note that the service was asked too much."""


class Slots:
    """Places in flight, as many as the controller allows at the moment.

    Args:
        controller: Decides how many.
        within: Places that several of these share, as many as one command may have; None for no such limit.
    """

    def __init__(self, controller: Limit, within: Slots | None = None) -> None:
        self.controller = controller
        self.in_flight = 0
        self._within = within
        self._given = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def place(self) -> Place:
        """Return a place for one call, which it takes when it sends."""
        return Place(self)

    async def enter(self) -> None:
        """Wait for a place, in order of arrival."""
        await self._turn()
        if self._within is not None:
            try:
                # Last, so that no call holds a shared place while it waits for one of its own.
                await self._within.enter()
            except asyncio.CancelledError:
                self._give_back()
                raise
        self.in_flight += 1

    async def _turn(self) -> None:
        if self._given < self.controller.limit and not self._waiting:
            self._given += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back()  # the place was given just before
            raise

    def leave(self) -> None:
        """Give a place back."""
        self.in_flight -= 1
        if self._within is not None:
            self._within.leave()
        self._give_back()

    def _give_back(self) -> None:
        self._given -= 1
        self.wake()

    def wake(self) -> None:
        """Give free places to those who wait; to be called when the limit has grown, too."""
        while self._waiting and self._given < self.controller.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._given += 1
                turn.set_result(None)


class Place:
    """A place in flight: taken for each try of a call, and held after the last until its line is on the disk.

    However slow the disk is, no more answers are between it and the service than there are places.
    """

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._held = False

    async def take(self) -> None:
        """Wait for the place."""
        await self._slots.enter()
        self._held = True

    def leave(self) -> None:
        """Give the place back, if it is held."""
        if self._held:
            self._held = False
            self._slots.leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()


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
