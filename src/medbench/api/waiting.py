"""Waits of a run or judging, in words, and when they are due to be told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from medbench.client.waits import Waiting

QUIET_S = 10.0
"""Seconds without an answer after which a person is told what is waited for."""
_SELDOM_S = 60.0
"""Longest time between two lines that say so."""
_SOON_S = 5.0
"""Seconds below which the time until the next try is not worth a word."""


def is_quiet(waiting: Waiting) -> bool:
    """Return True if a person is to be told what is waited for."""
    return waiting.silent_s >= QUIET_S and bool(waiting.calls)


def in_short(waiting: Waiting) -> str:
    """Return for how long nothing came, and the first of what is waited for: what fits beside a bar."""
    tries = f"{counted(waiting.failed, 'try', 'tries')} failed" if waiting.failed else next(_parts(waiting))
    return f"no answer for {waiting.silent_s:.0f} s, {tries}"


def in_full(waiting: Waiting) -> str:
    """Return for how long nothing came, what is waited for, until when, and what the service said last."""
    ends = f" (given up at {waiting.patience_s:.0f} s)" if waiting.failed and not waiting.given_up else ""
    return f"no answer for {waiting.silent_s:.0f} s{ends}: {'; '.join(_parts(waiting))}"


def _parts(waiting: Waiting) -> Iterator[str]:
    calls = waiting.calls
    if waiting.given_up:
        yield "given up, and what is under way is waited for"
    if flying := calls["answer"]:
        longer = waiting.longest_s > waiting.silent_s + 1
        yield f"{counted(flying, 'call')} in flight{f', the longest for {waiting.longest_s:.0f} s' * longer}"
    if again := calls["retry"]:
        soon = f", the next in {waiting.next_s:.0f} s" if waiting.next_s >= _SOON_S else ""
        yield f"{counted(again, 'call')} to be tried again{soon}"
    if turns := calls["turn"]:
        yield f"{counted(turns, 'call waits', 'calls wait')} for a turn of the minute (requests_per_minute)"
    if budget := calls["budget"]:
        yield f"{counted(budget, 'call waits', 'calls wait')} for what those in flight leave of the budget"
    if waiting.asked:
        most = f", which has {waiting.left_s:.0f} s more" if waiting.left_s else ""
        yield f"no {waiting.asked} yet from the service of batches{most}"
    elif not (flying or again or turns or budget):
        yield f"{counted(calls['others'], 'call waits', 'calls wait')} for calls of other systems to end"
    if waiting.failed:
        yield f"{counted(waiting.failed, 'try', 'tries')} failed, the last: {waiting.reason}"


class SaidWaits:
    """When a name was said to wait: first after some seconds of silence, then more and more seldom."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: dict[tuple[str, str, bool], tuple[float, float]] = {}

    def is_due(self, name: str, waiting: Waiting) -> bool:
        """Return True if it is to be said now; a first failure is said at once, whatever was before it.

        So is the silence of a service of batches to another question.
        """
        if not is_quiet(waiting):
            return False
        key, now = (name, waiting.asked, bool(waiting.failed)), self._clock()
        at, wait_s = self._next.get(key, (now, QUIET_S))
        if now < at:
            return False
        self._next[key] = now + wait_s, min(2 * wait_s, _SELDOM_S)
        return True
