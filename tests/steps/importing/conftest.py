"""Report pages of a small world, and an empty folder to import them in."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from judged_world import hooks, judge, mixed, plan_of, planted_reference, run_of
from paid_runs import planted_models, usually_asked, write_listing
from systems import Quiet

import medbench as mb
from medbench.config import load_settings
from medbench.steps.access.systems import prepare
from medbench.steps.judge.judge import judge_all
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_plan import RunPlan
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.runs import RunFolder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, write_benchmark: Callable[..., BenchmarkFolder]) -> Path:
    """A folder with a judged run of a model, one without seals as an older medbench wrote it, and floors."""
    folder = tmp_path_factory.mktemp("home")
    with planted_models() as patched:
        patched.chdir(folder)
        bench = write_benchmark(Path("bench"), reference=planted_reference)
        root = Path("runs")
        systems = (usually_asked("paid"), *prepare((), load_settings(), root, bench))
        plan = RunPlan(benchmark=bench.address, systems=systems, root=root, command="medbench run")
        run_all(plan, RunHooks(Quiet()))
        old = run_of(bench, root, "old", mixed)
        judge_all(plan_of(RunFolder(root / "bench/paid"), old, judges=(judge(),), canaries=2), hooks())
        _strip(old.path)
        write_listing(root / "bench")
        for images in ("none", "full", "thumb"):
            mb.report_page(["paid", "old"], f"{images}.html", images=images)
        mb.report_page(["paid", "old"], "without.html", images="none", archive=False)
    return folder


def _strip(run: Path) -> None:
    """Take the seals out of a run's lines, as an older medbench wrote them."""
    for path in run.glob("*.jsonl"):
        path.write_bytes(re.sub(rb',"seal":"[0-9a-f]{16}"}', b"}", path.read_bytes()))
    (run / "seals.json").unlink(missing_ok=True)


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder elsewhere, to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
