"""What one run shows by itself, with and without the numbers of a findings scorer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graded_runs import graded_run

from medbench.report.show.run import one_run
from medbench.schema.score import Score, Summary
from medbench.steps.compare.compare import compare_runs
from medbench.steps.compare.inputs import CompareOptions
from medbench.steps.reading.grades import RULES, grades_of
from medbench.steps.reading.score_columns import cases_of, score_table_of
from medbench.steps.rescore.rescore import Rescorer
from medbench.steps.show.profile import METRICS, profile_of
from medbench.steps.show.run_view import show_run
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import file_digest, read_records, write_one, write_records
from medbench.store.runs import SCORES, SUMMARY, RunFolder


def _with_findings(run: RunFolder, numbers: Callable[[int], dict[str, float | None]]) -> Summary:
    """Score a run and add numbers that a findings scorer would give, by number of the case."""
    summary = Rescorer().rescore(run)
    scores = [
        score.model_copy(update={"scores": {**score.scores, **numbers(place)}})
        for place, score in enumerate(read_records(run.path / SCORES, Score))
    ]
    write_records(run.path / SCORES, scores)
    again = summary.model_copy(update={"scores": file_digest(run.path / SCORES)})
    write_one(run.path / SUMMARY, again)
    return again


def _findings(place: int) -> dict[str, float | None]:
    good = float(place % 3 == 0)
    return {
        "finding.f1": place / 10,
        "finding.recall": 0.0 if place == 1 else 0.5,
        "finding.missed": float(place % 2),
        "finding.invented": 0.0 if place < 2 else 1.0,
        "finding.error.side": float(place == 4),
        "rules.good": good,
        "rules.partial": 0.0,
        "rules.poor": 1 - good,
        "rules.key_finding": None if place == 5 else good,
    }


def test_patterns_are_counted_with_their_denominators(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Wrong sides, invented findings, no finding at all, secondary findings missed: so many of so many."""
    run = graded_run(tmp_path / "runs/bench/a", bench, "ggooo-")
    found = profile_of(run, _with_findings(run, _findings), repeated=0)
    patterns = {one.name: (one.count, one.of) for one in found.patterns}
    assert patterns["wrong side"] == (1, 6)
    assert patterns["invented findings"] == (4, 6)
    assert patterns["no finding named where there are some"] == (1, 6)
    assert patterns["key finding named, others missed (rules)"] == (1, 5)
    assert patterns["key finding named, others missed (judge-1)"] == (1, 5)
    assert found.metric == "finding.f1"
    assert found.hardest[0] == ("case-000", 0.0)
    assert {one.rater: one.good.n for one in found.raters} == {"rules": 6, "judge-1": 5}
    taus = {(one.what, one.metric): one for one in found.associations}
    tau = taus["judge-1", "finding.f1"]
    assert tau.n == 5
    # Five cases, two good first: 6 discordant pairs, tau-b = -6 / sqrt(6 * 10).
    assert tau.tau.value == pytest.approx(-6 / np.sqrt(60))
    assert ("words", "finding.f1") in taus
    assert [(part.by, part.value, part.n) for part in found.parts] == [("words", "1-50", 6)]


@pytest.mark.usefixtures("all_draws")
def test_a_number_of_a_part_depends_on_no_other_metric(many: BenchmarkFolder, tmp_path: Path) -> None:
    """A part that holds all values of ROUGE-L has one interval of it, wherever other metrics have theirs."""
    intervals = []
    for name, most in (("everywhere", 99), ("there", 30)):
        run = graded_run(tmp_path / "runs" / name, many, "gp" * 20)

        def findings(place: int, most: int = most) -> dict[str, float | None]:
            others = dict.fromkeys(METRICS, np.sqrt(place) / 3 if place < 30 else None)
            f1 = place / 40 if place < most else None
            return {**others, "finding.f1": f1, "words": 30.0 if place < 30 else 60.0}

        summary = _with_findings(run, findings)
        parts = {part.value: part for part in profile_of(run, summary, 0).parts if part.by == "words"}
        intervals.append(parts["1-50"].metrics["rouge_l.f1"].interval)
    assert intervals[0] == intervals[1]
    assert intervals[0] is not None


def test_rules_are_a_rater_like_any_other(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """The grades of the rules are those of the scores; they count where they are named."""
    runs = [graded_run(tmp_path / "runs/bench" / name, bench, "------") for name in "ab"]
    for run in runs:
        _with_findings(run, _findings)
    sheet = score_table_of(runs[0], cases_of(runs))
    grades = grades_of(runs[0], sheet)[RULES]
    assert grades.share("good").tolist() == [1, 0, 0, 1, 0, 0]
    assert np.isnan(grades.share("key_finding")).tolist() == [False] * 5 + [True]
    comparison = compare_runs(runs, None, CompareOptions(judge=RULES))
    assert comparison.rater == RULES
    assert comparison.pairs[0].conclusion is not None
    assert comparison.pairs[0].conclusion.metric == "good"
    assert "finding.f1" in comparison.pairs[0].metrics
    graded = comparison.systems[0].graded
    assert graded is not None
    assert (graded.good.n, graded.key_finding.n, graded.key_finding.missing) == (6, 5, 1)


def test_a_run_without_outputs_still_has_a_page(
    bench: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """All outputs failed: no hardest case, no tau, no interval, and the page prints within 100 columns."""
    run = graded_run(tmp_path / "runs/bench/a", bench, "xxxxxx")
    view = show_run(run)
    assert view.profile.hardest == ()
    assert view.profile.raters == ()
    assert list(one_run(view))
    said = medbench("show", "a")
    assert said.code == 0
    assert [line for line in said.out.splitlines() if len(line) > 100] == []
