"""The cases of a benchmark that a session is to complete."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from medbench.schema.case import Case
from medbench.store.benchmark import CASES, BenchmarkFolder
from medbench.store.jsonl import file_state, read_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from medbench.schema.reference import Reference

    Sessions = Sequence[tuple[int | None, int]]


def selected_cases(benchmark: BenchmarkFolder, limit: int | None) -> Iterator[Case]:
    """Yield the cases to complete: all, or `limit` of them taken round-robin over region and modality.

    A larger limit contains the smaller, and cases come in the benchmark's order.
    """
    chosen = selected_ids(benchmark, limit)
    return (case for case in benchmark.cases() if chosen is None or case.case_id in chosen)


def selected_with_references(
    benchmark: BenchmarkFolder, limit: int | None = None
) -> Iterator[tuple[Case, Reference]]:
    """Yield the cases to complete, each with its reference."""
    references = benchmark.references()
    for case in selected_cases(benchmark, limit):
        # Both files are in the same order, so that neither is held in memory.
        yield case, next(reference for reference in references if reference.case_id == case.case_id)


def selected_ids(benchmark: BenchmarkFolder, limit: int | None) -> frozenset[str] | None:
    """Return the ids of the cases to complete; None for all of them."""
    if limit is None or limit >= benchmark.head.cases:
        return None
    return _drawn(benchmark.path, file_state(benchmark.path / CASES), limit)


@lru_cache(maxsize=8)
def _drawn(path: Path, _state: tuple[int, ...], limit: int) -> frozenset[str]:
    """Return those ids, which every system of a session asks for anew."""
    ranks: dict[tuple[str, str], int] = {}
    order: list[tuple[int, int, str]] = []
    for case in read_records(path / CASES, Case):
        stratum = (case.region, case.modality)
        rank = ranks[stratum] = ranks.get(stratum, -1) + 1
        order.append((rank, list(ranks).index(stratum), case.case_id))
    return frozenset(case_id for _, _, case_id in sorted(order)[:limit])


def wanted_ids(
    benchmark: BenchmarkFolder, sessions: Sessions, ids: Iterable[str]
) -> Iterator[tuple[str, int]]:
    """Yield the cases that at least one session was to complete, each with its most replicates.

    Args:
        benchmark: The benchmark.
        sessions: Cases (None for all) and replicates of each session.
        ids: The cases to look at: whoever has read them once need not read them again.
    """
    chosen = [(selected_ids(benchmark, limit), replicates) for limit, replicates in sessions]
    for case_id in ids:
        replicates = max((n for limited, n in chosen if limited is None or case_id in limited), default=0)
        if replicates:
            yield case_id, replicates


def wanted_outputs(benchmark: BenchmarkFolder, sessions: Sessions) -> int:
    """Return how many outputs the sessions were to complete."""
    return _wanted_outputs(
        benchmark.path, benchmark.link, file_state(benchmark.path / CASES), tuple(sessions)
    )


@lru_cache(maxsize=8)
def _wanted_outputs(
    path: Path, link: str | None, _state: tuple[int, ...], sessions: tuple[tuple[int | None, int], ...]
) -> int:
    """Return that number, which is the same for most runs of a benchmark."""
    benchmark = BenchmarkFolder(path, link)
    ids = (case.case_id for case in benchmark.cases())
    return sum(replicates for _, replicates in wanted_ids(benchmark, sessions, ids))
