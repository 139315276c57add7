"""The items of reporting guidelines: what records answer, and what is left to the author."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from graded_runs import graded_run
from pages import Parsed

import medbench as mb
from medbench.report.page.checklists import checklists
from medbench.report.page.method import method
from medbench.schema.archive import Archive
from medbench.schema.results.report_view import ReportView
from medbench.schema.run import ModelUse, PromptUse, System
from medbench.steps.show.report import report_view
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.runs import RunFolder

NOTHING = Archive(images="none", files=())


AUTHORS = ("1.2", "4.3", "6.1", "6.3")
"""Items of REFINE that no record can answer."""


@pytest.fixture
def runs(tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]) -> list[RunFolder]:
    """Two graded runs."""
    bench = write_benchmark(tmp_path / "bench", 6)
    return [graded_run(tmp_path / name, bench, grades) for name, grades in (("a", "gggpgo"), ("b", "gpoogo"))]


def _view(runs: list[RunFolder], pipeline: str) -> ReportView:
    """What a page shows of the runs, had they asked a model with a prompt."""
    view = report_view(mb.compare(runs).record, NOTHING)
    system = System(
        name="a",
        family="gemini",
        pipeline=pipeline,
        model=ModelUse(name="flash", provider="vertex", id="gemini-x"),
        prompt=PromptUse(name="comprehensive", digest="d" * 64),
        images="all",
        settings={"temperature": 0.4},
    )
    view = replace(view, runs=tuple(replace(run, answered=("gemini-x-002",)) for run in view.runs))
    heads = [run.head.model_copy(update={"system": system}) for run in view.runs]
    return replace(
        view, runs=tuple(replace(run, head=head) for run, head in zip(view.runs, heads, strict=True))
    )


def test_items_are_answered_from_the_records(runs: list[RunFolder]) -> None:
    """Model, settings, prompt, sample and metrics come from the records; ethics and use from the author."""
    view = _view(runs, "single")
    sections = [*method(view)]
    mi_clear, refine = checklists(view, sections)
    assert (len(mi_clear.items), len(refine.items)) == (6, 44)
    items = {item.number: item for item in refine.items}
    assert "a: gemini-x (answered as gemini-x-002), asked 2" in items["1.1"].answer
    assert items["3.1"].answer == '{"temperature": 0.4}.'
    assert items["2.2"].answer == "comprehensive."
    assert items["2.5"].answer == "Each request stands alone, with no memory of another case."
    assert [one.record for one in items["1.1"].records] == [
        "run.json system.model",
        "responses.jsonl answered",
        "run.json created",
        "events.jsonl at",
    ]
    assert [label for label, _ in items["1.1"].records[0].places] == ["a", "b"]
    facts = {f"#{fact.place}": fact for section in sections for fact in section.facts}
    assert [facts[place].value for _, place in items["5.1"].records[0].places] == [
        *view.comparison.signatures.values()
    ]
    assert facts[items["3.1"].records[0].places[1][1]].value == '{"temperature": 0.4}'
    assert items["5.6"].answer == "1 answer to each case; chance was not tested."
    assert [items[number].answer for number in AUTHORS] == [""] * len(AUTHORS)
    assert refine.answered == sum(bool(item.answer) for item in refine.items)


def test_of_imported_answers_the_author_says_more(runs: list[RunFolder]) -> None:
    """When and how answers that were made elsewhere were asked for is not a record of medbench."""
    view = _view(runs, "imported")
    _, refine = checklists(view, [*method(view)])
    items = {item.number: item.answer for item in refine.items}
    assert "when it was asked the author must say" in items["1.1"]
    assert [items[number] for number in ("1.6", "2.5", "3.1", "3.3")] == [""] * 4


def test_the_page_has_them(runs: list[RunFolder], tmp_path: Path) -> None:
    """Each item is a row, and what no record says is the author's."""
    page = Parsed(mb.report_page(runs, tmp_path / "report.html", images="none").path.read_text("utf-8"))
    rows = {cells[0]: cells[2] for table in page.tables for cells in table if len(cells) == 3}
    assert rows["4.3"] == "the author must say"
    assert rows["2.6"].startswith("Free text; findings are read by parser")
    assert "REFINE: the records answer " in page.text
    places = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    links = [str(attrs["href"]) for tag, attrs in page.elements if tag == "a"]
    linked = {link.removeprefix("#") for link in links if not link.startswith("#case=")}
    assert linked <= places
    assert sum(link.startswith("#m-") for link in links) > 15


def test_an_item_that_records_answer_names_them(runs: list[RunFolder]) -> None:
    """No answer stands without a record to look it up in, and no record is named that no page shows."""
    view = _view(runs, "single")
    for checklist in checklists(view, [*method(view)]):
        for item in checklist.items:
            assert bool(item.answer) == bool(item.records), item
