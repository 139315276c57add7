"""No line on the screen is wider than 80 columns, whatever benchmarks, systems and regions are called."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from medbench.api.progress import run_watcher
from medbench.report import terminal
from medbench.schema.account import Sum
from medbench.schema.case import Case
from medbench.sentences import WIDTH
from medbench.stats import bootstrap
from medbench.steps.run.hooks import Pace
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.outputs import OutputIndex

BENCHMARK = "a-benchmark-of-long-names"
ONE, OTHER = (f"{n}-model-whose-name-is-longer-than-most-columns" for n in ("one", "another"))
JUDGE = "a-judge-whose-name-is-long-as-well"
REGION = "Upper abdomen and retroperitoneum, part"
COMMANDS = (
    f"run {BENCHMARK} -m {ONE},{OTHER} --dry-run",
    f"run {BENCHMARK} -m {ONE},{OTHER}",
    f"run {BENCHMARK} -m {ONE},{OTHER}",
    f"import answers.csv --benchmark {BENCHMARK} --system {OTHER}-imported",
    "show",
    f"show {ONE}",
    "show case-001 --full",
    "compare",
    f"compare {ONE}",
    "rescore",
    "plan",
    f"judge --dry-run --judge {JUDGE}",
    f"judge --judge {JUDGE} --audit 2",
    "compare",
    "models --all",
    "doctor",
    "review sheet --sample 4",
)


@pytest.fixture
def long_names(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A benchmark, two models and a judge of long names, and regions of long names."""
    monkeypatch.setattr(bootstrap, "MOST_DRAWS", 500)
    monkeypatch.setattr(bootstrap, "FEWEST_DRAWS", 500)

    def renamed(case: Case) -> Case:
        said = {"region": f"{REGION} {case.case_id[-1]}", "history": "A long history. " * 20, "digest": ""}
        return Case.model_validate(case.model_dump() | said)

    write_benchmark(tmp_path / BENCHMARK, 6, changed=renamed)
    (tmp_path / "answers.csv").write_text("case_id,text\ncase-000,A mass.\n", "utf-8")
    models = "".join(f'[models.{name}]\nprovider = "echo"\nid = "{name}"\n' for name in (ONE, OTHER, JUDGE))
    (tmp_path / "medbench.toml").write_text(models, "utf-8")


READING = ("show", f"show {ONE}", "show case-001", "compare", "rescore", "plan", "models --all")
"""Commands that print what is on the disk."""


@pytest.mark.usefixtures("long_names")
def test_no_line_is_wider_than_the_screen(
    medbench: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One command after the other, results and talk: all fits but a command and a lone long word."""
    wide = []
    for width, commands in ((WIDTH, COMMANDS), (60, READING), (200, READING)):
        monkeypatch.setattr(terminal, "WIDTH", width)
        for command in commands:
            said = medbench(*command.split())
            assert said.code in {0, 3}, (command, said.err)
            lines = (said.out + said.err).replace(str(tmp_path), "…").splitlines()
            wide += [(command, line) for line in lines if len(line) > width and not _stays_whole(line)]
    assert wide == []


@pytest.mark.parametrize("width", [80, 120])
def test_the_lines_of_a_run_on_a_terminal_keep_their_numbers(tmp_path: Path, width: int) -> None:
    """Counts, dollars and times are whole at 80 columns; bars come where there is room."""
    screen, nothing = io.StringIO(), OutputIndex(tmp_path)
    with run_watcher(Console(file=screen, force_terminal=True, width=width, color_system=None)) as watcher:
        assert screen.getvalue() == "", "nothing of nothing"
        watcher.begin("baseline-joined-references", "the pool text whose image is nearest", nothing, 40)
        watcher.begin("medgemma-4b", "", nothing, 40)
        pace = Pace(at_a_time=16, spent=Sum(usd=12.34))
        for _ in range(30):
            watcher.output("medgemma-4b", None, pace)
        watcher.end("medgemma-4b")
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).splitlines()
    one, other = next(line for line in reversed(drawn) if "joined" in line), drawn[-1]
    assert re.fullmatch(
        r"  baseline-joined-references .*0/40 the pool text whose image is nearest +--:--", one
    )
    assert re.fullmatch(r"  medgemma-4b .*30/40 0 failed   16 at a time   \$12.34 +[-\d]+:[-\d]+", other)
    assert ("━" in other) == (width > 100)
    assert len(one) <= width


def _stays_whole(line: str) -> bool:
    return len(line.split()) == 1 or line.removeprefix("Next:").strip().startswith("medbench ")
