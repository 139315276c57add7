"""One call of `run`: what it is to do, who is told, and how each system stands after it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from medbench.steps.reading.selection import selected_cases, selected_ids
from medbench.store.outputs import OutputIndex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from medbench.client.retry import Policy
    from medbench.errors import ProviderDownError
    from medbench.schema.case import Case
    from medbench.schema.run import System
    from medbench.steps.access.stop import Stop
    from medbench.steps.access.systems import PreparedSystem
    from medbench.store.benchmark import BenchmarkFolder

AT_A_TIME = 32
"""Cases of a baseline that are worked on at a time, unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the calls to a model go."""

    at_a_time: int
    """Calls that may be in flight."""
    usd: float | None
    """Dollars of this session; None where one of its calls has an unknown cost."""


class Watcher(Protocol):
    """Who is told how a run goes on."""

    def notice(self, text: str) -> None:
        """Something a person should know."""

    def begin(self, name: str, about: str, done: OutputIndex, wanted: int) -> None:
        """A system is begun or gone on with; what it is, what stands already, and how much is wanted."""

    def output(self, name: str, failure: str | None, pace: Pace | None) -> None:
        """An output is on the disk: the kind of its failure, if it failed, and how the calls go, if any."""

    def end(self, name: str) -> None:
        """A system is worked through, or was stopped."""


@dataclass(slots=True)
class Outcome:
    """How one system stands after a session."""

    contestant: PreparedSystem
    folder: Path
    wanted: int
    done: OutputIndex
    open_failures: dict[str, int] = field(default_factory=dict)
    """Failures that the same line asks again, by kind."""
    first_reason: str = ""
    """Why the first of them failed, in words."""
    given_up: ProviderDownError | None = None
    """Why the rest is not run, where the provider was given up or the budget was at its end."""
    asked: int = 0
    """Case-replicates worked on in this session."""
    reused: int = 0
    """Those of them whose answer another run had paid for."""
    seconds: float = 0.0

    @property
    def left(self) -> int:
        """Case-replicates that the same line could still complete."""
        return self.wanted - self.done.texts - self.done.final_failures.total()

    @property
    def coverage(self) -> float:
        """Outputs with a text, of those wanted."""
        return self.done.texts / self.wanted


@dataclass(frozen=True, slots=True)
class Session:
    """What one call of `run` is to do with each system."""

    benchmark: BenchmarkFolder
    root: Path
    """Folder of the runs."""
    command: str
    """The line that was typed."""
    watcher: Watcher
    stop: Stop
    limit: int | None = None
    """Cases to complete; None for all."""
    replicates: int = 1
    """How often each case is asked."""
    concurrency: int | None = None
    """Calls at a time; None for the model file's number, or what is found by trying."""
    max_cost: float = math.inf
    """Dollars that this call may spend on models."""
    policy: Policy | None = None
    """How patient a call is; None for the usual."""
    fresh: bool = False
    """Whether to begin a second run of each model instead of going on."""


def replicates_of(session: Session, system: System) -> int:
    """How often a system is asked each case: a floor once, since it says the same again."""
    return 1 if system.is_floor else session.replicates


def wanted_by(session: Session, system: System) -> int:
    """Case-replicates that a session is to complete."""
    cases = session.benchmark.head.cases
    return min(session.limit or cases, cases) * replicates_of(session, system)


def jobs(session: Session, system: System, done: OutputIndex) -> Iterator[tuple[Case, int]]:
    """The case-replicates that have no output that stands, in the benchmark's order."""
    for case in selected_cases(session.benchmark, session.limit):
        for replicate in range(replicates_of(session, system)):
            if not done.is_done(case.case_id, replicate):
                yield case, replicate


def done_of(session: Session, folder: Path) -> OutputIndex:
    """What stands of what this session wants; earlier sessions may have wanted more."""
    cases = selected_ids(session.benchmark, session.limit)
    return OutputIndex(folder, cases=cases, replicates=session.replicates)
