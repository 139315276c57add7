"""One call of `judge`: what it is to do, the runs it has open, and how each stands after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from medbench.client.retry import Policy
from medbench.steps.access.judging_cost import CANARIES
from medbench.steps.reading.selection import selected_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.steps.access.stop import Stop
    from medbench.steps.judge.judges import Judge
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder

PATIENCE = Policy(deadline_s=120.0, patience_s=180.0, most_tries=4)
"""A judge's call: three retries at most; a judge that is silent for three minutes is given up."""


class JudgeWatcher(Protocol):
    """Who is told how judging goes on."""

    def notice(self, text: str) -> None:
        """Something a person should know."""

    def begin(self, name: str, done: int, wanted: int) -> None:
        """A part of the work begins: how much of it is there already."""

    def step(self, name: str, failure: str | None, *, again: bool) -> None:
        """A verdict or canary is on the disk: the kind of its failure; whether it was asked twice."""

    def end(self, name: str) -> None:
        """A part of the work has ended."""


@dataclass(frozen=True, slots=True)
class JudgeSession:
    """What one call of `judge` is to do."""

    benchmark: BenchmarkFolder
    runs: tuple[RunFolder, ...]
    judges: tuple[Judge, ...]
    watcher: JudgeWatcher
    stop: Stop
    command: str = ""
    fallback: Judge | None = None
    """Stands in for single verdicts."""
    fallback_on: Literal["single", "outage"] = "single"
    """Whether it may stand in for an outage, too."""
    replicates: int = 1
    """How often each text is judged."""
    seed: int = 1
    """Of the order of the two texts, and of the canaries."""
    stale: bool = False
    """Whether verdicts of a text that is parsed otherwise now are missing."""
    limit: int | None = None
    """Cases to judge; None for all."""
    canaries: int = CANARIES
    """Canaries of each judge over all runs."""
    concurrency: int | None = None
    """Calls in flight."""
    max_cost: float = float("inf")
    """Dollars that the command may spend."""
    policy: Policy = PATIENCE


def cases_of(session: JudgeSession) -> Iterator[tuple[Case, Reference]]:
    """The cases to judge, each with its reference, in the benchmark's order."""
    references = session.benchmark.references()
    for case in selected_cases(session.benchmark, session.limit):
        reference = next(reference for reference in references if reference.case_id == case.case_id)
        yield case, reference
