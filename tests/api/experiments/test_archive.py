"""The page of an experiment gives the experiment back: declarations, stages, probes, and the page itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from scripted import Scripted, write_models

import medbench as mb
from medbench.api.experiments.conduct import compared
from medbench.api.experiments.planning import plan_experiment
from medbench.api.exports.page import write_page
from medbench.report.experiment import declarations
from medbench.schema.response import Request
from medbench.steps.experiment.seal import read_seal
from medbench.steps.show.probe_card import probes_of
from medbench.steps.verify.verify import verify_run

EXPERIMENT = """
question = "Does a second look help?"
benchmark = "phantom-40"
primary = "finding.f1"
limit = 5
max_cost = 1
probes = ["blank"]
[systems.alone]
model = "early.toml"
[systems.twice]
pipeline = "two-stage"
stages.first.model = "early.toml"
stages.second.model = "late.toml"
"""


def _says(request: Request) -> str:
    return f"{request.model}: there is a mass of {request.case_key}."


def test_an_experiment_comes_back_with_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Imported elsewhere, it asks nothing, was declared when it was, holds, and writes the same page."""
    monkeypatch.setattr(Scripted, "says", staticmethod(_says))
    monkeypatch.setattr(Scripted, "asked", [])
    home, away = tmp_path / "home", tmp_path / "away"
    home.mkdir()
    monkeypatch.chdir(home)
    Path("e.toml").write_text(EXPERIMENT, "utf-8")
    write_models("early", "late")
    result = mb.experiment("e.toml", progress=False)
    assert result.complete
    page = result.report_page(home / "report.html")
    assert page is not None
    shutil.copytree(home, away, ignore=shutil.ignore_patterns("runs", "*.html"))
    monkeypatch.chdir(away)
    runs = mb.import_report(page.path)
    for run in runs:
        found = verify_run(run.folder)
        assert (found.problems, found.unchecked) == ((), ()), run.name
    alone = runs["alone"].folder
    assert [*probes_of(alone)] == ["blank"]
    declared = Path("runs/phantom-40/experiments/e/experiment.json")
    assert declared.read_bytes() == (home / declared).read_bytes()
    assert _page_again().read_bytes() == page.path.read_bytes()
    asked = len(Scripted.asked)
    assert mb.experiment("e.toml", progress=False).complete
    assert len(Scripted.asked) == asked


def _page_again() -> Path:
    """The page of the experiment from its file and its runs, which are not written to."""
    plan = plan_experiment("e.toml", command="again", notice=print)
    seal = read_seal(plan.seal_path)
    assert seal is not None
    question, declared = plan.experiment.question, declarations(seal)
    done = write_page(
        compared(plan), Path("again.html"), experiment=plan.seal_path, question=question, declared=declared
    )
    return done.path
