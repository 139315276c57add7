"""An experiment of 8 systems on 100 cases beside the same calls as `medbench run` lines: processor seconds.

The provider answers at once with an invented report, so that medbench alone is measured: what a network
takes would be the same on all sides. The experiment asks, scores, declares and compares; a `run` asks and
scores.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from made_run import make_benchmark
from measure import line

SYSTEMS = 8
CASES = 100
PROVIDER = '''
import random
from medbench.providers import Provider as Base
from medbench.schema.response import Reply
from texts import text_of


class Provider(Base):
    """Answers at once, each request with a report of its own."""

    async def ask(self, request):
        return Reply(text="FINDINGS:\\n" + text_of(random.Random(request.digest), 200), finish_reason="stop")
'''
MODEL = 'provider = "instant:Provider"\nid = "{name}"\nprice = {{ free = true }}\n'
EXPERIMENT = """
question = "Which is best?"
benchmark = "bench"
primary = "finding.f1"
max_cost = 1
[grid]
model = [{models}]
"""


def main() -> None:
    """Print both ratios, of medians of rounds in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    names = [f"m{number}" for number in range(1, SYSTEMS + 1)]
    files = [f"./{name}.toml" for name in names]
    ways = {
        "grid": [["run", "grid.toml"]],
        "lines": [["run", "bench", "-m", file] for file in files],
        "one line": [["run", "bench", *(word for file in files for word in ("-m", file))]],
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, names)
        for commands in ways.values():
            _seconds(folder, commands)  # writes bytecode, and is not counted
        for _ in range(rounds):
            for way, commands in ways.items():
                seconds[way].append(_seconds(folder, commands))
    grid = statistics.median(seconds["grid"])
    for way, what in (("lines", f"{SYSTEMS} run lines"), ("one line", f"one run of {SYSTEMS} models")):
        middle = statistics.median(seconds[way])
        each = sorted(one / other for one, other in zip(seconds["grid"], seconds[way], strict=True))
        detail = f"{grid:.2f} s / {middle:.2f} s; rounds {each[0]:.2f} to {each[-1]:.2f}"
        line(f"CPU of a grid, {SYSTEMS} x {CASES}, / {what}", grid / middle, "<= 1.3", detail)


def _write(folder: Path, names: list[str]) -> None:
    make_benchmark(folder / "bench", random.Random(1), CASES)
    (folder / "instant.py").write_text(PROVIDER, "utf-8")
    for name in names:
        (folder / f"{name}.toml").write_text(MODEL.format(name=name), "utf-8")
    models = ", ".join(f'"{name}.toml"' for name in names)
    (folder / "grid.toml").write_text(EXPERIMENT.format(models=models), "utf-8")


def _seconds(folder: Path, commands: list[list[str]]) -> float:
    """Processor seconds of these lines of medbench, typed one after the other in a folder without runs."""
    shutil.rmtree(folder / "runs", ignore_errors=True)
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    # An empty value is none: an installed medbench has its bytecode.
    variables = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "medbench", *command],
            cwd=folder,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"medbench {' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    runs = (folder / "runs").glob("*/m[0-9]*/outputs.jsonl")
    outputs = sum(len(path.read_bytes().splitlines()) for path in runs)
    if outputs != SYSTEMS * CASES:
        sys.exit(f"{outputs} outputs of {SYSTEMS * CASES}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
