"""The rules for trying again: after which failures, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medbench.errors import ProviderError

OVERLOADED = frozenset({503, 529})
"""Statuses after which a service needs more time."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Patience of one call."""

    deadline_s: float = 300.0
    """Seconds that one try may take in all."""
    patience_s: float = 300.0
    """Seconds, waits included, after which a call is given up."""
    refused_s: float = 20.0
    """The same where nothing listens at the other end."""
    first_wait_s: float = 0.25
    """Wait after the first failure; doubles with each."""
    overloaded_s: float = 2.0
    """The same after an overload."""
    longest_wait_s: float = 60.0
    """Longest wait of our own choosing."""
    most_tries: int | None = None
    """Most tries of one call; None for as many as its patience allows."""
    chance: random.Random = field(default_factory=random.Random)
    """Spreads the waits, so that calls that failed together do not come back together."""

    def patience_for(self, kind: str) -> float:
        """Return the seconds without an answer after which a failure of this kind is taken for lasting."""
        return self.refused_s if kind == "connection" else self.patience_s

    def wait(self, error: ProviderError, failures: int) -> float:
        """Return the seconds to wait: what the service asked for or a doubling wait of our own, if longer.

        Args:
            error: Why the last try failed.
            failures: Tries of this call that failed without the service saying how long to wait; one that
                says so is taken at its word, and its refusals do not lengthen our own waits.
        """
        first = self.overloaded_s if error.status in OVERLOADED else self.first_wait_s
        own = min(self.longest_wait_s, first * 2.0 ** min(max(failures - 1, 0), 30))
        own *= 0.5 + self.chance.random() / 2
        if error.wait_s is None:
            return own
        return max(own, error.wait_s + self.chance.random() * min(0.25, 0.1 * error.wait_s))

    def gives_up(self, kind: str, tries: int, seconds: float) -> bool:
        """Return True if a call is not to be tried again.

        Args:
            kind: Kind of the last failure.
            tries: Tries so far.
            seconds: What they and their waits have taken, and the next wait would.
        """
        if self.most_tries is not None and tries >= self.most_tries:
            return True
        return seconds > self.patience_for(kind)
