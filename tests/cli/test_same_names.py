"""Two runs of one name in the folders of a folder: every screen and table has both, and tells them apart."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from judged_world import mixed, run_of

import medbench as mb
from medbench.errors import UsageError
from medbench.store.benchmark import BenchmarkFolder

pytestmark = pytest.mark.usefixtures("planted_judge", "both")
JUDGE = ("--judge", "planted:Planted", "--rubric", "report-like")
PATHS = [str(Path("both") / site / "medgemma") for site in ("north", "south")]
NAMES = {*PATHS, "gemini"}


@pytest.fixture
def both(world: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of one name of two sites, beside a third one with a name of its own."""
    monkeypatch.chdir(tmp_path)
    for site, name in (("north", "medgemma"), ("south", "medgemma"), ("south", "gemini")):
        made = run_of(world, tmp_path / "runs", f"{site}-{name}", mixed).path
        (Path("both") / site).mkdir(parents=True, exist_ok=True)
        made.rename(Path("both") / site / name)


@pytest.mark.parametrize(
    "line", [("show",), ("compare",), ("judge", *JUDGE), ("rescore",), ("verify",)], ids=lambda line: line[0]
)
def test_a_screen_names_both_by_their_folders(line: tuple[str, ...], medbench: Callable[..., Any]) -> None:
    """The third one has its short name."""
    said = medbench(line[0], "both", *line[1:])
    assert said.code == 0, said.err
    shown = "".join(said.out.split())
    assert all(name in shown for name in NAMES), said.out


def test_tables_for_programs_name_both(medbench: Callable[..., Any]) -> None:
    """The rows of a comparison, of outputs, of a judging and of scoring again; by path in a list of runs."""
    compared = json.loads(medbench("compare", "both", "--json").out)
    assert {row["name"] for row in compared["systems"]} == NAMES
    assert medbench("export", "both", "--csv", "-o", "outputs.csv").code == 0
    with Path("outputs.csv").open(encoding="utf-8", newline="") as file:
        assert {row["run"] for row in csv.DictReader(file)} == NAMES
    judged = mb.judge("both", judge="planted:Planted", rubric="report-like", progress=False)
    assert {row["system"] for row in judged.to_dict()["standings"]} == NAMES
    scored = mb.rescore("both", progress=False)
    assert {*scored.signatures} == NAMES
    assert {row["run"] for row in scored.to_dict()["runs"]} == NAMES
    runs = mb.runs("both")
    assert [str(runs[path].path) for path in PATHS] == PATHS
    with pytest.raises(UsageError, match="several runs are called") as caught:
        runs["medgemma"]
    assert all(path in caught.value.hint for path in PATHS)


def test_runs_that_are_left_out_are_told_apart(medbench: Callable[..., Any]) -> None:
    """Two of one name with few answers beside two that are complete, and one that cannot be read."""
    (Path("both") / "north" / "medgemma").rename(Path("both") / "north" / "flash")
    for site in ("east", "west"):
        few = Path("both") / site / "medgemma"
        few.mkdir(parents=True)
        for file in Path(PATHS[1]).iterdir():
            content = file.read_bytes()
            few.joinpath(file.name).write_bytes(
                content.split(b"\n", 1)[0] + b"\n" if file.name == "outputs.jsonl" else content
            )
    said = medbench("compare", "both")
    shown = "".join(said.err.split())
    assert "both/east/medgemma(1of24casesanswered)" in shown
    assert "both/west/medgemma(1of24casesanswered)" in shown
