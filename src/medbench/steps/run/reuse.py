"""Answers that are paid for: by the same system on a smaller draw, or by another that asked the same."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from medbench.store.ledger import PaidElsewhere, Recorded, ReusableAnswers, paid_in
from medbench.store.runs import RESPONSES, runs_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from medbench.pipelines import Call
    from medbench.schema.response import CallFor, Request, Response
    from medbench.schema.run import System
    from medbench.store.benchmark import BenchmarkFolder


def paid_elsewhere(root: Path, benchmark: BenchmarkFolder, system: System) -> ReusableAnswers | None:
    """Find the answers of the same system on other benchmarks.

    Args:
        root: Folder of the runs.
        benchmark: Whose cases are to be answered: those that another benchmark has unchanged are of use.
        system: The system.

    Returns:
        The answers; None where no other run has any.
    """
    digest = system.digest
    others = [
        run
        for run in runs_in(root)
        if run.head.system_digest == digest
        and run.head.benchmark.digest != benchmark.head.digest
        and not run.head.imported_from
    ]
    if not others:
        return None
    return ReusableAnswers(others, {case.case_id: case.digest for case in benchmark.cases()})


class SharedAnswers:
    """Answers of all systems on one benchmark: what one of them asked, no other pays for again.

    Stages of pipelines ask the same as other systems do: the first stage of one the prompt of another, five
    samples the first three of them.

    Args:
        folder: The benchmark's runs.
    """

    def __init__(self, folder: Path) -> None:
        self._runs: dict[Path, tuple[Recorded, dict[str, str]]] = {}
        """Folder of a run to its answers, and the provider of each role."""
        self._planned: set[tuple[str, str, int]] = set()
        self.asking: WeakValueDictionary[tuple[str, int], asyncio.Lock] = WeakValueDictionary()
        """Request and sample to the lock of those who ask it now."""
        for run in runs_in(folder):
            if not run.head.imported_from and (run.path / RESPONSES).is_file():
                self.add(Recorded(run.path), run.head.system)

    def add(self, ledger: Recorded, system: System) -> None:
        """Take in the ledger of a run, in place of what was read of it before."""
        self._runs[ledger.folder] = (ledger, _providers(system))

    def find(self, provider: str, request: Request, call_for: CallFor, sample: int) -> Response | None:
        """Return the answer of any run to this very request at this provider, marked with the run."""
        for ledger, providers in self._runs.values():
            for role, its_provider in providers.items():
                if its_provider != provider:
                    continue
                asked = call_for.model_copy(update={"role": role})
                response = ledger.find(request, asked, sample)
                if response is not None and response.failure is None:
                    return paid_in(response, ledger.folder).model_copy(update={"call_for": call_for})
        return None

    def is_planned(self, system: System, call: Call) -> bool:
        """Return True if the same call was planned before, by whichever system; else it is from now on."""
        key = (_providers(system)[call.call_for.role], call.request.digest, call.sample)
        planned = key in self._planned
        self._planned.add(key)
        return planned

    def of(self, system: System, before: ReusableAnswers | None) -> AnswersFor:
        """Return them as one system uses them, after those of its own on other benchmarks."""
        return AnswersFor(self, _providers(system), before)


def _providers(system: System) -> dict[str, str]:
    """Return the provider of each role."""
    return {stage.role: stage.model.provider for stage in system.stages}


class AnswersFor(PaidElsewhere):
    """The shared answers as one system uses them."""

    def __init__(
        self, shared: SharedAnswers, providers: dict[str, str], before: ReusableAnswers | None
    ) -> None:
        self._shared, self._providers, self._before = shared, providers, before

    def find(self, request: Request, call_for: CallFor, sample: int) -> Response | None:
        """Return the answer to this very request, marked with the run that paid for it."""
        found = self._before.find(request, call_for, sample) if self._before else None
        return found or self._shared.find(self._providers[call_for.role], request, call_for, sample)

    @asynccontextmanager
    async def alone(self, request: Request, sample: int) -> AsyncIterator[None]:
        """Wait while another system asks the same."""
        async with self._shared.asking.setdefault((request.digest, sample), asyncio.Lock()):
            yield
