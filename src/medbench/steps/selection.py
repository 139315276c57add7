"""Which cases of a benchmark a session is to complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.schema.case import Case
    from medbench.store.benchmark import BenchmarkFolder


def selected_cases(benchmark: BenchmarkFolder, limit: int | None) -> Iterator[Case]:
    """The cases to complete: all, or `limit` of them taken round-robin over region and modality.

    A larger limit contains the smaller, and cases come in the benchmark's order.
    """
    if limit is None or limit >= benchmark.head.cases:
        yield from benchmark.cases()
        return
    chosen = _round_robin(benchmark, limit)
    for number, case in enumerate(benchmark.cases()):
        if number in chosen:
            yield case


def selected_ids(benchmark: BenchmarkFolder, limit: int | None) -> frozenset[str] | None:
    """Which cases these are; None for all of them."""
    if limit is None or limit >= benchmark.head.cases:
        return None
    return frozenset(case.case_id for case in selected_cases(benchmark, limit))


def _round_robin(benchmark: BenchmarkFolder, limit: int) -> frozenset[int]:
    strata: dict[tuple[str, str], int] = {}
    order: list[tuple[int, int, int]] = []
    first_seen: dict[tuple[str, str], int] = {}
    for number, case in enumerate(benchmark.cases()):
        stratum = (case.region, case.modality)
        place = first_seen.setdefault(stratum, len(first_seen))
        rank = strata[stratum] = strata.get(stratum, -1) + 1
        order.append((rank, place, number))
    return frozenset(number for _, _, number in sorted(order)[:limit])


def wanted_cases(
    benchmark: BenchmarkFolder, sessions: Sequence[tuple[int | None, int]]
) -> Iterator[tuple[Case, int]]:
    """The cases that at least one session was to complete, each with its most replicates.

    Args:
        benchmark: The benchmark.
        sessions: Cases (None for all) and replicates of each session.
    """
    chosen = [(_numbers(benchmark, limit), replicates) for limit, replicates in sessions]
    for number, case in enumerate(benchmark.cases()):
        replicates = max((n for numbers, n in chosen if numbers is None or number in numbers), default=0)
        if replicates:
            yield case, replicates


def _numbers(benchmark: BenchmarkFolder, limit: int | None) -> frozenset[int] | None:
    if limit is None or limit >= benchmark.head.cases:
        return None
    return _round_robin(benchmark, limit)
