"""Which worker a call goes to: no test needs a cluster."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from medbench.executors.cluster.homes import AHEAD, FEWEST, home_of, share_of, workers_for

WORKERS = st.dictionaries(st.text("abcdef/0123", min_size=1, max_size=6), st.integers(0, 20), min_size=1)


@given(st.text(max_size=8), WORKERS, st.integers(1, 20))
def test_no_worker_gets_more_calls_than_it_may_have(case: str, workers: dict[str, int], most: int) -> None:
    """There is a worker as long as one has room, and it is no busier than the idlest by more than two."""
    name = home_of(case, workers, most)
    if name is None:
        assert min(workers.values()) >= most
    else:
        assert workers[name] < most
        assert workers[name] <= min(workers.values()) + AHEAD


@given(st.integers(2, 6), st.integers(0, 5))
def test_a_lost_worker_moves_its_own_cases_only(count: int, lost: int) -> None:
    """The images of all other cases stay where they are."""
    workers = {f"node-{number}/1": 0 for number in range(count)}
    gone = f"node-{lost % count}/1"
    left = {name: calls for name, calls in workers.items() if name != gone}
    for number in range(60):
        before = home_of(f"case-{number}", workers, 9)
        assert before == gone or home_of(f"case-{number}", left, 9) == before


def test_cases_are_spread_evenly() -> None:
    """Of 900 cases each of three workers is the home of about 300."""
    workers = {"a": 0, "b": 0, "c": 0}
    homes = Counter(home_of(f"case-{number}", workers, 9) for number in range(900))
    assert all(230 < homes[name] < 370 for name in workers)


@given(st.integers(1, 400), st.integers(1, 20), st.integers(1, 200))
def test_workers_take_all_calls_together(calls: int, machines: int, cores: int) -> None:
    """Their shares are no fewer than the calls in flight; no core has two workers."""
    workers = workers_for(calls, machines, cores)
    assert 1 <= workers <= max(cores, 1)
    assert workers >= min(machines, cores)
    assert workers * share_of(calls, workers) >= calls
    assert share_of(calls, workers) >= FEWEST
