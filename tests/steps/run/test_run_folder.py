"""Which folder a run is in, what stands there, and what may be written into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted import scripted
from systems import floor, prepared

from medbench.errors import StoreError
from medbench.schema.response import Failure
from medbench.schema.run import Event, Output, System
from medbench.steps.access.systems import PreparedSystem
from medbench.steps.run.run_folder import SystemRun, find_run, make_folder, renew_head
from medbench.steps.run.run_plan import RunPlan
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import EVENTS, HEAD, OUTPUTS, RESPONSES, new_head


def _plan(bench: BenchmarkFolder, root: Path, **changes: Any) -> RunPlan:
    plain = {"benchmark": bench.address, "systems": (), "root": root, "command": "medbench run"}
    return RunPlan.model_validate({**plain, **changes})


def _find(
    bench: BenchmarkFolder,
    root: Path,
    system: PreparedSystem,
    notices: list[str] | None = None,
    **changes: Any,
) -> SystemRun:
    plan = _plan(bench, root, **changes)
    return find_run(plan, bench, system, (notices if notices is not None else []).append)


def _store(
    bench: BenchmarkFolder,
    folder: Path,
    system: System,
    outputs: tuple[Output, ...] = (),
    command: str = "medbench run",
) -> None:
    folder.mkdir(parents=True)
    write_one(folder / HEAD, new_head(folder, bench, system, "the first line"))
    write_records(folder / EVENTS, [Event(at="2026-01-01", kind="started", pid=1, command=command)])
    write_records(folder / OUTPUTS, outputs)


def _output(case: int, replicate: int = 0, *, failure: str = "", final: bool = True) -> Output:
    failed = Failure(kind=failure, reason="r", final=final) if failure else None
    text = None if failed else "a mass"
    return Output(case_id=f"case-{case:03d}", case_digest="d", replicate=replicate, text=text, failure=failed)


def test_a_system_that_was_never_run_has_a_folder_and_nothing_in_it(
    bench: BenchmarkFolder, tmp_path: Path
) -> None:
    """The folder is named after benchmark and system; all is wanted, and nothing was written."""
    run = _find(bench, tmp_path, scripted(), replicates=2)
    assert (run.folder, run.stored) == (tmp_path / "bench/scripted", None)
    assert (run.wanted, run.left) == (12, 12)
    assert not run.folder.exists()


def test_what_stands_is_counted_against_what_is_wanted(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Texts and final failures of the wanted cases and replicates are done; the rest is left."""
    outputs = (
        _output(0),
        _output(0, 1),
        _output(1, failure="blocked"),
        _output(2, failure="timeout", final=False),
        _output(3, 2),
    )
    _store(bench, tmp_path / "bench/scripted", scripted().system, outputs)
    run = _find(bench, tmp_path, scripted(), replicates=2)
    assert (run.wanted, run.left) == (12, 9)
    assert run.done.final_failures == {"blocked": 1}
    assert run.done.open_failures == {"timeout": 1}
    assert _find(bench, tmp_path, scripted(), replicates=1).left == 4


@pytest.mark.parametrize(
    ("complete", "command", "name"),
    [
        (False, "medbench run --fresh", "scripted@2"),
        (False, "medbench run --max-cost 0.001 --fresh --concurrency=2", "scripted@2"),
        (False, "medbench run --fresh --limit 2", "scripted@3"),
        (False, "medbench run", "scripted@3"),
        (True, "medbench run --fresh", "scripted@3"),
    ],
)
def test_fresh_goes_on_with_its_own_unfinished_run_only(
    bench: BenchmarkFolder, tmp_path: Path, complete: bool, command: str, name: str
) -> None:
    """--fresh begins another run, but for one that this very line has begun and not completed.

    A line that ended at its ceiling goes on with a higher one, as it says: dollars change no request.
    """
    _store(bench, tmp_path / "bench/scripted", scripted().system)
    outputs = tuple(_output(number) for number in range(6 if complete else 5))
    _store(bench, tmp_path / "bench/scripted@2", scripted().system, outputs, command)
    run = _find(bench, tmp_path, scripted(), fresh=True, command="medbench run --fresh")
    assert run.folder.name == name
    assert _find(bench, tmp_path, scripted()).folder.name == "scripted@2", "the latest goes on"


