"""The plan of a call of `judge` is data; the call can be awaited, and made inside a running event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import planted
import pytest
from judged_world import hooks, judge, mixed, plan_of, run_of
from pydantic import ValidationError

from medbench.errors import LockedError
from medbench.schema.results.judge_result import JudgingResult
from medbench.schema.verdict import Canary
from medbench.steps.judge import dry_run as dry_run_module
from medbench.steps.judge.judge import judge_all, judge_async
from medbench.steps.judge.judges import Judge
from medbench.steps.judge.judging_plan import JudgingHooks, JudgingPlan
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.lock import RunLock
from medbench.store.runs import RunFolder

pytestmark = pytest.mark.usefixtures("planted_judge")


@pytest.fixture
def run(world: BenchmarkFolder, tmp_path: Path) -> RunFolder:
    """A run with an output for the first four cases."""
    return run_of(world, tmp_path / "runs", "system", lambda n: mixed(n) if n < 4 else None)


def test_a_plan_goes_through_json_and_back(run: RunFolder) -> None:
    """Also with settings and prices of its models; what came back does what was written."""
    price = {"input": 1.0, "output": 2.0, "date": "2026-01-02"}
    settings: Any = {"settings": {"temperature": 0.5, "max_tokens": 100}, "price": price}
    plan = plan_of(run, judges=(judge(**settings),), fallback=judge("second"), replicates=2, limit=3)
    again = JudgingPlan.model_validate_json(plan.model_dump_json())
    assert again == plan
    assert again.judges[0].key == plan.judges[0].key
    assert judge_all(again, hooks()).standings[0].judged == 6
    asked = len(planted.Planted.asked)
    assert judge_all(plan, hooks()).standings[0].judged == 6
    assert len(planted.Planted.asked) == asked, "the two are the same judge"


@pytest.mark.parametrize("part", ["runs", "judges"])
def test_a_plan_needs_runs_and_judges(run: RunFolder, part: str) -> None:
    """There is nothing to do without them; that is said when the plan is made."""
    with pytest.raises(ValidationError, match=part):
        JudgingPlan.model_validate(dict(plan_of(run)) | {part: ()})


def test_it_is_awaited_where_an_event_loop_runs(run: RunFolder) -> None:
    """As in a notebook; other tasks go on meanwhile."""
    ticks = 0

    async def notebook() -> JudgingResult:
        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(tick())
        try:
            return await judge_async(plan_of(run), hooks())
        finally:
            other.cancel()

    assert asyncio.run(notebook()).standings[0].judged == 4
    assert ticks > 4


def test_it_blocks_where_an_event_loop_runs(run: RunFolder) -> None:
    """A plain call inside a running loop ends with its result, too."""

    async def notebook() -> JudgingResult:
        return judge_all(plan_of(run), hooks())

    assert asyncio.run(notebook()).standings[0].judged == 4


def test_without_hooks_nothing_is_shown(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    """The defaults are silence and patience: what a program wants that shows its own progress."""
    assert judge_all(plan_of(run)).standings[0].judged == 4
    assert capsys.readouterr() == ("", "")


def test_nothing_is_asked_once_the_stop_is_set(run: RunFolder) -> None:
    """A stop that was set before is kept to: all verdicts are open, none is a failure."""
    stopped = hooks()
    stopped.stop.set()
    result = judge_all(plan_of(run, canaries=5), stopped)
    assert planted.Planted.asked == []
    assert (result.standings[0].open, result.standings[0].failures) == (4, {"not judged": 4})


def test_all_runs_are_locked_before_anything_is_asked(
    world: BenchmarkFolder, run: RunFolder, tmp_path: Path
) -> None:
    """A second run that another process writes keeps the first from being judged alone; its lock is freed."""
    other = run_of(world, tmp_path / "runs", "other", mixed)
    with RunLock(other.path), pytest.raises(LockedError):
        judge_all(plan_of(run, other), JudgingHooks())
    assert planted.Planted.asked == []
    with RunLock(run.path) as lock:
        assert lock.died is None


def test_ctrl_c_ends_the_forecast_at_once(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of the first of many judges: nothing is sent, written or held."""
    begun = []

    def settled(judge: Judge, runs: Sequence[RunFolder]) -> list[Canary]:
        begun.append(judge.name)
        signal.raise_signal(signal.SIGINT)
        return []

    monkeypatch.setattr(dry_run_module, "settled_canaries", settled)
    before = {path: path.stat().st_mtime_ns for path in run.path.iterdir()}
    with pytest.raises(KeyboardInterrupt):
        judge_all(plan_of(run, judges=(judge(), judge("second"))), hooks())
    assert (begun, planted.Planted.asked) == (["planted"], [])
    assert {path: path.stat().st_mtime_ns for path in run.path.iterdir()} == before
