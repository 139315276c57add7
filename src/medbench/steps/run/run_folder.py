"""The run folder of a system: which one a session goes on with, and making it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medbench.errors import StoreError
from medbench.registry import shipped_models
from medbench.steps.run.session import done_of, wanted_by
from medbench.store.benchmark import new_folder
from medbench.store.jsonl import write_one
from medbench.store.lock import RunLock
from medbench.store.runs import HEAD, OUTPUTS, RESPONSES, RunFolder, check_same, new_head

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.steps.access.systems import PreparedSystem
    from medbench.steps.run.session import Session


def folder_for(session: Session, contestant: PreparedSystem) -> Path:
    """The run folder of a system: the latest one to go on with, or a new one.

    The second run of a system is called NAME@2. With --fresh a new one is begun, unless the latest was
    begun by this very line and is not complete: the same line goes on.
    """
    parent, name = session.root / session.benchmark.head.name, contestant.system.name
    number = 1
    while (parent / _numbered(name, number + 1) / HEAD).is_file():
        number += 1
    latest = parent / _numbered(name, number)
    if not session.fresh or not (latest / HEAD).is_file():
        return latest
    run = RunFolder(latest)
    if contestant.system.is_floor:
        goes_on = run.head.system_digest == contestant.system.digest
    else:
        done = done_of(session, latest)
        left = wanted_by(session, contestant.system) - done.texts - done.final_failures.total()
        goes_on = bool(left) and run.last_command() == session.command
    return latest if goes_on else parent / _numbered(name, number + 1)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}@{number}"


def open_run(folder: Path, session: Session, contestant: PreparedSystem) -> RunFolder:
    """The run folder, made if it is not there.

    Raises:
        StoreError: It belongs to another benchmark, or to a system with the same name and another content.
    """
    if not (folder / HEAD).is_file():
        try:
            with new_folder(folder) as made:
                head = new_head(folder, session.benchmark, contestant.system, session.command)
                write_one(made / HEAD, head)
        except StoreError:
            # Another process may have made it at the same moment; the lock says who writes.
            if not (folder / HEAD).is_file():
                raise
    run = RunFolder(folder)
    check_same(session.benchmark, run)
    if run.head.system_digest == contestant.system.digest:
        return run
    if _never_begun(folder):
        with RunLock(folder):
            write_one(folder / HEAD, new_head(folder, session.benchmark, contestant.system, session.command))
        return RunFolder(folder)
    raise StoreError(
        f"{folder} was run as another system: its digest is '{run.head.system_digest[:8]}', "
        f"'{contestant.system.name}' is now '{contestant.system.digest[:8]}'.",
        "the same line with --fresh begins a second run; the first stays as it is",
    )


def _never_begun(folder: Path) -> bool:
    return not any(
        (folder / name).is_file() and (folder / name).stat().st_size for name in (OUTPUTS, RESPONSES)
    )


def as_begun(session: Session, contestant: PreparedSystem, folder: Path) -> PreparedSystem:
    """The system as its run began: a shipped name that means a newer model by now keeps the exact old one."""
    if not (folder / HEAD).is_file():
        return contestant
    begun, now = RunFolder(folder).head.system, contestant.system
    if begun.model is None or now.model is None or begun.model.id == now.model.id:
        return contestant
    if now.model_copy(update={"model": begun.model}).digest != begun.digest:
        return contestant
    if shipped_models().get(now.model.name, {}).get("id") != now.model.id:
        return contestant  # the user's own file says otherwise, and is not silently overruled
    session.watcher.notice(
        f"{now.name} goes on with {begun.model.id}, which it meant when this run began; "
        f"it means {now.model.id} now (--fresh begins a run with that)."
    )
    system = now.model_copy(update={"model": begun.model})
    return replace(
        contestant, system=system, model=contestant.model.model_copy(update={"id": begun.model.id})
    )
