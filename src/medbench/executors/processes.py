"""Works through jobs that only compute, on all cores of this machine."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from medbench.errors import StoreError
from medbench.executors.ending import ending_gently

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

J = TypeVar("J")
R = TypeVar("R")


class MapInOrder(Protocol):
    """Yields what comes of each job, in the order of the jobs: see `map_in_order`."""

    def __call__(
        self, do: Callable[[J], R], make: Callable[[], Callable[[J], R]], jobs: Iterable[J]
    ) -> Iterator[R]:
        """Yield what comes of each job."""


PAYS_S = 3.0
"""Seconds that the jobs left would take here, above which other processes are worth their start."""
TRIED = 32
"""Jobs that are done here first, and as many again by whose time the rest is judged."""
_AT_ONCE: Final = 64
"""Jobs that go to a process together."""
_LOOK_S: Final = 1
"""Seconds between two looks of a process at the one that started it."""


def map_in_order(
    do: Callable[[J], R],
    make: Callable[[], Callable[[J], R]],
    jobs: Iterable[J],
    count: int,
) -> Iterator[R]:
    """Yield what comes of each job, in the order of the jobs, of which only a few are held at a time.

    What takes no longer than seconds is done here; the rest by as many processes as this one may use cores.

    Args:
        do: Does a job here.
        make: Makes the function that does a job in another process, where it is called once: it can be
            pickled, as the jobs and what comes of them can, and what it makes need not be.
        jobs: The jobs.
        count: Their number.

    Raises:
        StoreError: A process was killed, for want of memory for example.
    """
    cores, remaining = usable_cores(), iter(jobs)
    yield from map(do, islice(remaining, TRIED))  # the first ones load what all need
    spent = 0.0
    for job in islice(remaining, TRIED):
        began = time.perf_counter()
        result = do(job)
        spent += time.perf_counter() - began
        yield result
    if cores == 1 or (count - 2 * TRIED) * spent / TRIED <= PAYS_S:
        yield from map(do, remaining)
    else:
        yield from _in_processes(make, remaining, cores)


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _in_processes(make: Callable[[], Callable[[J], R]], jobs: Iterator[J], cores: int) -> Iterator[R]:
    # loky, since the standard library's processes import the caller's script anew, which may do anything.
    from loky import ProcessPoolExecutor
    from loky.process_executor import BrokenProcessPool

    pool = ProcessPoolExecutor(cores, initializer=_begin, initargs=(make, os.getpid()))
    ahead: deque[Any] = deque()
    with ending_gently():
        try:
            while batch := list(islice(jobs, _AT_ONCE)):
                ahead.append(pool.submit(_do, batch))
                if len(ahead) > 2 * cores:
                    yield from ahead.popleft().result()
            while ahead:
                yield from ahead.popleft().result()
        except BrokenProcessPool as error:
            raise StoreError(
                f"a process that computes was killed: {str(error).partition('.')[0]}.",
                "is there memory enough? the same line begins anew, and what is written is whole",
            ) from None
        finally:
            pool.shutdown(wait=True, kill_workers=True)


_do_one: Callable[[Any], Any]


def _begin(make: Callable[[], Callable[[Any], Any]], parent: int) -> None:
    """Make the function of this process, which ends with the one that started it."""
    global _do_one  # noqa: PLW0603 - a process of the pool has one, for all that it is sent
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _do_one = make()


def _end_with(parent: int) -> None:
    """End this process once the one that started it is gone: killed outright, it tells nobody."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)


def _do(batch: list[Any]) -> list[Any]:
    return [_do_one(job) for job in batch]
