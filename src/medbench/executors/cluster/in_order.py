"""Jobs that compute, on workers: batches go out as workers become free, results come back in order.

A batch whose worker was lost is computed by another one: it costs no money, and gives the same. Each worker
is first sent a batch without jobs, and others only when that came back: one that a cluster has no room for,
since it counts a machine that has just died, keeps nothing waiting. Where none comes back, it is said what is
waited for, and in the end given up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol

from medbench.errors import StoreError
from medbench.executors.cluster.starting import QUIET_S, START_S, not_started, waited_for
from medbench.executors.cluster.wire import WorkerLostError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

AT_ONCE: Final = 64
"""Jobs that go to a worker together."""
QUEUED: Final = 2
"""Batches that a worker has at a time, so that it never waits for the next."""
AHEAD: Final = 4
"""Batches a worker that may be out or done before the results of the first of them are taken."""
HELLO: Final = -1
"""Number of the batch without jobs."""
TRIES: Final = 3
"""Workers that may be lost with the same batch."""


class Computers(Protocol):
    """Workers that compute, numbered from 0. A handle is what the cluster gives for a batch that is out."""

    @property
    def count(self) -> int:
        """How many were started."""

    def submit(self, worker: int, batch: Sequence[Any]) -> Any:
        """Give a batch to a worker; returns its handle."""

    def cores(self) -> tuple[int, int]:
        """Return how many cores of the cluster nothing has taken, and how many there are."""

    def first_of(self, handles: Sequence[Any], most_s: float | None) -> Any | None:
        """Wait until one of the batches is done or lost, or so many seconds; return its handle, or None."""

    def result(self, handle: Any) -> list[Any]:
        """Return the results of a batch that is done.

        Raises:
            WorkerLostError: Its worker is gone.
        """


@dataclass(slots=True)
class _Batch:
    number: int
    jobs: list[Any]
    worker: int = -1
    tries: int = 0


class _Flow:
    """Batches on their way: taken from the jobs, out at a worker, done, given back in order."""

    def __init__(self, computers: Computers, jobs: Iterable[Any], notice: Callable[[str], None]) -> None:
        self._computers, self._jobs, self._notice = computers, iter(jobs), notice
        self._alive: list[int] = []
        self._load: Counter[int] = Counter()
        self._again: list[_Batch] = []
        self._done: dict[int, list[Any]] = {}
        self._taken = self._given = 0
        self.out: dict[Any, _Batch] = {}
        """Handle to batch."""
        self.exhausted = False
        """True once there is no other job."""
        for worker in range(computers.count):
            hello = _Batch(HELLO, [], worker)
            self.out[computers.submit(worker, hello.jobs)] = hello

    @property
    def must_wait(self) -> bool:
        """True while a batch is out, or no worker is there to take one."""
        return self._taken > self._given or not self._alive

    def give_out(self) -> None:
        """Give batches to workers that are free."""
        while batch := self._next():
            batch.worker = min(self._alive, key=lambda worker: self._load[worker])
            self._load[batch.worker] += 1
            self.out[self._computers.submit(batch.worker, batch.jobs)] = batch

    def _next(self) -> _Batch | None:
        if all(self._load[worker] >= QUEUED for worker in self._alive):
            return None
        if self._again:
            return self._again.pop(0)
        if self.exhausted or self._taken - self._given >= AHEAD * len(self._alive):
            return None
        jobs = list(islice(self._jobs, AT_ONCE))
        if not jobs:
            self.exhausted = True
            return None
        self._taken += 1
        return _Batch(self._taken - 1, jobs)

    def due(self) -> Iterator[Any]:
        """Yield the results whose turn has come."""
        while self._given in self._done:
            results = self._done.pop(self._given)
            self._given += 1
            yield from results

    def wait(self) -> None:
        """Wait for one batch.

        Raises:
            NotStartedError: No worker started.
            StoreError: No worker is left, or several were lost with it.
        """
        handle = self._first_done()
        batch = self.out.pop(handle)
        try:
            results = self._computers.result(handle)
        except WorkerLostError as error:
            self._lose(batch, error)
        else:
            self._take(batch, results)

    def _first_done(self) -> Any:
        """Return the handle of the batch that is done or lost first, waiting for workers with an end."""
        handles = tuple(self.out)
        if self._alive:
            return self._computers.first_of(handles, None)
        handle = self._computers.first_of(handles, QUIET_S)
        if handle is None:
            self._notice(waited_for(*self._computers.cores()))
            handle = self._computers.first_of(handles, START_S - QUIET_S)
        if handle is None:
            raise not_started(*self._computers.cores())
        return handle

    def _take(self, batch: _Batch, results: list[Any]) -> None:
        if batch.number == HELLO:
            self._alive.append(batch.worker)
        else:
            self._load[batch.worker] -= 1
            self._done[batch.number] = results

    def _lose(self, batch: _Batch, error: WorkerLostError) -> None:
        batch.tries += 1
        if batch.worker in self._alive:
            self._alive.remove(batch.worker)
        may_begin = any(each.number == HELLO for each in self.out.values())
        if batch.tries >= TRIES or not (self._alive or may_begin):
            raise StoreError(
                f"workers that compute were lost, the last: {error}.",
                "is there memory enough? the same line begins anew, and what is written is whole",
            ) from None
        if batch.number != HELLO:
            self._again.append(batch)


def map_on(computers: Computers, jobs: Iterable[Any], notice: Callable[[str], None]) -> Iterator[Any]:
    """Yield what comes of each job, in the order of the jobs, of which only a few are held at a time.

    Args:
        computers: The workers.
        jobs: The jobs.
        notice: Takes what a person should know.

    Raises:
        NotStartedError: No worker started.
        StoreError: No worker is left, or several were lost with the same jobs.
    """
    flow = _Flow(computers, jobs, notice)
    while True:
        flow.give_out()
        yield from flow.due()
        if flow.must_wait:
            flow.wait()
        elif flow.exhausted:
            return
