"""An experiment that is killed goes on with the same line, and nothing that was answered is asked again."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

from exhaustive import spread
from forked import COMMAND, Forked

from medbench.schema.response import Response
from medbench.steps.compare.compare import compare_runs
from medbench.steps.compare.inputs import CompareOptions
from medbench.store.jsonl import read_records
from medbench.store.runs import RESPONSES, runs_in

PROVIDER = """
import asyncio, json, os
from medbench.schema.response import Reply
from medbench.stats import bootstrap
from medbench.store import jsonl

# Digits of intervals are none of the subject.
bootstrap.MOST_DRAWS = bootstrap.FEWEST_DRAWS = 1_000
bootstrap.PART_DRAWS = 200

ASKED = os.open("asked.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.fsync = lambda handle: None

class Provider:
    def __init__(self, model, folder):
        self.id = model.id
    async def ask(self, request):
        os.write(ASKED, (request.digest + "\\n").encode())
        number = len(open("asked.log").readlines())
        await asyncio.sleep(0.005)
        while number > int(os.environ.get("ANSWERS", "1000000")):
            await asyncio.sleep(0.005)
        if self.id != "judge":
            return Reply(text=f"There is a mass in the left lung, says {self.id}.", answered=self.id)
        grade = ("poor", "partial", "good")[int(request.digest[:4], 16) % 3]
        said = {"reason": "so", "key_finding": grade != "poor", "rating": grade}
        return Reply(text=json.dumps(said), answered=self.id)
"""
MODEL = """
provider = "killed_grid:Provider"
id = "{name}"
price = {{ free = true }}
limits = {{ concurrency = 2 }}
"""
EXPERIMENT = """
question = "Which second stage is better?"
benchmark = "phantom-40"
max_cost = 1
limit = 4
[grid]
pipeline = ["two-stage"]
"stages.first.model" = ["small.toml"]
"stages.second.model" = ["small.toml", "large.toml"]
[judge]
judge = ["judge.toml"]
rubric = "report-like"
"""
IN_FLIGHT = 3 * 2
"""Calls in flight at most: two of each model."""
MOMENTS = (0.2, 0.4, 0.6, 0.8, 0.95)
"""Share of the calls after which it is killed."""


def _command(folder: Path, **environment: str) -> Forked:
    return Forked(COMMAND, "run", "grid.toml", folder=folder, **environment)


def _finished(folder: Path) -> dict[str, Any]:
    """Type the line, and return its comparison without what was measured by the clock."""
    code, out, err = _command(folder).end()
    assert code == 0, err
    assert "Which second stage is better?" in out
    runs = [run for run in runs_in(folder / "runs") if not run.head.system.is_floor]
    comparison = json.loads(compare_runs(runs, None, CompareOptions()).model_dump_json())
    return {
        "pairs": [pair | {"metrics": _timeless(pair["metrics"])} for pair in comparison["pairs"]],
        "systems": [(one["name"], _timeless(one["metrics"]), one["graded"]) for one in comparison["systems"]],
    }


def _timeless(metrics: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metrics.items() if name != "latency_ms"}


def _asked(folder: Path) -> list[str]:
    return (folder / "asked.log").read_text().split()


def _kill(folder: Path, calls: int) -> None:
    """Type the line, and kill it when so many calls were begun; those after them get no answer."""
    process = _command(folder, ANSWERS=str(calls))
    while len(_asked(folder)) < calls and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.end()[0] == -signal.SIGKILL, "it was killed while it worked"


def _answered(folder: Path) -> Counter[str]:
    """How many answers to each request are on the disk, those taken over from another run left out.

    Which words a canary injects follows the order in which outputs came, so that canaries count by kind.
    """
    ledgers = folder.glob(f"runs/**/{RESPONSES}")
    return Counter(
        one.call_for.stage if one.call_for.stage.startswith("canary-") else one.request_digest
        for path in ledgers
        for one in read_records(path, Response)
        if one.text is not None and one.reused_from is None
    )


def _new(folder: Path) -> Path:
    folder.mkdir()
    (folder / "killed_grid.py").write_text(PROVIDER)
    (folder / "asked.log").touch()
    for name in ("small", "large", "judge"):
        (folder / f"{name}.toml").write_text(MODEL.format(name=name))
    (folder / "grid.toml").write_text(EXPERIMENT)
    return folder


def test_a_killed_experiment_goes_on_with_the_same_line(tmp_path: Path) -> None:
    """Answers, verdicts and comparison are those of an undisturbed one; only calls in flight are repeated."""
    calm, killed = _new(tmp_path / "calm"), _new(tmp_path / "killed")
    wanted = _finished(calm)
    once = Counter(_asked(calm))
    assert len(wanted["pairs"][0]["metrics"]) > 3
    kills = 0
    for moment in spread(MOMENTS, 2):
        _kill(killed, int(moment * once.total()))
        kills += 1
    assert _finished(killed) == wanted
    asked = Counter(_asked(killed))
    assert _answered(killed) == _answered(calm)
    assert all(times <= max(once[digest], 1) + kills for digest, times in asked.items())
    assert once.total() <= asked.total() <= once.total() + kills * IN_FLIGHT
