"""Outputs a second that the finding scorer measures: in one process, and with `processes` on the cores given.

    python tools/bench/bench_processes.py                       30,000 outputs of 200 words; some minutes
    python tools/bench/bench_processes.py --outputs 200000      where there are many cores
    taskset -c 0,1 python tools/bench/bench_processes.py        on two of them

Both are measured in one run, wall and processor, on an otherwise idle machine: each output against its own
reference, which each process takes apart once, as for `rescore`. 'no work' sends the same texts there and
back: what the processes cost themselves, with their start. The sums of all numbers must be the same.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from texts import text_of

from medbench.executors.processes import map_in_order, usable_cores
from medbench.scoring import findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Job = tuple[int, str]
    Measured = dict[str, float | None]
    """Metric to its number."""

CASES = 1_000


@dataclass(frozen=True, slots=True)
class Took:
    """What measuring all outputs took."""

    wall_s: float
    cpu_s: float
    """Processor seconds of this process and of those that it started."""
    own_s: float
    """Those of this process alone."""
    total: float
    """Sum of all numbers, by which the results can be told to be the same."""


def main() -> None:
    """Print a line a way of measuring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--outputs", type=int, default=30_000)
    many = parser.parse_args().outputs
    draw = random.Random(1)
    references = [text_of(draw, draw.randint(40, 100)) for _ in range(CASES)]
    texts = [text_of(draw, draw.randint(120, 280)) for _ in range(2_000)]
    jobs = [(number % CASES, f"{texts[number % len(texts)]} {number}.") for number in range(many)]

    cores = usable_cores()
    print(f"{many:,} outputs, {cores} cores")
    print(f"{'':<24}{'a second':>10}{'wall s':>9}{'CPU s':>9}{'own CPU s':>11}")
    alone = _show("one process", many, jobs, lambda todo: map(_measurer(references), todo))
    made = partial(_measurer, references)
    together = _show(f"processes, {cores} cores", many, jobs, lambda todo: _mapped(made, todo, many))
    _show("  no work", many, jobs, lambda todo: _mapped(partial(_idler, references), todo, many))
    times, same = alone.wall_s / together.wall_s, alone.total == together.total
    print(f"{times:.2f} times one process; same numbers: {same}")


def _mapped(
    make: Callable[[], Callable[[Job], Measured]], jobs: Iterable[Job], many: int
) -> Iterator[Measured]:
    return map_in_order(make(), make, jobs, many)


def _measurer(references: Sequence[str]) -> Callable[[Job], Measured]:
    return partial(_measure, references)


def _measure(references: Sequence[str], job: Job) -> Measured:
    number, text = job
    found = findings.measured(references[number], text)
    return {"recall": found.recall, "precision": found.precision, "f1": found.f1, **found.counts}


def _idler(_: Sequence[str]) -> Callable[[Job], Measured]:
    return _idle


def _idle(job: Job) -> Measured:
    return dict.fromkeys(_METRICS, float(len(job[1])))


_METRICS = tuple(f"metric-{number}" for number in range(20))


def _show(
    what: str, many: int, jobs: Sequence[Job], measure: Callable[[Iterable[Job]], Iterator[Measured]]
) -> Took:
    before, own, begun = _cpu(), time.process_time(), time.perf_counter()
    total = sum(value or 0.0 for measured in measure(iter(jobs)) for value in measured.values())
    took = Took(time.perf_counter() - begun, _cpu() - before, time.process_time() - own, total)
    print(
        f"{what:<24}{many / took.wall_s:>10,.0f}{took.wall_s:>9.1f}{took.cpu_s:>9.1f}{took.own_s:>11.1f}",
        flush=True,
    )
    return took


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


if __name__ == "__main__":
    main()
