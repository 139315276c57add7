"""Grades by rater and case: repeats by their median, fallbacks and older texts counted, failures named."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from columns import cases, grades, table
from graded_runs import graded_run, verdict

from medbench.schema.response import Failure
from medbench.schema.verdict import GRADES, Grade, JudgedText, Verdict
from medbench.steps.reading.grades import RULES, Grades, grades_of, why_missing
from medbench.steps.reading.output_grades import OutputGrades, RowGrade
from medbench.steps.reading.raters import Raters
from medbench.steps.reading.score_columns import cases_of, score_table_of
from medbench.steps.reading.verdict_book import RaterKey
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_records
from medbench.store.runs import VERDICTS, RunFolder


@pytest.fixture
def run(bench: BenchmarkFolder, tmp_path: Path) -> RunFolder:
    """A run on a benchmark of six cases, without verdicts."""
    return graded_run(tmp_path / "runs/bench/a", bench, "------")


def _of(run: RunFolder, *verdicts: Verdict, **changes: Any) -> dict[str, Grades]:
    write_records(run.path / VERDICTS, verdicts)
    return grades_of(run, score_table_of(run, cases_of([run])), **changes)


def _again(case: int, letter: str, number: int, **changes: Any) -> Verdict:
    return verdict(f"case-{case:03d}", letter, "j", judge_replicate=number).model_copy(update=changes)


@dataclass
class _Plainly:
    """The gradings of one output by one rater, in dictionaries: what columns must come to as well."""

    grades: dict[int, int] = field(default_factory=dict)
    keys: dict[int, bool] = field(default_factory=dict)
    failure: str | None = None
    by_fallback: bool = False
    older: bool = False

    def take(self, verdict: Verdict, parser: str) -> None:
        """Add a verdict; the first of a judging stands unless it is corrected."""
        if verdict.failure is not None:
            self.failure = verdict.failure.kind
            return
        assert verdict.grade is not None
        if verdict.judge_replicate in self.grades and not verdict.corrects:
            return
        self.keys.pop(verdict.judge_replicate, None)
        self.grades[verdict.judge_replicate] = GRADES.index(verdict.grade)
        if verdict.key_finding is not None:
            self.keys[verdict.judge_replicate] = verdict.key_finding
        self.by_fallback |= verdict.by_fallback
        self.older |= verdict.judged_text is not None and verdict.judged_text.parser != parser

    def grade(self) -> Grade | None:
        """Return the median of the grades, the lower of two."""
        ordered = sorted(self.grades.values())
        return GRADES[ordered[(len(ordered) - 1) // 2]] if ordered else None

    def key(self) -> bool | None:
        """Return whether more than half name the key finding."""
        return 2 * sum(self.keys.values()) > len(self.keys) if self.keys else None


def _drawn(draw: random.Random) -> Verdict:
    grade = draw.choice([*GRADES, *GRADES, None])
    text = JudgedText(sha256="1", parser=draw.choice(["findings-1", "findings-2"]))
    return Verdict(
        case_id=f"case-{draw.randrange(7):03d}",  # there are six
        replicate=draw.choice([0, 0, 3, 2**70]),
        rater=draw.choice(["one", "two"]),
        rater_kind="judge",
        judge_replicate=draw.choice([0, 0, 5]),
        grade=grade,
        key_finding=draw.choice([None, False, True]) if grade else None,
        failure=None if grade else Failure(kind=draw.choice(["prose", "timeout"]), reason="r", final=True),
        by_fallback=draw.random() < 0.2,
        corrects=draw.random() < 0.2,
        judged_text=draw.choice([None, text]),
    )


@pytest.mark.parametrize("seed", range(40))
def test_columns_come_to_what_reading_verdict_by_verdict_does(run: RunFolder, seed: int) -> None:
    """Medians, key findings, corrections, failures, the fallback's cases, texts of older parsers."""
    draw = random.Random(seed)
    verdicts = [_drawn(draw) for _ in range(draw.randrange(60))]
    cases = frozenset({"case-002", "case-006"})
    names = {RaterKey(name, None): name for name in ("one", "two")}
    raters = Raters(names, dict.fromkeys(names, cases))
    plain: dict[tuple[str, str, int], _Plainly] = {}
    for one in verdicts:
        if one.by_fallback == (one.case_id in cases):
            plain.setdefault((one.rater, one.case_id, one.replicate), _Plainly()).take(one, "findings-2")
    found = _of(run, *verdicts, parser="findings-2", raters=raters)
    inside = {key: output for key, output in plain.items() if key[1] != "case-006"}
    assert list(found) == list(dict.fromkeys(rater for rater, _, _ in inside))
    for rater, of_rater in found.items():
        own = {key[1:]: output for key, output in inside.items() if key[0] == rater}
        for index, case_id in enumerate(cases_of([run]).ids):
            of_case = [output for (case, _), output in own.items() if case == case_id]
            assert of_rater.graded[index] == sum(output.grade() is not None for output in of_case)
            assert of_rater.key_graded[index] == sum(output.key() is not None for output in of_case)
            assert of_rater.counts["key_finding"][index] == sum(output.key() is True for output in of_case)
            for name in GRADES:
                assert of_rater.counts[name][index] == sum(output.grade() == name for output in of_case)
        assert of_rater.failures == Counter(one.failure for one in own.values() if one.grade() is None)
        graded = [output for output in own.values() if output.grade() is not None]
        assert of_rater.by_fallback == sum(output.by_fallback for output in graded)
        assert of_rater.older == sum(output.older for output in graded)
    rows = OutputGrades(run, raters)
    for case_id, replicate in {(one.case_id, one.replicate) for one in verdicts} | {("case-000", 1)}:
        seen = {key[0]: output for key, output in plain.items() if key[1:] == (case_id, replicate)}
        expected = {rater: RowGrade(output.grade(), output.key()) for rater, output in seen.items()}
        assert list(rows.of(case_id, replicate).items()) == list(expected.items())


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
    """A failure before a success is over; what failed is not a case of any rate."""
    failure = Failure(kind="prose", reason="r", final=True)
    lines = [
        _again(0, "t", 0, grade=None, failure=failure),
        _again(0, "g", 0),
        _again(1, "t", 0, grade=None, failure=failure),
    ]
    found = _of(run, *lines)["j"]
    assert found.failures == {"prose": 1}
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


