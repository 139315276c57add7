"""Which worker a call goes to: the home of its case, unless that is busy or gone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

AHEAD: Final = 2
"""Calls by which the home of a case may be busier than the least busy worker before another one is taken."""


def home_of(case_id: str, workers: Mapping[str, int], most: int) -> str | None:
    """Return the worker for a call; None while each has as many calls as it may have.

    The home is the worker with the highest hash beside the case (rendezvous hashing; Thaler and Ravishankar
    1998): where one is lost, only its own cases move, and the others' images stay where they are.

    Args:
        case_id: The case.
        workers: Name of each worker to its calls in flight.
        most: Calls that a worker may have in flight.
    """
    free = {name: calls for name, calls in workers.items() if calls < most}
    if not free:
        return None
    home = max(workers, key=lambda name: _weight(case_id, name))
    least = min(free, key=lambda name: (free[name], name))
    return home if home in free and free[home] <= free[least] + AHEAD else least


def share_of(calls: int, workers: int) -> int:
    """Return the calls that one of so many workers may have in flight, when so many are in flight in all."""
    return max(FEWEST, -(-calls // workers))


def workers_for(calls: int, machines: int, cores: int) -> int:
    """Return how many workers to start: one a machine or for each 16 calls, and one a core at most."""
    return max(1, min(cores, max(machines, -(-calls // FEWEST))))


FEWEST: Final = 16
"""Calls at a time for one worker: each takes some milliseconds of processor, and seconds of waiting."""


def _weight(case_id: str, worker: str) -> bytes:
    return hashlib.blake2b(f"{worker}\0{case_id}".encode(), digest_size=8).digest()