def test_a_fresh_floor_is_the_one_that_is_there(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A baseline says the same again: --fresh makes a second one only of a baseline that has changed."""
    normal = floor()
    _store(bench, tmp_path / "bench/baseline-normal", normal.system)
    assert _find(bench, tmp_path, normal, fresh=True).folder.name == "baseline-normal"
    other = normal.model_copy(update={"system": normal.system.model_copy(update={"settings": {"a": 1}})})
    assert _find(bench, tmp_path, other, fresh=True).folder.name == "baseline-normal@2"


def test_a_run_of_another_benchmark_is_refused(
    bench: BenchmarkFolder, write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """A folder of the same names that holds the run of another benchmark is an error."""
    other = write_benchmark(tmp_path / "other/bench", 7)
    _store(other, tmp_path / "bench/scripted", scripted().system)
    with pytest.raises(StoreError, match="is not what"):
        _find(bench, tmp_path, scripted())


@pytest.mark.parametrize(("name", "told"), [(OUTPUTS, True), (RESPONSES, True), ("", False)])
def test_another_system_of_the_same_name(
    bench: BenchmarkFolder, tmp_path: Path, name: str, told: bool
) -> None:
    """Where anything was answered it is refused, with --fresh as a way on; an empty run takes the new one."""
    folder = tmp_path / "bench/scripted"
    _store(bench, folder, scripted(a=1).system)
    if name:
        (folder / name).write_bytes(b"{}\n" if name == RESPONSES else _output(0).to_line())
    plan = _plan(bench, tmp_path)
    run = _find(bench, tmp_path, scripted(a=2))
    if told:
        with pytest.raises(StoreError, match="was run as another system") as caught:
            renew_head(plan, bench, run)
        assert "--fresh" in caught.value.hint
    else:
        renew_head(plan, bench, run)
        assert _find(bench, tmp_path, scripted(a=2)).stored.head.system.settings == {"a": 2}  # type: ignore[union-attr]


def test_a_folder_is_made_once(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """The head names system, benchmark and line; what is there already stays as it is."""
    plan = _plan(bench, tmp_path, command="the line")
    run = _find(bench, tmp_path, scripted())
    make_folder(plan, bench, run)
    stored = _find(bench, tmp_path, scripted()).stored
    assert stored is not None
    assert (stored.head.command, stored.head.system, stored.head.system_digest) == (
        "the line",
        scripted().system,
        scripted().system.digest,
    )
    before = (run.folder / HEAD).read_bytes()
    make_folder(plan, bench, _find(bench, tmp_path, scripted()))
    make_folder(plan, bench, run)  # as another process that looked before the folder was there
    assert (run.folder / HEAD).read_bytes() == before


def _moved(name: str, new: str, **settings: Any) -> PreparedSystem:
    """The scripted system, whose name means a newer model now."""
    base = scripted(name, **settings)
    assert base.system.model is not None
    system = base.system.model_copy(update={"model": base.system.model.model_copy(update={"id": new})})
    return prepared(system, base.stages[0].model.model_copy(update={"id": new}), base.stages[0].prompt)


@pytest.mark.parametrize(
    ("shipped", "settings", "model"),
    [("new", {}, "scripted"), ("own", {}, "new"), ("new", {"a": 2}, "new")],
    ids=["an alias that moved", "a file of the user's", "other settings too"],
)
def test_a_name_that_means_another_model_now(
    bench: BenchmarkFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    shipped: str,
    settings: dict[str, Any],
    model: str,
) -> None:
    """A shipped name that moved keeps the exact model that the run began with; nothing else is guessed."""
    monkeypatch.setattr("medbench.steps.run.run_folder.shipped_models", lambda: {"scripted": {"id": shipped}})
    _store(bench, tmp_path / "bench/scripted", scripted().system)
    notices: list[str] = []
    run = _find(bench, tmp_path, _moved("scripted", "new", **settings), notices)
    assert [stage.model.id for stage in run.prepared.system.stages] == [model]
    assert [stage.model.id for stage in run.prepared.stages] == [model]
    assert len(notices) == (model == "scripted")