def test_equal_levels_are_equal_to_the_last_digit() -> None:
    """Three partial of five, and one good and one partial of five, are the same level."""
    counts = {"good": np.array([0, 1], np.int32), "partial": np.array([3, 1], np.int32)}
    five = np.array([5, 5], np.int32)
    level = Grades("rater", "judge", counts, five, five).level()
    assert level[0] == level[1] == pytest.approx(0.6)


def test_why_outputs_have_no_grade() -> None:
    """They failed or were not run, their verdicts failed, or nobody asked; the most frequent first."""
    scores = table(cases(6))
    scores.outputs = np.array([0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    scores.failures = Counter(blocked=1)
    of_rater = grades("-----g")
    of_rater.failures = Counter(prose=1)
    assert list(why_missing(scores, of_rater, 6).items()) == [
        ("no verdict: not judged", 2),
        ("no output: blocked", 1),
        ("no output: not run", 1),
        ("no verdict: prose", 1),
    ]
    assert why_missing(table(cases(1)), grades("g"), 1) == {}


def test_a_case_with_one_grade_of_three_lacks_two() -> None:
    """Each output without a grade is counted, also where another one of its case has one."""
    scores = table(cases(2))
    scores.outputs = np.array([1.0, 3.0])
    scores.failures = Counter(empty=2)
    of_rater = grades("g--gp-", repeats=3)
    of_rater.failures = Counter(prose=1)
    missing = why_missing(scores, of_rater, 6)
    assert missing == {"no output: empty": 2, "no verdict: prose": 1}
    assert sum(missing.values()) == 6 - of_rater.graded.sum()
