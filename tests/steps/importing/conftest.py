"""Report pages of a small world, and an empty folder to import them in."""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable
from pathlib import Path

import planted
import pytest
from judged_world import hooks, judge, mixed, plan_of, planted_reference, run_of
from scripted import Scripted, scripted
from systems import Quiet

import medbench as mb
from medbench.config import load_settings
from medbench.prompts.prompt import load_prompt
from medbench.schema.response import Request
from medbench.schema.run import PromptUse
from medbench.schema.verdict import Listing
from medbench.steps.access.systems import prepare
from medbench.steps.judge.judge import judge_all
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_plan import RunPlan
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import Journal
from medbench.store.lock import RunLock
from medbench.store.runs import RunFolder
from medbench.store.seals import sealing


def _says(request: Request) -> str:
    return f"FINDINGS:\n{planted.reference_text(int(request.case_key[5:8]) // 2)}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, write_benchmark: Callable[..., BenchmarkFolder]) -> Path:
    """A folder with a judged run of a model, one without seals as an older medbench wrote it, and floors."""
    folder = tmp_path_factory.mktemp("home")
    prompt = load_prompt("findings", "comprehensive")
    system = scripted("paid")
    system = system.model_copy(
        update={
            "system": system.system.model_copy(
                update={"prompt": PromptUse(name=prompt.name, digest=prompt.digest)}
            ),
            "stages": tuple(stage.model_copy(update={"prompt": prompt}) for stage in system.stages),
        }
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.setattr(Scripted, "asked", [])
        patched.setattr(Scripted, "says", staticmethod(_says))
        patched.setattr(planted.Planted, "fault", "")
        patched.setattr(planted.Planted, "asked", [])
        patched.setattr(planted.Planted, "answers", None)
        patched.setattr(planted.Planted, "chance", random.Random(1))
        patched.setitem(sys.modules, "planted", planted)
        bench = write_benchmark(Path("bench"), reference=planted_reference)
        root = Path("runs")
        systems = (system, *prepare((), load_settings(), root, bench))
        plan = RunPlan(benchmark=bench.address, systems=systems, root=root, command="medbench run")
        run_all(plan, RunHooks(Quiet()))
        old = run_of(bench, root, "old", mixed)
        judge_all(plan_of(RunFolder(root / "bench/paid"), old, judges=(judge(),), canaries=2), hooks())
        _strip(old.path)
        lists = root / "bench/listings"
        lists.mkdir()
        listing = Listing(
            case_id="case-001",
            reference_sha256="0",
            rubric_digest="0",
            findings=(),
            lister="m",
            responses=(),
        )
        with RunLock(lists), sealing(lists), Journal(lists / "listings.jsonl") as journal:
            journal.append(listing)
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
