"""How long workers may take to start, and what is said of those that do not."""

from __future__ import annotations

from typing import Final

from medbench.executors.cluster.wire import NotStartedError

START_S: Final = 180.0
"""Seconds that a worker may take to start; a busy machine needs a minute."""
STARTS: Final = 2
"""Times that a worker is started: for seconds a cluster places workers on a machine that has just died."""
LATE_S: Final = 10.0
"""Seconds in which the other workers must start once one has, or they are not waited for: a cluster counts a
machine for a while that has died."""
QUIET_S: Final = 10.0
"""Seconds without a worker after which it is said what is waited for."""


def waited_for(free: int, cores: int) -> str:
    """Return what work waits for that has no worker yet.

    Args:
        free: Cores of the cluster that nothing has taken.
        cores: Cores of the cluster.
    """
    return f"Waiting for a worker for up to {START_S:.0f} s: {_taken(free, cores)}."


def not_started(free: int, cores: int) -> NotStartedError:
    """Return the error of a worker that did not start in time."""
    return NotStartedError(
        f"no machine of the cluster started a worker within {START_S:.0f} s: {_taken(free, cores)}.",
        "`ray status` says what is taken; then the same line again",
    )


def _taken(free: int, cores: int) -> str:
    return f"it takes a core, and {free} of {cores} {'is' if free == 1 else 'are'} free"
