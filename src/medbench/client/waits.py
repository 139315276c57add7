"""Waits of calls at the moment, so that a person can be told."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WaitFor = Literal["answer", "retry", "turn", "budget", "others", "batch"]
"""Reason to wait: the answer, another try, the turn of the minute, the budget, calls of others, or the
service of batches."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Waits of the calls of a system or judge at one moment."""

    calls: Counter[WaitFor]
    """Calls that wait, by what for."""
    silent_s: float
    """Seconds since the last answer, or since the first of these calls where none came."""
    longest_s: float
    """Seconds for which the oldest call in flight is without an answer."""
    next_s: float
    """Seconds until the next call is tried again."""
    failed: int
    """Tries that failed since the last answer."""
    reason: str
    """Why the last of them failed, with the service's words."""
    patience_s: float
    """Seconds without an answer after which the model is given up."""
    given_up: bool
    """True if nothing more is sent to it."""
    asked: str = ""
    """What the service of batches is to send, such as 'state'; '' where it is not asked."""
    left_s: float = 0.0
    """Seconds that it has for this; 0 where that depends on what comes."""


@dataclass(slots=True, eq=False)
class _Wait:
    what: WaitFor
    since: float
    until: float
    words: str


@dataclass(slots=True)
class Waits:
    """The calls of one system or of all judges that wait, and what has failed since the last answer."""

    clock: Callable[[], float] = time.monotonic
    _calls: set[_Wait] = field(default_factory=set)
    _silent_since: float = 0.0
    _failed: int = 0
    _reason: str = ""
    _patience_s: float = 0.0
    _given_up: bool = False

    @contextmanager
    def on(self, what: WaitFor, seconds: float = 0.0, *, words: str = "") -> Iterator[None]:
        """Note that a call waits while the block runs.

        Args:
            what: What it waits for.
            seconds: For how long, where that is known.
            words: What a service of batches is to send.
        """
        now = self.clock()
        if not self._calls:
            self._silent_since = now
        wait = _Wait(what, now, now + seconds, words)
        self._calls.add(wait)
        try:
            yield
        finally:
            self._calls.discard(wait)

    def answered(self) -> None:
        """Note that an answer came."""
        self._silent_since = self.clock()
        self._failed, self._reason = 0, ""

    def failed(self, reason: str, patience_s: float, *, given_up: bool) -> None:
        """Note that a try failed, after how long a silence its model is given up, and whether it is."""
        self._failed += 1
        self._reason, self._patience_s, self._given_up = reason, patience_s, given_up

    def now(self) -> Waiting:
        """Return what is waited for."""
        now = self.clock()
        answers = [now - wait.since for wait in self._calls if wait.what == "answer"]
        batches = [wait for wait in self._calls if wait.what == "batch"]
        oldest = min(batches, key=lambda wait: wait.since, default=None)
        retries = [wait.until - now for wait in self._calls if wait.what == "retry"]
        return Waiting(
            calls=Counter(wait.what for wait in self._calls),
            silent_s=now - self._silent_since,
            longest_s=max(answers, default=0.0),
            next_s=max(min(retries, default=0.0), 0.0),
            failed=self._failed,
            reason=self._reason,
            patience_s=self._patience_s,
            given_up=self._given_up,
            asked=oldest.words if oldest else "",
            left_s=max(oldest.until - now, 0.0) if oldest else 0.0,
        )
