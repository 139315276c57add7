"""Jobs that compute on workers: in order, a few at a time, and computed again where a worker was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.errors import StoreError
from medbench.executors.cluster.in_order import AHEAD, AT_ONCE, QUEUED, map_on
from medbench.executors.cluster.starting import START_S
from medbench.executors.cluster.wire import NotStartedError, WorkerLostError


class Fake:
    """Workers that add one to each job; batches end in the order that a test says, workers die as it says."""

    def __init__(
        self,
        count: int,
        *,
        ends: Sequence[int] = (),
        dies: dict[int, int] | None = None,
        absent: frozenset[int] = frozenset(),
    ) -> None:
        self.count = count
        self._absent = absent
        """Workers that the cluster has no room for: nothing that they are sent ends."""
        self._ends = iter(ends)
        self._dies = dies or {}
        """Worker to the number of batches that it computes before it is lost."""
        self.computed: Counter[int] = Counter()
        self.out: Counter[int] = Counter()
        self.most_out = self.free = 0
        self.waited_s: list[float] = []
        """Seconds of each wait in which nothing ended."""
        self._handles = self.sent = 0
        self._batches: dict[int, tuple[int, Sequence[int]]] = {}

    def submit(self, worker: int, batch: Sequence[int]) -> int:
        """Take a batch."""
        assert len(batch) <= AT_ONCE
        self._handles += 1
        self.sent += len(batch) > 0
        self._batches[self._handles] = worker, batch
        self.out[worker] += len(batch) > 0
        self.most_out = max(self.most_out, self.out[worker])
        return self._handles

    def cores(self) -> tuple[int, int]:
        """Return how many are free, and how many there are."""
        return self.free, self.count

    def first_of(self, handles: Sequence[int], most_s: float | None) -> int | None:
        """Return the batch that ends next."""
        handles = [each for each in handles if self._batches[each][0] not in self._absent]
        if not handles:
            assert most_s is not None, "this would wait for ever"
            self.waited_s.append(most_s)
            return None
        return handles[next(self._ends, 0) % len(handles)]

    def arrive(self) -> None:
        """Let the workers begin that the cluster had no room for."""
        self._absent = frozenset()

    def result(self, handle: int) -> list[Any]:
        """Return what was computed, or that the worker is lost."""
        worker, batch = self._batches.pop(handle)
        self.out[worker] -= len(batch) > 0
        if self.computed[worker] >= self._dies.get(worker, 1_000_000):
            raise WorkerLostError("it was killed")
        self.computed[worker] += len(batch) > 0
        return [job + 1 for job in batch]


def fail(notice: str) -> None:
    """Take no notice: none is expected."""
    pytest.fail(notice)


@given(st.integers(0, 1_500), st.integers(1, 4), st.lists(st.integers(0, 9), max_size=40), st.integers(0, 4))
def test_results_come_in_order_whoever_ends_first_or_dies(
    jobs: int, count: int, ends: list[int], dies_after: int
) -> None:
    """All workers but the last are lost sooner or later, and nothing is missing or doubled."""
    fake = Fake(count, ends=ends, dies={0: dies_after} if count > 1 else {})
    assert list(map_on(fake, range(jobs), fail)) == list(range(1, jobs + 1))
    assert fake.most_out <= QUEUED


def test_few_jobs_are_held() -> None:
    """While the first batch is not done, only some others are taken."""
    taken = 0

    def jobs() -> Iterator[int]:
        nonlocal taken
        for number in range(100_000):
            taken += 1
            yield number

    # Both workers begin; then the second batch that is out always ends before the first.
    fake = Fake(2, ends=[0, 0] + [1] * 1_000)
    list(islice(map_on(fake, jobs(), fail), 1))
    assert taken <= AHEAD * 2 * AT_ONCE


def test_work_is_shared() -> None:
    """Two workers of one speed compute half each."""
    fake = Fake(2)
    assert len(list(map_on(fake, range(64 * 40), fail))) == 64 * 40
    assert fake.computed[0] == fake.computed[1] == 20


def test_with_no_worker_left_it_ends_with_two_lines() -> None:
    """A cluster that loses all its workers is an error that says what to try."""
    with pytest.raises(StoreError, match=r"workers that compute were lost, the last: it was killed"):
        list(map_on(Fake(2, dies={0: 1, 1: 0}), range(1_000), fail))


def test_jobs_that_kill_every_worker_end_soon() -> None:
    """Jobs that three workers were lost with are not given to a fourth."""

    class Deadly(Fake):
        def result(self, handle: int) -> list[Any]:
            if self._batches[handle][1]:
                raise WorkerLostError("it was killed")
            return super().result(handle)

    fake = Deadly(9)
    with pytest.raises(StoreError):
        list(map_on(fake, range(10), fail))
    assert fake.sent == 3


@pytest.mark.parametrize("absent", [{1}, {0}, {0, 2}])
@pytest.mark.parametrize("jobs", [0, 1, 64, 5_000])
def test_a_worker_that_the_cluster_has_no_room_for_keeps_nothing_waiting(jobs: int, absent: set[int]) -> None:
    """It counts the cores of a machine that has just died; those that began do the work."""
    fake = Fake(3, absent=frozenset(absent))
    assert list(map_on(fake, range(jobs), fail)) == list(range(1, jobs + 1))
    assert not absent & set(fake.computed)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("jobs", [1, 5_000])
def test_a_cluster_without_a_free_core_is_said_and_given_up(jobs: int, count: int) -> None:
    """With what it waits for and how much of that is free; nothing is computed."""
    fake, notices = Fake(count, absent=frozenset(range(count))), list[str]()
    with pytest.raises(NotStartedError) as raised:
        list(map_on(fake, range(jobs), notices.append))
    taken = f"it takes a core, and 0 of {count} are free."
    assert notices == [f"Waiting for a worker for up to 180 s: {taken}"]
    assert raised.value.message == f"no machine of the cluster started a worker within 180 s: {taken}"
    assert raised.value.exit_code == 2
    assert sum(fake.waited_s) == START_S
    assert not fake.sent


def test_workers_that_are_lost_leave_no_endless_wait_for_those_that_never_began() -> None:
    """The first is lost at work, and the cluster has no room for the second."""
    fake, notices = Fake(2, dies={0: 3}, absent=frozenset({1})), list[str]()
    fake.free = 1
    with pytest.raises(NotStartedError, match="1 of 2 is free"):
        list(map_on(fake, range(5_000), notices.append))
    assert len(notices) == 1


def test_a_worker_that_begins_late_does_all() -> None:
    """It was said that none had started; then a core became free."""
    fake, notices = Fake(1, absent=frozenset({0})), list[str]()

    def said(words: str) -> None:
        notices.append(words)
        fake.arrive()

    assert list(map_on(fake, range(500), said)) == list(range(1, 501))
    assert len(notices) == 1


def test_a_fault_of_the_function_is_raised() -> None:
    """It is no lost worker."""

    class Faulty(Fake):
        def result(self, handle: int) -> list[Any]:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(map_on(Faulty(2), range(10), fail))
