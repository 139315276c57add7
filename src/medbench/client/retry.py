"""The rules for trying again: after which failures, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from medbench.providers import GARBLED

if TYPE_CHECKING:
    from medbench.errors import ProviderError

_UNREACHED: Final = frozenset({"connection", GARBLED})
"""Kinds of a failure where no server of models is at the other end."""
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
    """The same where nothing listens at the other end, or what comes from there is garbled."""
    misled_s: float = 5.0
    """Seconds of waits for a server of which nothing came yet but what is no answer: a few tries tell."""
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

    def patience_for(self, kind: str, *, misled: bool) -> float:
        """Return the seconds without an answer after which a failure is taken for lasting.

        Args:
            kind: Its kind.
            misled: True if something came each time, and never an answer: the address may be of another
                service. A server that answered before, or was away before, may be on its way back.
        """
        if misled:
            return min(self.misled_s, self.refused_s)
        return self.refused_s if kind in _UNREACHED else self.patience_s

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

    def gives_up(self, tries: int, seconds: float, patience_s: float) -> bool:
        """Return True if a call is not to be tried again.

        Args:
            tries: Tries so far.
            seconds: What they and their waits have taken, and the next wait would.
            patience_s: What `patience_for` says of the last failure.
        """
        return seconds > patience_s or (self.most_tries is not None and tries >= self.most_tries)
