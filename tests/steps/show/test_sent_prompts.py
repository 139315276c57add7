"""The distinct prompts in the requests of runs: what changes with the case is marked."""

from __future__ import annotations

from pathlib import Path

import pytest
from judged_world import judge, judged, mixed, run_of
from pages import Parsed

import medbench as mb
from medbench.schema.archive import Archive
from medbench.schema.results.report_view import ReportView
from medbench.steps.show.report import report_view
from medbench.steps.show.sent_prompts import ANSWER, EXAMPLE, HISTORY, judging_prompts
from medbench.store.benchmark import BenchmarkFolder

EXPERIMENT = """
question = "Which way of asking is best?"
benchmark = "phantom-40"
primary = "finding.f1"
limit = 10
max_cost = 1
[systems.plain]
model = "echo"
[systems.unasked]
model = "own.toml"
settings = { history = false }
[systems.questions]
pipeline = "questions"
model = "echo"
[systems.examples]
pipeline = "retrieval"
model = "echo"
[systems.twice]
pipeline = "two-stage"
stages.first.model = "echo"
stages.second.model = "echo"
"""
OWN = """
provider = "echo"
id = "own"
price = { free = true }
limits = { image_tokens = 9 }
[settings]
max_tokens = 9
"""
NAMES = ["plain", "unasked", "questions", "examples", "twice"]


@pytest.fixture
def view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReportView:
    """What a page shows of five ways to ask a model that repeats its prompt."""
    monkeypatch.chdir(tmp_path)
    Path("own.toml").write_text(OWN, "utf-8")
    Path("e.toml").write_text(EXPERIMENT, "utf-8")
    mb.experiment("e.toml", progress=False)
    return report_view(mb.compare(NAMES).record, Archive(images="none", files=()))


def test_each_distinct_prompt_stands_once(view: ReportView) -> None:
    """One a stage where the words are the same, three a region where each region has its own questions."""
    used = {name: [one for one in view.prompts if one.used_by[0][0] == name] for name in NAMES}
    (plain,) = used["plain"]
    assert (plain.requests, plain.cases, plain.regions) == (10, 10, ())
    assert plain.text.startswith(f"Clinical history: {HISTORY}\n\nAnalyze the provided medical image.")
    assert "history: not given" in used["unasked"][0].text
    questions = used["questions"]
    assert len(questions) == 15
    assert {one.regions for one in questions} == {
        (region,) for region in ("Head", "Thorax", "Abdomen", "Spine/MSK", "Urinary")
    }
    assert sorted(one.used_by[0][1] for one in questions) == [
        f"question-{n}" for n in (1, 2, 3) for _ in range(5)
    ]
    (examples,) = used["examples"]
    assert examples.text.count(EXAMPLE) == 2
    assert [one.used_by[0][1] for one in used["twice"]] == ["first", "second"]
    assert ANSWER in used["twice"][1].text
    histories = {case.view.case.history for case in view.cases} - {None}
    assert not [one for one in view.prompts if any(str(history) in one.text for history in histories)]


def test_the_page_shows_every_request_of_a_case(view: ReportView) -> None:
    """Each stage's request as it was sent, and the answer that the next one was given."""
    path = mb.report_page(NAMES, "report.html", images="none").path
    page = Parsed(path.read_text("utf-8"))
    for prompt in view.prompts:
        assert prompt.text in page.text
    case = page.island(
        f"c-{next(case.view.case.case_id for case in view.cases if case.view.outputs[0].calls)}"
    )
    by_run = {out["run"]: out["requests"] for out in case["outputs"]}
    assert [stage for stage, _, _ in by_run["twice"]] == ["first", "second"]
    (_, _, answer), (_, second, last) = by_run["twice"]
    assert answer
    assert answer in second
    assert last == ""
    assert [stage for stage, _, _ in by_run["questions"]] == ["question-1", "question-2", "question-3"]


@pytest.mark.usefixtures("planted_judge")
def test_requests_to_judges(world: BenchmarkFolder, tmp_path: Path) -> None:
    """The first request to each judge is shown as it was sent, with the case that it was about."""
    run = run_of(world, tmp_path / "runs", "some", mixed)
    judged(run, judges=(judge(),))
    (first,) = judging_prompts({"some": run})
    assert first.used_by == (("some", "judge planted"),)
    case = next(one for one in world.references() if one.case_id == first.example)
    assert case.text in first.text
