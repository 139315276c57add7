"""Seconds, dollars and scores of single outputs: what is counted, and where it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run
from pages import Parsed

import medbench as mb
from medbench.report.page.page import report_page
from medbench.report.page.plots import WIDTH
from medbench.report.page.spreads import spread_plots
from medbench.schema.archive import Archive
from medbench.schema.results.report_view import ReportView, Spread
from medbench.schema.score import Score
from medbench.steps.show.report import report_view
from medbench.steps.show.spreads import spreads_of
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records, write_records
from medbench.store.runs import SCORES, RunFolder

NOTHING = Archive(images="none", files=())


GRADES = {"able": "gggpgoggtgpg", "base": "gpoogoogpgo-"}


def _changed(run: RunFolder, change: Callable[[int], dict[str, float | None]]) -> None:
    scores = [
        score.model_copy(update={"scores": {**score.scores, **change(number)}})
        for number, score in enumerate(read_records(run.path / SCORES, Score))
    ]
    write_records(run.path / SCORES, scores)


@pytest.fixture
def view(tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]) -> ReportView:
    """Two graded runs on twelve cases, whose F1, length, seconds and dollars are set."""
    bench = write_benchmark(tmp_path / "bench", 12)
    able, base = (graded_run(tmp_path / "runs" / name, bench, grades) for name, grades in GRADES.items())
    record = mb.compare([able, base]).record
    _changed(
        able,
        lambda n: {
            "latency_ms": 1_000.0 * (n + 1),
            "cost_usd": None,
            "words": 10 * (n + 1),
            "finding.f1": n / 11,
        },
    )
    _changed(base, lambda _: {"latency_ms": None, "cost_usd": 0.01, "words": 500, "finding.f1": 0.5})
    return report_view(record, NOTHING)


def test_what_is_counted(view: ReportView) -> None:
    """Median and nine tenths are those of the outputs that have the value; an unknown one is in none."""
    found = {(one.metric, one.by, one.system, one.part): one for one in view.spreads}
    seconds = found["latency_ms", "all", "able", ""]
    assert (seconds.n, seconds.median) == (12, 6_500)
    assert (seconds.low, seconds.high) == pytest.approx((1_550, 11_450))
    assert seconds.values == tuple(1_000.0 * (n + 1) for n in range(12))
    assert ("latency_ms", "all", "base", "") not in found
    assert found["cost_usd", "all", "base", ""].n == 12
    assert ("cost_usd", "all", "able", "") not in found
    grades = {key[3]: one.n for key, one in found.items() if key[1:3] == ("grade", "able")}
    assert grades == {"good": 8, "partial": 2, "poor": 1}
    lengths = {key[2:]: one.n for key, one in found.items() if key[1] == "length"}
    short, long = "1\N{EN DASH}70 words", "71\N{EN DASH}500 words"
    assert lengths == {("able", short): 7, ("able", long): 5, ("base", long): 12}


def test_where_it_is_drawn() -> None:
    """Scores lie evenly between 0 and 1; seconds by powers of ten; of many values some are drawn."""
    f1 = Spread("finding.f1", "grade", "able", "good", 3, 0.5, 0.0, 1.0, (0.0, 0.5, 1.0))
    slow = Spread("latency_ms", "all", "able", "", 3, 10_000, 1_000, 100_000, (1_000, 10_000, 100_000))
    times, scores = spread_plots([slow, f1])
    (row,) = times.rows
    assert row.dots == (row.low, row.point, row.high)
    assert row.point == WIDTH / 2
    assert row.cells == ("able", "3", "10.0 [1.0\N{EN DASH}100.0]")
    ((system, (row,)),) = scores.parts
    assert system == "able"
    assert row.dots[1] == row.point == WIDTH / 2
    assert row.cells == ("good", "3", ".50 [.00\N{EN DASH}1.00]")


def test_the_page_has_them(view: ReportView) -> None:
    """Each spread is a row of a table on the page, with a dot for each value."""
    parsed: Any = Parsed("".join(report_page(view, [], [])))
    assert ["able", "12", "6.5 [1.6\N{EN DASH}11.5]"] in [
        [cell.strip() for cell in cells if cell.strip()] for table in parsed.tables for cells in table
    ]
    assert "Metric against judge: finding F1 by the grade" in parsed.text
    assert "Quality by dollar and second" in parsed.text
    paths = [attrs["d"] for tag, attrs in parsed.elements if tag == "path"]
    assert paths[0].count("M") == 12


def test_many_values_are_thinned_out(view: ReportView, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many values some are drawn, the first and the last among them; all of them are counted."""
    monkeypatch.setattr("medbench.steps.show.spreads._DRAWN", 3)
    seconds = next(spreads_of(view.cases, ["able", "base"]))
    assert seconds.values == (1_000, 7_000, 12_000)
    assert (seconds.n, seconds.median) == (12, 6_500)
