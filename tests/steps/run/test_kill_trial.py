"""SIGKILL at random moments over `run` and `judge`, calm and under faults: nothing lost, doubled or torn."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from exhaustive import bounded
from forked import COMMAND, Forked

from medbench.schema.response import Response
from medbench.schema.run import Output
from medbench.schema.verdict import Verdict
from medbench.steps.verify.verify import verify_run
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import HEAD, RESPONSES, VERDICTS, RunFolder

CASES, AT_ONCE = 24, 4
RUN = ["run", "many", "-m", "./killed.toml", "--concurrency", str(AT_ONCE)]
JUDGE = [
    "judge",
    "--judge",
    "./killed.toml",
    "--rubric",
    "report-like",
    "--audit",
    "0",
    "--concurrency",
    str(AT_ONCE),
]
PROVIDER = """
import asyncio, json, os, random, time
from medbench.errors import ProviderError
from medbench.providers import Provider as Base
from medbench.schema.response import Reply

LOG = os.open("calls.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
FAULTY, SYNC_S = os.environ.get("FAULTY") == "1", float(os.environ.get("SYNC_S", "0"))
IN_FLIGHT = [0]
os.fsync = lambda handle: time.sleep(SYNC_S)

def log(what, key):
    os.write(LOG, f"{os.getpid()} {what} {IN_FLIGHT[0]} {key}\\n".encode())

class Provider(Base):
    def __init__(self, model, pictures):
        self.random = random.Random(os.getpid())
    async def ask(self, request):
        kind = "grade" if "REFERENCE" in request.text else "text"
        key = f"{kind}:{request.case_key}"
        IN_FLIGHT[0] += 1
        log("asked", key)
        try:
            await asyncio.sleep(self.random.uniform(0.001, 0.004))
            chance = self.random.random() if FAULTY else 1
            if chance < 0.15:
                raise ProviderError("rate_limit", "429", final=False, status=429, wait_s=0.002, limited=True)
            if chance < 0.25:
                raise ProviderError("server_error", "500", final=False, status=500, wait_s=0.002)
            log("read", key)
            if kind == "grade":
                return Reply(text=json.dumps({"reason": key, "key_finding": True, "rating": "good"}))
            return Reply(text=f"FINDINGS: there is a mass in {request.case_key}.")
        finally:
            IN_FLIGHT[0] -= 1
"""


@dataclass
class Trial:
    """One benchmark on which `run` and `judge` are killed again and again."""

    folder: Path
    environment: dict[str, str]
    chance: random.Random
    kills: int = 0
    repeats: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def calls(self) -> list[tuple[str, str, int, str]]:
        """Process, what happened, calls in flight, key."""
        lines = (self.folder / "calls.log").read_text().splitlines()
        return [(pid, what, int(busy), key) for pid, what, busy, key in (line.split() for line in lines)]

    def run_folder(self) -> Path | None:
        """The run, once it is there."""
        heads = self.folder.glob(f"runs/many/*/{HEAD}")
        return next((head.parent for head in heads if not head.parent.name.startswith("baseline")), None)

    def on_disk(self) -> Counter[str]:
        """Answers that are whole lines of the ledger, by key."""
        folder = self.run_folder()
        if folder is None:
            return Counter()
        answers = [one for one in read_records(folder / RESPONSES, Response) if one.text is not None]
        return Counter(
            f"{'grade' if one.call_for.is_judging else 'text'}:{one.call_for.case_id}/0" for one in answers
        )

    def once(self, line: list[str], *, kill: bool) -> tuple[int, str]:
        """Start a command, kill it at a random moment if asked to; return exit code and stderr."""
        before = len(self.calls())
        process = Forked(COMMAND, *line, folder=self.folder, **self.environment)
        if kill:
            wanted, end = (
                before + self.chance.randint(0, 2 * CASES),
                time.monotonic() + self.chance.uniform(0.02, 1.5),
            )
            while len(self.calls()) < wanted and time.monotonic() < end:
                time.sleep(0.001)
            time.sleep(self.chance.uniform(0, 0.005))
            process.send_signal(signal.SIGKILL)
        code, _, err = process.end()
        self.account(before)
        self.kills += code == -signal.SIGKILL
        return code, err

    def account(self, before: int) -> None:
        """Take note of answers that were lost by the last process, and of those that it asked once more."""
        calls = self.calls()
        mine, earlier = calls[before:], calls[:before]
        disk = self.on_disk()
        # The process went on after each line of the log but its last: what it had read by then was written.
        self.lost += [key for _, what, _, key in mine[:-1] if what == "read" and not disk[key]]
        read = {key for _, what, _, key in earlier if what == "read"}
        self.repeats.append(len(read & {key for _, what, _, key in mine if what == "asked"}))

    def work(self, line: list[str], kills: int) -> None:
        """Kill a command that many times, fewer where it ends before, and let it end."""
        for _ in range(kills):
            if self.once(line, kill=True)[0] != -signal.SIGKILL:
                break
        code, err = self.once(line, kill=False)
        assert code == 0, err

    def check_leftovers(self) -> None:
        """Check that the same line removes what was left half done, once it is not new any more."""
        for path in self.folder.rglob(".*.partial"):
            os.utime(path, (0, 0))
        assert self.once(RUN, kill=False)[0] == 0
        assert not list(self.folder.rglob(".*.partial"))

    def check(self) -> None:
        """Check that every case has one answer, output and grade, and that the run holds."""
        folder = self.run_folder()
        assert folder is not None
        cases = [f"case-{n:03d}" for n in range(CASES)]
        assert self.on_disk() == Counter(f"{kind}:{case}/0" for kind in ("text", "grade") for case in cases)
        texts = {one.case_id: one.text for one in RunFolder(folder).outputs()}
        assert texts == {case: f"FINDINGS: there is a mass in {case}/0." for case in cases}
        assert sum(1 for _ in read_records(folder / "outputs.jsonl", Output)) == CASES
        graded = [one.case_id for one in read_records(folder / VERDICTS, Verdict) if one.grade]
        assert sorted(graded) == cases
        assert verify_run(RunFolder(folder)).problems == ()
        assert max(busy for _, _, busy, _ in self.calls()) <= AT_ONCE


def _trial(
    write_benchmark: Callable[..., BenchmarkFolder], folder: Path, seed: int, **environment: str
) -> Trial:
    write_benchmark(folder / "many", CASES, pool=0)
    (folder / "killed_mod.py").write_text(PROVIDER)
    (folder / "killed.toml").write_text(
        'provider = "killed_mod:Provider"\nid = "m"\nprice = { free = true }\n'
        f"limits = {{ concurrency = {AT_ONCE} }}\n"
    )
    (folder / "calls.log").touch()
    return Trial(folder, environment, random.Random(seed))


@pytest.mark.parametrize(
    ("kills", "environment"),
    [
        pytest.param(bounded(500, 3), {}, id="calm"),
        pytest.param(bounded(500, 3), {"FAULTY": "1"}, id="faults"),
        pytest.param(bounded(24, 0), {"SYNC_S": "1"}, id="slow-syncs"),
    ],
)
@pytest.mark.usefixtures("all_draws")
def test_kills_lose_nothing(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, kills: int, environment: dict[str, str]
) -> None:
    """Whenever it is killed: 0 missing, doubled or corrupt; no more is asked again than was in flight."""
    done, repeats, seed = 0, Counter[int](), 0
    while done < kills:
        (folder := tmp_path / str(seed)).mkdir()
        trial = _trial(write_benchmark, folder, seed, **environment)
        trial.work(RUN, min(6, (kills - done + 1) // 2))
        trial.work(JUDGE, min(6, kills - done - trial.kills))
        trial.check_leftovers()
        trial.check()
        assert trial.lost == []
        assert max(trial.repeats) <= AT_ONCE
        done, seed = done + trial.kills, seed + 1
        repeats.update(trial.repeats)
        report = {"kills": done, "trials": seed, "repeats": dict(sorted(repeats.items()))}
        (tmp_path / "kills.json").write_text(json.dumps(report))
