"""Which cases of a benchmark a session is to complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.store.benchmark import BenchmarkFolder

    Sessions = Sequence[tuple[int | None, int]]
    Stratum = tuple[str, str]


def selected_cases(benchmark: BenchmarkFolder, limit: int | None) -> Iterator[Case]:
    """The cases to complete: all, or `limit` of them taken round-robin over region and modality.

    A larger limit contains the smaller, and cases come in the benchmark's order.
    """
    if limit is None or limit >= benchmark.head.cases:
        yield from benchmark.cases()
        return
    chosen = _round_robin(_strata_of(benchmark), limit)
    for number, case in enumerate(benchmark.cases()):
        if number in chosen:
            yield case


def selected_with_references(
    benchmark: BenchmarkFolder, limit: int | None = None
) -> Iterator[tuple[Case, Reference]]:
    """Yield the cases to complete, each with its reference."""
    references = benchmark.references()
    for case in selected_cases(benchmark, limit):
        # Both files are in the same order, so that neither is held in memory.
        yield case, next(reference for reference in references if reference.case_id == case.case_id)


def selected_ids(benchmark: BenchmarkFolder, limit: int | None) -> frozenset[str] | None:
    """Which cases these are; None for all of them."""
    if limit is None or limit >= benchmark.head.cases:
        return None
    return frozenset(case.case_id for case in selected_cases(benchmark, limit))


def wanted_cases(benchmark: BenchmarkFolder, sessions: Sessions) -> Iterator[tuple[Case, int]]:
    """The cases that at least one session was to complete, each with its most replicates.

    Args:
        benchmark: The benchmark.
        sessions: Cases (None for all) and replicates of each session.
    """
    asked = replicates_asked(benchmark.head.cases, sessions, lambda: _strata_of(benchmark))
    for number, case in enumerate(benchmark.cases()):
        if replicates := asked(number):
            yield case, replicates


def replicates_asked(
    cases: int, sessions: Sessions, strata: Callable[[], Iterable[Stratum]]
) -> Callable[[int], int]:
    """How often a case was to be asked, by its place in the benchmark; 0 for one that no session wanted.

    Args:
        cases: Of the benchmark.
        sessions: Cases (None for all) and replicates of each session.
        strata: Region and modality of each case, in order; read where a session wanted a part.
    """
    chosen = [
        (None if limit is None or limit >= cases else _round_robin(strata(), limit), replicates)
        for limit, replicates in sessions
    ]
    return lambda number: max((n for numbers, n in chosen if numbers is None or number in numbers), default=0)


def _strata_of(benchmark: BenchmarkFolder) -> Iterator[Stratum]:
    return ((case.region, case.modality) for case in benchmark.cases())


def _round_robin(strata: Iterable[Stratum], limit: int) -> frozenset[int]:
    ranks: dict[Stratum, int] = {}
    places: dict[Stratum, int] = {}
    order: list[tuple[int, int, int]] = []
    for number, stratum in enumerate(strata):
        place = places.setdefault(stratum, len(places))
        rank = ranks[stratum] = ranks.get(stratum, -1) + 1
        order.append((rank, place, number))
    return frozenset(number for _, _, number in sorted(order)[:limit])
