"""A plan is data: it can be written down, read back, taken apart, and run elsewhere."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted import Scripted, scripted, there_is
from systems import Quiet, floor

from medbench.config import Settings
from medbench.schema.run import Output
from medbench.steps.access.specs import specs_of
from medbench.steps.access.systems import prepare
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all, run_async
from medbench.steps.run.run_plan import RunPlan
from medbench.store import outputs
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records, read_with_offsets
from medbench.store.runs import EVENTS, OUTPUTS, RunFolder


@pytest.fixture(autouse=True)
def _scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the provider an empty memory and its usual answers."""
    monkeypatch.setattr(Scripted, "asked", [])
    monkeypatch.setattr(Scripted, "says", staticmethod(there_is))


def _plan(bench: BenchmarkFolder, root: Path, **changes: Any) -> RunPlan:
    systems = (scripted("a", t=0.5, deep=True), scripted("b"), floor())
    return RunPlan(benchmark=bench.address, systems=systems, root=root, command="medbench run", **changes)


def _texts(root: Path) -> dict[str, list[str]]:
    return {
        path.parent.name: sorted(output.text or "" for output in read_records(path, Output))
        for path in root.glob(f"*/*/{OUTPUTS}")
    }


@pytest.mark.parametrize("limits", [{}, {"limit": 3, "max_cost": 2.5, "concurrency": 7, "fresh": True}])
def test_it_goes_through_json_and_pickle(
    bench: BenchmarkFolder, tmp_path: Path, limits: dict[str, Any]
) -> None:
    """Written down and read back a plan is the same, also one that the command line made."""
    typed = prepare(specs_of(["echo", "gemini-flash"]), Settings(), tmp_path, bench)
    plans = [
        _plan(bench, tmp_path, **limits),
        _plan(bench, tmp_path, **limits).model_copy(update={"systems": typed}),
    ]
    for plan in plans:
        assert RunPlan.model_validate_json(plan.model_dump_json()) == plan
        assert RunPlan.model_validate_json(plan.to_line()) == plan
        assert pickle.loads(pickle.dumps(plan)) == plan


def test_its_units_run_alone_as_they_do_together(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Each system in a call of its own, from a plan that was read back, writes what all write in one."""
    together, apart = _plan(bench, tmp_path / "one"), _plan(bench, tmp_path / "two")
    run_all(together, RunHooks(Quiet()))
    units = apart.units()
    assert [len(unit.systems) for unit in units] == [1, 1, 1]
    for unit in reversed(units):
        (outcome,) = run_all(RunPlan.model_validate_json(unit.to_line()), RunHooks(Quiet()))
        assert outcome.run.left == 0
    assert _texts(tmp_path / "two") == _texts(tmp_path / "one")


def test_what_is_wanted_and_missing(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A model is asked each case so many times, a floor once; what stands already is not missing."""
    plan = _plan(bench, tmp_path, limit=4, replicates=3)
    model, floor = plan.systems[0].system, plan.systems[2].system
    assert (plan.wanted(bench, model), plan.wanted(bench, floor)) == (12, 4)
    done = plan.outputs(bench, tmp_path)
    keys = [(case.case_id, replicate) for case, replicate in plan.missing(bench, model, done)]
    assert len(set(keys)) == 12
    for case, replicate in keys[:5]:
        done.add(Output(case_id=case, case_digest="", replicate=replicate, text="x"), 0)
    assert [(case.case_id, n) for case, n in plan.missing(bench, model, done)] == keys[5:]


def test_a_run_can_be_awaited_and_called_inside_a_running_loop(
    bench: BenchmarkFolder, tmp_path: Path
) -> None:
    """In a notebook both `await run_async(…)` and `run_all(…)` work."""

    async def cell() -> list[int]:
        awaited = await run_async(_plan(bench, tmp_path, limit=3), RunHooks(Quiet()))
        called = run_all(_plan(bench, tmp_path), RunHooks(Quiet()))
        return [outcome.run.done.texts for outcome in (*awaited, *called)]

    assert asyncio.run(cell()) == [3, 3, 3, 6, 6, 6]


def test_the_hooks_clocks_are_used(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """What a system took, and when its events happened, is as the hooks say."""
    ticks = iter(range(100, 1000, 7))
    hooks = RunHooks(Quiet(), clock=lambda: float(next(ticks)), now=lambda: "2026-03-01T00:00:00.000+00:00")
    outcomes = run_all(_plan(bench, tmp_path).units()[0], hooks)
    assert [outcome.seconds for outcome in outcomes] == [7.0]
    assert {event.at for event in RunFolder(outcomes[0].run.folder).events()} == {hooks.now()}


def test_what_is_done_is_read_once_a_run(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each system's outputs.jsonl is read one time, before the first call of any of them."""
    run_all(_plan(bench, tmp_path, limit=3), RunHooks(Quiet()))
    Scripted.asked.clear()
    reads: list[tuple[str, int]] = []

    def counting(path: Path, kind: Any) -> Iterator[Any]:
        reads.append((path.parent.name, len(Scripted.asked)))
        return read_with_offsets(path, kind)

    monkeypatch.setattr(outputs, "read_with_offsets", counting)
    for fresh in (False, True):
        reads.clear()
        run_all(_plan(bench, tmp_path, fresh=fresh), RunHooks(Quiet()))
        if not fresh:
            assert reads == [("a", 0), ("b", 0), ("baseline-normal", 0)]
    assert sorted(name for name, _ in reads) == ["a", "b", "baseline-normal"]
    assert (tmp_path / "bench/a@2" / EVENTS).is_file()
