"""The run of a system on the disk: which folder, what stands in it, and making it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from medbench.errors import StoreError
from medbench.registry import shipped_models
from medbench.store.benchmark import new_folder
from medbench.store.jsonl import write_one
from medbench.store.lock import RunLock
from medbench.store.runs import BATCHES, HEAD, OUTPUTS, RESPONSES, RunFolder, check_same, new_head

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from medbench.schema.run import System
    from medbench.steps.access.systems import PreparedSystem
    from medbench.steps.run.run_plan import RunPlan
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.outputs import OutputIndex


_HOW: Final = re.compile(r",? (?:--)?(?:max[-_]cost|concurrency|min[-_]coverage)[ =][^\s,)]+")
"""The options that change no request, as a line or a call of Python has them."""


@dataclass(slots=True)
class SystemRun:
    """The run of one system: its folder, and what stands there of what is wanted."""

    prepared: PreparedSystem
    """The system as its run began."""
    folder: Path
    stored: RunFolder | None
    """The run on the disk; None for one that is still to begin."""
    wanted: int
    """Outputs that the plan wants."""
    done: OutputIndex
    """Those that are there."""

    @property
    def left(self) -> int:
        """Outputs that the same line could still add."""
        return self.wanted - self.done.texts - self.done.final_failures.total()


def find_run(
    plan: RunPlan, benchmark: BenchmarkFolder, prepared: PreparedSystem, notice: Callable[[str], None]
) -> SystemRun:
    """Find the run that a plan goes on with, or the folder for a new one; nothing is written.

    The second run of a system is called NAME@2. With --fresh a new one is begun, unless the latest was
    begun by this very line and is not complete: the same line goes on.

    Raises:
        StoreError: The run is on another benchmark.
    """
    parent, name = plan.root / benchmark.head.name, prepared.system.name
    number = 1
    while (parent / _numbered(name, number + 1) / HEAD).is_file():
        number += 1
    run = _read(plan, benchmark, prepared, parent / _numbered(name, number))
    if plan.fresh and run.stored is not None and not _goes_on(plan, run, run.stored):
        run = _read(plan, benchmark, prepared, parent / _numbered(name, number + 1))
    if run.stored is not None:
        run.prepared = _as_begun(prepared, run.stored.head.system, notice)
        check_same(benchmark, run.stored)
    return run


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}@{number}"


def _read(plan: RunPlan, benchmark: BenchmarkFolder, prepared: PreparedSystem, folder: Path) -> SystemRun:
    stored = RunFolder(folder) if (folder / HEAD).is_file() else None
    wanted = plan.wanted(benchmark, prepared.system)
    return SystemRun(prepared, folder, stored, wanted, plan.outputs(benchmark, folder))


def _goes_on(plan: RunPlan, run: SystemRun, stored: RunFolder) -> bool:
    if run.prepared.system.is_floor:
        return stored.head.system_digest == run.prepared.system.digest
    return bool(run.left) and _asked_for(stored.last_command()) == _asked_for(plan.command)


def _asked_for(command: str) -> str:
    """Return a line without the options that change how it is worked through, and not what is asked."""
    return _HOW.sub("", command)


def _as_begun(prepared: PreparedSystem, begun: System, notice: Callable[[str], None]) -> PreparedSystem:
    """Return the system as its run began: a shipped name that means another model by now keeps the old."""
    now = prepared.system
    old = {stage.role: stage.model for stage in begun.stages}
    moved = [stage for stage in now.stages if stage.role in old and old[stage.role].id != stage.model.id]
    if not moved or old.keys() != {stage.role for stage in now.stages}:
        return prepared
    system = now.with_models(old)
    if system.digest != begun.digest:
        return prepared
    if any(shipped_models().get(stage.model.name, {}).get("id") != stage.model.id for stage in moved):
        return prepared  # the user's own file says otherwise, and is not silently overruled
    for stage in moved:
        notice(
            f"{now.name} goes on with {old[stage.role].id}, which it meant when this run began; "
            f"it means {stage.model.id} now (--fresh begins a run with that)."
        )
    stages = tuple(
        stage.model_copy(update={"model": stage.model.model_copy(update={"id": old[stage.role].id})})
        for stage in prepared.stages
    )
    return prepared.model_copy(update={"system": system, "stages": stages})


def check_head(run: SystemRun) -> None:
    """Check that a run with an answer is of this very system.

    Raises:
        StoreError: It was begun with a system of the same name and another content.
    """
    system = run.prepared.system
    if run.stored is None or run.stored.head.system_digest == system.digest:
        return
    if any(_holds_something(run.folder / name) for name in (OUTPUTS, RESPONSES, BATCHES)):
        raise StoreError(
            f"{run.folder} was run as another system: its digest is '{run.stored.head.system_digest[:8]}', "
            f"'{system.name}' is now '{system.digest[:8]}'.",
            "the same line with --fresh begins a second run; the first stays as it is",
        )


def renew_head(plan: RunPlan, benchmark: BenchmarkFolder, run: SystemRun) -> None:
    """Let a run without an answer take the system as it is now.

    Raises:
        StoreError: It has an answer, of another system.
    """
    check_head(run)
    system = run.prepared.system
    if run.stored is not None and run.stored.head.system_digest != system.digest:
        with RunLock(run.folder):
            write_one(run.folder / HEAD, new_head(run.folder, benchmark, system, plan.command))


def _holds_something(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def make_folder(plan: RunPlan, benchmark: BenchmarkFolder, run: SystemRun) -> None:
    """Make the folder of a run that is still to begin; one without an answer takes the system as it is now.

    Raises:
        StoreError: The folder holds something else, or the disk refuses.
    """
    if run.stored is not None:
        renew_head(plan, benchmark, run)
        return
    try:
        with new_folder(run.folder) as folder:
            write_one(folder / HEAD, new_head(run.folder, benchmark, run.prepared.system, plan.command))
    except StoreError:
        # Another process may have made it at the same moment; the lock says who writes.
        if not (run.folder / HEAD).is_file():
            raise
        run.stored = RunFolder(run.folder)
        check_same(benchmark, run.stored)
        renew_head(plan, benchmark, run)
