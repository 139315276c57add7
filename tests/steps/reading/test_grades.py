"""Grades by rater and case: repeats by their median, fallbacks and older texts counted, failures named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from columns import cases, grades, table
from graded_runs import graded_run, verdict
from hypothesis import given
from hypothesis import strategies as st

from medbench.schema.response import Failure
from medbench.schema.verdict import GRADES, JudgedText, Verdict
from medbench.steps.reading.grades import RULES, GradedOutput, grades_of, why_missing
from medbench.steps.reading.raters import Raters
from medbench.steps.reading.score_columns import cases_of, score_table_of
from medbench.steps.reading.verdict_book import RaterKey
from medbench.store.jsonl import write_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.steps.reading.grades import Grades
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder


@pytest.fixture
def run(bench: BenchmarkFolder, tmp_path: Path) -> RunFolder:
    """A run on a benchmark of six cases, without verdicts."""
    return graded_run(tmp_path / "runs/bench/a", bench, "------")


def _of(run: RunFolder, *verdicts: Verdict, **changes: Any) -> dict[str, Grades]:
    write_records(run.path / VERDICTS, verdicts)
    return grades_of(run, score_table_of(run, cases_of([run])), **changes)


def _again(case: int, letter: str, number: int, **changes: Any) -> Verdict:
    return verdict(f"case-{case:03d}", letter, "j", judge_replicate=number).model_copy(update=changes)


@given(st.lists(st.sampled_from("gpo"), min_size=1, max_size=7))
def test_of_several_gradings_the_median_counts_the_lower_of_two(letters: list[str]) -> None:
    """In whatever order they come; the key finding where more than half say so."""
    output = GradedOutput("judge")
    for number, letter in enumerate(letters):
        key = {"key_finding": letter == "g"}
        output.take(_again(0, letter, number).model_copy(update=key), None)
    levels = sorted("opg".index(letter) for letter in letters)
    assert output.grade == GRADES[levels[(len(levels) - 1) // 2]]
    assert output.key_finding == (2 * letters.count("g") > len(letters))


def test_the_first_verdict_of_a_repeat_stands() -> None:
    """A second one of the same number changes nothing, not even the key finding."""
    output = GradedOutput("judge")
    output.take(_again(0, "g", 0, key_finding=True), None)
    output.take(_again(0, "o", 0, key_finding=False, by_fallback=True), None)
    assert (output.grade, output.key_finding, output.by_fallback) == ("good", True, False)


def test_raters_are_apart_and_the_first_to_grade_stands_first(run: RunFolder) -> None:
    """Each with its own cases; a case that is none of the benchmark's is passed over."""
    found = _of(
        run,
        verdict("case-001", "g", "two"),
        verdict("case-000", "o", "one"),
        verdict("case-001", "p", "one"),
        verdict("elsewhere", "g", "one"),
    )
    assert list(found) == ["two", "one"]
    assert found["one"].graded.tolist() == [1, 1, 0, 0, 0, 0]
    assert found["one"].level().tolist()[:2] == [0, 1]
    assert np.isnan(found["two"].share("good")).tolist() == [True, False, True, True, True, True]


def test_failures_are_named_only_where_no_grade_came(run: RunFolder) -> None:
    """A failure before a success is over; what failed is no case of any rate."""
    failure = Failure(kind="prose", reason="r", final=True)
    lines = [
        _again(0, "t", 0, grade=None, failure=failure),
        _again(0, "g", 0),
        _again(1, "t", 0, grade=None, failure=failure),
    ]
    found = _of(run, *lines)["j"]
    assert found.failures == {1: "prose"}
    assert found.graded.tolist()[:2] == [1, 0]


def test_grades_by_fallback_and_of_older_texts_are_counted(run: RunFolder) -> None:
    """Of a case that the fallback grades for all systems its verdict counts, and no other of that case."""
    old, new = JudgedText(sha256="1", parser="findings-1"), JudgedText(sha256="2", parser="findings-2")
    lines = [
        _again(0, "g", 0, judged_text=old),
        _again(1, "g", 0, judged_text=new),
        _again(2, "g", 0),
        _again(2, "o", 0, by_fallback=True),
        _again(3, "o", 0, by_fallback=True),
    ]
    rater = RaterKey("j", None)
    raters = Raters({rater: "j"}, {rater: frozenset({"case-002"})})
    found = _of(run, *lines, parser="findings-2", raters=raters)
    assert (found["j"].by_fallback, found["j"].older) == (1, 1)
    assert found["j"].counts["poor"].tolist()[:4] == [0, 0, 1, 0]
    assert found["j"].graded.tolist()[:4] == [1, 1, 1, 0]


def test_the_rules_are_read_from_the_scores() -> None:
    """As counts of a rater like any other, with their own denominator of the key finding."""
    scores = table(
        cases(3),
        rules__good=[1.0, 0.0, None],
        rules__partial=[0.0, 1.0, None],
        rules__key_finding=[1.0, None, None],
    )

    class NoVerdicts:
        """A run whose folder holds no verdicts."""

        def __init__(self, path: Path) -> None:
            self.path = path

    from pathlib import Path

    found = grades_of(NoVerdicts(Path("nowhere")), scores)[RULES]  # type: ignore[arg-type] # its path is all that is read
    assert found.kind == "rules"
    assert found.share("good").tolist()[:2] == [1, 0]
    assert found.key_graded.tolist() == [1, 0, 0]
    assert found.counts["poor"].tolist() == [0, 0, 0], "a rule that never says poor has no such column"


def test_why_a_case_has_no_grade() -> None:
    """Its output failed or was not run, its verdict failed, or nobody asked; the most frequent first."""
    scores = table(cases(6))
    scores.outputs = np.array([0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    scores.failures = {0: "blocked"}
    of_rater = grades("-----g")
    of_rater.failures = {2: "prose"}
    assert list(why_missing(scores, of_rater, range(5)).items()) == [
        ("no verdict: not judged", 2),
        ("no output: blocked", 1),
        ("no output: not run", 1),
        ("no verdict: prose", 1),
    ]
    assert why_missing(scores, of_rater, []) == {}
