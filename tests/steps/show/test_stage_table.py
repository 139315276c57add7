"""The table of stages names what a later stage makes of the answer before it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted import Scripted, write_models

import medbench as mb
from medbench.schema.response import Request
from medbench.schema.results.stage_table import StageTable
from medbench.schema.score import Score
from medbench.steps.show.stage_table import stage_table
from medbench.store.benchmark import find_benchmark
from medbench.store.jsonl import read_records
from medbench.store.runs import SCORES, RunFolder

EXPERIMENT = """
question = "What does the second stage add?"
benchmark = "phantom-40"
primary = "finding.f1"
limit = 20
max_cost = 1
[grid]
pipeline = ["{pipeline}"]
"stages.{first}.model" = ["early.toml"]
"stages.{second}.model" = [{later}]
"""
WRONG = "There is an aortic dissection."
SECONDS = ("repairs", "breaks", "copies")
CASES = 20


class Stages:
    """A first stage that sees every second case, and second stages that repair, break or copy it."""

    def __init__(self) -> None:
        references = list(find_benchmark("phantom-40").references())
        self.texts = {one.case_id: one.text for one in references}
        self.seen = {one.case_id for one in references[::2]}

    def says(self, request: Request) -> str:
        """Answer as the model of that name does; a text-only stage knows the case by its key."""
        case_id = request.case_key.partition("/")[0]
        early = self.texts[case_id] if case_id in self.seen else WRONG
        return {"early": early, "copies": early, "repairs": self.texts[case_id], "breaks": WRONG}[
            request.model
        ]


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder with the models of both stages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Scripted, "says", staticmethod(Stages().says))
    write_models("early", *SECONDS)


def conducted(pipeline: str, *later: str) -> dict[str, StageTable]:
    """The tables of an experiment with these later stages, by their model."""
    first, second = {"two-stage": ("first", "second"), "refine": ("describe", "rewrite")}[pipeline]
    models = ", ".join(f'"{name}.toml"' for name in later)
    Path("e.toml").write_text(
        EXPERIMENT.format(pipeline=pipeline, first=first, second=second, later=models)
        + "[systems.alone]\nmodel = 'early.toml'\n",
        "utf-8",
    )
    result = mb.experiment("e.toml", progress=False)
    assert result.complete
    assert "Stages of" in str(result)
    return {next(name for name in later if name in table.system): table for table in result.stages}


def test_each_planted_second_stage_is_named_right(medbench: Callable[..., Any]) -> None:
    """One repairs what the first missed, one breaks what it named, one copies it; alone has no table."""
    tables = conducted("two-stage", *SECONDS)
    assert set(tables) == set(SECONDS)
    changes = {name: table.changes[0] for name, table in tables.items()}
    n = changes["copies"].n
    half = changes["copies"].left_right
    assert 0 < half < n
    for name, counts in {"repairs": (n - half, 0, half, 0), "breaks": (0, half, 0, n - half)}.items():
        one = changes[name]
        assert (len(one.repaired), len(one.broken), one.left_right, one.left_wrong) == counts
        for found in (one.key, one.f1):
            assert found is not None
            assert found.interval is not None
            assert (found.interval.low > 0) == (name == "repairs")
            assert (found.interval.high < 0) == (name == "breaks")
    assert (changes["copies"].repaired, changes["copies"].broken) == ((), ())
    assert changes["copies"].f1 is not None
    assert (changes["copies"].f1.higher, changes["copies"].f1.lower) == (0, 0)
    assert set(changes["repairs"].repaired).isdisjoint(Stages().seen)
    assert "broke" in medbench("show", tables["breaks"].system).words


def test_a_stage_is_scored_as_an_output_is() -> None:
    """The first stage has the numbers of a run whose output is that text; money and time are each stage's."""
    (table,) = conducted("refine", "copies").values()
    first, second = table.stages
    scores = list(read_records(Path("runs/phantom-40", table.system, SCORES), Score))
    f1 = [score.scores["finding.f1"] for score in scores]
    known = [value for value in f1 if value is not None]
    assert first.f1 == second.f1
    assert second.f1.mean == pytest.approx(sum(known) / len(known))
    assert (first.calls + first.reused, second.calls, second.reused) == (CASES, CASES, 0)
    assert (first.seconds.n, first.reused_seconds.n) == (first.calls, first.reused)
    assert (first.usd, second.usd) == (0, 0)
    Path("runs/phantom-40", table.system, SCORES).unlink()
    assert stage_table(RunFolder(Path("runs/phantom-40", table.system))) == table
