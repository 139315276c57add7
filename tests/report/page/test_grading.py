"""Grading in the report page: the rows of a blind sheet, recognised when they come back."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from graded_runs import graded_run
from pages import Parsed

import medbench as mb
from medbench.schema.results.review import COLUMNS
from medbench.schema.run import Output
from medbench.schema.verdict import Verdict
from medbench.steps.review import import_sheet, sheet
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records, write_records
from medbench.store.runs import OUTPUTS, VERDICTS, RunFolder

GRADES = {"able": "gggpgogg", "base": "gpoogoog"}
TEXTS = {
    "case-001": "FINDINGS: No mass. =1+1 \u202egnp </script>\n\nIMPRESSION: Normal.",
    "case-002": "An effusion.",
    "case-003": "",
}


@pytest.fixture
def runs(tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]) -> list[RunFolder]:
    """Two graded runs on eight cases; texts with and without a section of findings, one empty."""
    bench = write_benchmark(tmp_path / "bench", 8)
    made = [graded_run(tmp_path / "runs" / name, bench, grades) for name, grades in GRADES.items()]
    outputs = [
        output.model_copy(update={"text": TEXTS.get(output.case_id, output.text)}) if output.text else output
        for output in read_records(made[0].path / OUTPUTS, Output)
    ]
    write_records(made[0].path / OUTPUTS, outputs)
    return made


def _sheet_of(page: Parsed, number: int) -> list[dict[str, str]]:
    """The rows that the page gives out as a sample of so many texts, put together as its script does."""
    rows = []
    for row_id, case_id, at, _, which in sorted(page.island("to-grade")[:number], key=lambda row: row[3]):
        case = page.island(f"c-{case_id}")
        out = case["outputs"][at]
        scored = "".join(piece[0] for piece in out["text"])
        texts = [scored, out["whole"] or out["around"][0] + scored + out["around"][1]]
        text = which if isinstance(which, str) else texts[which]
        rows.append({"id": row_id, "reference": case["reference"], "text": text})
    return rows


def _letters(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]", "", text)


def test_the_rows_are_those_of_a_sheet(runs: list[RunFolder], tmp_path: Path) -> None:
    """A sample has the rows of `review sheet`, in its order, with its texts; none says who wrote it."""
    page = Parsed(mb.report_page(runs, tmp_path / "report.html").path.read_text("utf-8"))
    for number in (1, 5, 100):
        given = sheet(runs, number, 1)
        rows = _sheet_of(page, number)
        assert [row["id"] for row in rows] == [row.id for row in given]
        assert [_letters(row["text"]) for row in rows] == [_letters(row.text) for row in given]
    assert page.island("columns") == list(COLUMNS)
    assert not re.search("able|base", str(page.island("to-grade")))


def test_grades_come_back(runs: list[RunFolder], tmp_path: Path) -> None:
    """`review import` takes what people grade in the page, and the next page has it beside the judge."""
    path = tmp_path / "report.html"
    page = Parsed(mb.report_page(runs, path).path.read_text("utf-8"))
    said = {"grade": "partial", "key_finding": "no", "comment": "as I see it", "reviewer": "Ada"}
    rows = [{"history": "", **row, **said} for row in _sheet_of(page, 100)]
    with (tmp_path / "review-ada.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    done = import_sheet(tmp_path / "review-ada.csv", runs)
    assert (done.taken, done.raters) == (len(rows), ("reviewer:Ada",))
    people = [one for run in runs for one in read_records(run.path / VERDICTS, Verdict)]
    assert sum(one.rater_kind == "reviewer" for one in people) == len(rows)
    again = Parsed(mb.report_page(runs, path).path.read_text("utf-8"))
    verdicts = again.island("c-case-000")["outputs"][0]["verdicts"]
    assert any("Ada" in one and "as I see it" in one for one in verdicts)
    assert "reviewer:Ada" in again.text


def test_nothing_to_grade(tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]) -> None:
    """Where no system has a text, the page has no form."""
    bench = write_benchmark(tmp_path / "bench", 3)
    made = [graded_run(tmp_path / name, bench, "xxx") for name in GRADES]
    page = Parsed(mb.report_page(made, tmp_path / "report.html").path.read_text("utf-8"))
    assert page.island("to-grade") == []
    assert "Grade blind" not in page.text
