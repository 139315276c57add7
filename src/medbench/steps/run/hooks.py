"""The live side of a run: its watcher, Ctrl-C, the patience of its calls, and clocks."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from medbench.steps.access.stop import Stop
from medbench.store.runs import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.client.retry import Policy
    from medbench.client.waits import Waiting
    from medbench.schema.account import Sum
    from medbench.store.outputs import OutputIndex


@dataclass(frozen=True, slots=True)
class Pace:
    """Pace and cost of a system's calls."""

    at_a_time: int
    """Calls that may be in flight; 0 where their answers come with batches."""
    spent: Sum
    """The money of the calls so far."""


class Watcher(Protocol):
    """Follows a run for a person."""

    def notice(self, text: str) -> None:
        """Take something that a person should know."""

    def begin(self, name: str, about: str, done: OutputIndex, wanted: int) -> None:
        """Take note that a system is begun or gone on with: what it is, and what stands of what is wanted."""

    def output(self, name: str, failure: str | None, pace: Pace | None) -> None:
        """Take note of an output on the disk: the kind of its failure, if any, and the pace of the calls."""

    def waiting(self, name: str, waiting: Waiting) -> None:
        """Take note each second of what the calls of a system wait for."""

    def end(self, name: str) -> None:
        """Take note that a system is worked through, or was stopped."""


@dataclass(frozen=True, slots=True)
class RunHooks:
    """The live side of a run. `RunPlan` has the rest."""

    watcher: Watcher
    stop: Stop = field(default_factory=Stop)
    """Ctrl-C."""
    policy: Policy | None = None
    """Retries and deadlines of a call; None for the usual."""
    clock: Callable[[], float] = time.perf_counter
    """Seconds, for what a system took."""
    now: Callable[[], str] = now
    """The time of day of events: UTC, ISO 8601."""
