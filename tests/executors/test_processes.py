"""Jobs that compute, in processes: in order, a few at a time, and whole or an error."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from medbench.errors import StoreError
from medbench.executors import processes
from medbench.executors.ending import ending_gently
from medbench.executors.processes import map_in_order


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "usable_cores", lambda: 2)
    monkeypatch.setattr(processes, "PAYS_S", -1)
    monkeypatch.setattr(processes, "TRIED", 1)


def _squared(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def _squares() -> Callable[[int], tuple[int, int]]:
    return _squared


def _killed(number: int) -> int:
    if number == 100:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _killer() -> Callable[[int], int]:
    return _killed


def _divided(number: int) -> float:
    return 1 / (number - 100)


def _divider() -> Callable[[int], float]:
    return _divided


def test_results_come_in_order_from_other_processes_and_few_jobs_are_held() -> None:
    """With thousands of jobs, only some batches are taken before their results are wanted."""
    taken: list[int] = []

    def jobs() -> Iterator[int]:
        for number in range(100_000):
            taken.append(number)
            yield number

    found = list(islice(map_in_order(_squared, _squares, jobs(), 100_000), 1_000))
    assert [square for square, _ in found] == [number * number for number in range(1_000)]
    assert [pid == os.getpid() for _, pid in found] == [True] * 2 + [False] * 998
    assert len(taken) < 2_000


@pytest.mark.parametrize(("count", "started"), [(14, False), (20, True)])
def test_processes_are_started_for_what_takes_longer_than_they_do(
    count: int,
    started: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Judged by jobs that came after the first, which load what all need."""
    now = 0.0

    def slow_at_first(number: int) -> int:
        nonlocal now
        now += 100 if number < 2 else 1
        return number

    def in_processes(_make: object, rest: Iterator[int], _cores: int) -> Iterator[int]:
        yield from (-number for number in rest)

    monkeypatch.setattr(processes, "PAYS_S", 10)
    monkeypatch.setattr(processes, "TRIED", 2)
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    monkeypatch.setattr(processes, "_in_processes", in_processes)
    found = list(map_in_order(slow_at_first, partial(pytest.fail, "not asked"), range(count), count))
    assert found == [-n if started and n >= 4 else n for n in range(count)]


def test_one_core_does_all_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process beside this one would only take turns with it."""
    monkeypatch.setattr(processes, "usable_cores", lambda: 1)
    found = map_in_order(_squared, partial(pytest.fail, "not asked"), range(100), 100)
    assert {pid for _, pid in found} == {os.getpid()}


def test_a_process_that_is_killed_ends_the_work_with_two_lines() -> None:
    """Never fewer results than jobs, and no hanging."""
    with pytest.raises(StoreError, match="was killed") as raised:
        list(map_in_order(_killed, _killer, range(500), 500))
    assert "memory" in raised.value.hint


def test_an_error_of_a_job_is_raised_as_it_is() -> None:
    """As it would be here."""
    with pytest.raises(ZeroDivisionError):
        list(map_in_order(_divided, _divider, range(500), 500))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGKILL"])
@pytest.mark.parametrize("ctrl_c", ["signal.default_int_handler", "signal.SIG_IGN"])
def test_no_process_outlives_the_one_that_started_it(name: str, ctrl_c: str, tmp_path: Path) -> None:
    """Ended or killed, of a terminal or with `&` of a script, for which Ctrl-C is ignored."""
    script = tmp_path / "killed.py"
    script.write_text(
        textwrap.dedent(f"""
        import os, signal
        from medbench.executors import processes
        signal.signal(signal.SIGINT, {ctrl_c})
        processes.PAYS_S, processes.TRIED, processes.usable_cores = -1, 1, lambda: 2
        def pid_of(job):
            return os.getpid()
        def make():
            return pid_of
        try:
            pids = processes.map_in_order(pid_of, make, range(1_000), 1_000)
            assert len({{pid for pid, _ in zip(pids, range(300))}}) > 1
            signal.raise_signal(signal.{name})
        except KeyboardInterrupt:
            print("ended", flush=True)
        """)
    )
    # What a process writes goes to the same pipe, which is at its end once the last of them is gone.
    done = subprocess.run(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert ("ended" in done.stdout.split()) == (name != "SIGKILL")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no closed terminals")
def test_what_is_ignored_stays_ignored() -> None:
    """With nohup a closed terminal ends nothing."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending_gently():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    """Who calls the API from a plain script does not run that script again in each process."""
    script = tmp_path / "plain.py"
    script.write_text(
        textwrap.dedent("""
        import math, sys
        from medbench.executors import processes
        print("once")
        processes.PAYS_S, processes.TRIED, processes.usable_cores = -1, 1, lambda: 2
        def make():
            return math.sqrt
        print(sum(processes.map_in_order(math.sqrt, make, [4] * 500, 500)))
        """)
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["once", "1000.0"]
