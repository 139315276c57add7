"""What compare prints: each conclusion in words, exit codes, forced comparisons, the overview with grades."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run, verdict
from screens import printed

from medbench.report.compare.conclusion import floors
from medbench.report.compare.summary import overview
from medbench.steps.compare.run_table import rows_of
from medbench.store.benchmark import BenchmarkFolder


def _words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("first", "second", "options", "code", "words"),
    [
        (
            "o" * 40,
            "g" * 12 + "o" * 28,
            (),
            0,
            "b is better than a: good on 30 more cases in 100",
        ),
        ("g" * 12 + "o" * 28, "o" * 40, (), 0, "a is better than b: good on 30 more cases in 100"),
        ("g" * 40, "g" * 40, ("--margin", 10), 0, "b and a are equivalent within 10 points"),
        ("g" * 3 + "o" * 37, "o" * 3 + "g" * 3 + "o" * 34, (), 0, "the difference seen is too small"),
        (
            "o" * 20 + "t" * 20,
            "g" * 12 + "o" * 28,
            (),
            3,
            "No conclusion yet: 20 of 40 cases have good for both b and a",
        ),
        ("o" * 39 + "t", "g" * 20 + "o" * 20, (), 0, "The case not judged for both cannot change this."),
        ("-" * 20 + "x" * 20, "x" * 20 + "-" * 20, (), 0, "No conclusion: no case has finding F1 for both"),
    ],
)
def test_conclusions_in_words(
    many: BenchmarkFolder,
    tmp_path: Path,
    medbench: Callable[..., Any],
    first: str,
    second: str,
    options: tuple[object, ...],
    code: int,
    words: str,
) -> None:
    """Better, worse, equivalent, inconclusive, withheld (exit 3) and nothing, always within 80 columns."""
    graded_run(tmp_path / "runs/many/a", many, first)
    graded_run(tmp_path / "runs/many/b", many, second)
    said = medbench("compare", *options)
    assert said.code == code, said.err
    assert words in _words(said.out)
    assert [line for line in (said.out + said.err).splitlines() if len(line) > 80] == []
    assert medbench("compare", "--json", *options).code == code


def test_a_planned_look_says_its_level_and_the_next(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """Better at p = .021 is not enough at the second look; screen and record carry look and level."""
    graded_run(tmp_path / "runs/many/a", many, "g" * 2 + "o" * 38)
    graded_run(tmp_path / "runs/many/b", many, "oo" + "g" * 11 + "o" * 27)
    assert "b is better than a" in medbench("compare").words
    said = medbench("compare", "--look", 2)
    assert said.code == 0, said.err
    assert "Look 2 of a plan to look again as cases come in: tests at p ≤ .0083 (.05 / (2 x 3))" in said.words
    assert "Next time: look 3." in said.words
    assert "80 % power at look 3" in said.words
    assert "Testing again costs" not in said.words
    record = json.loads(medbench("compare", "--look", 2, "--json").out)
    assert (record["look"], round(record["alpha"], 4)) == (2, 0.0083)
    assert record["pairs"][0]["conclusion"]["interval"]["level"] == pytest.approx(1 - 0.05 / 6)
    assert medbench("compare", "--look", 0).code == 2


def test_two_forms_at_once_are_refused(medbench: Callable[..., Any]) -> None:
    """A service that reads JUnit is given no JSON."""
    said = medbench("compare", "--json", "--format", "junit")
    assert (said.code, said.out) == (2, "")
    assert "--json and --format junit are two forms." in said.words


def test_three_systems_people_and_force(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """The test of all systems stands first; people's corrections and what was forced are said."""
    people = [verdict(f"case-{n:03d}", "gpo"[n % 3], "dr-a", kind="reviewer") for n in range(0, 40, 2)]
    graded_run(tmp_path / "runs/many/a", many, "gpoo" * 10, more=people)
    graded_run(tmp_path / "runs/many/b", many, "gggo" * 10, more=people)
    graded_run(tmp_path / "runs/many/c", many, "oogo" * 10, rater="judge-2")
    said = medbench("compare")
    assert said.code == 1
    assert "graded by different raters" in said.err
    said = medbench("compare", "--force")
    assert said.code == 0, said.err
    out = _words(said.out)
    assert "Forced: the systems were graded by different raters" in out
    assert "All 3 systems, good over 40 cases: not all alike" in out
    assert "First by good: b" in out
    full = medbench("compare", "--force", "--full").words
    assert "as people %" in full
    assert "people graded for both" in full
    assert medbench("compare", "a", "b", "--judge", "nobody").code == 2
    assert medbench("compare", "a", "b", "--against", "nobody").code == 2


def test_the_overview_has_intervals_and_is_not_tested(many: BenchmarkFolder, tmp_path: Path) -> None:
    """What run and import end with has no conclusion, and every mean an interval."""
    runs = [graded_run(tmp_path / "runs/many" / name, many, "g" * 40) for name in "ab"]
    comparison = rows_of(runs)
    assert comparison.pairs == ()
    assert all(one.interval for row in comparison.systems for one in row.metrics.values() if one.n > 1)
    assert list(overview(comparison))


def test_the_overview_says_that_rows_rest_on_different_cases(many: BenchmarkFolder, tmp_path: Path) -> None:
    """Said where one run lacks a case that another has; not where the same case is missing from both."""
    runs = {
        name: graded_run(tmp_path / "runs/many" / name, many, grades)
        for name, grades in (("a", "g" * 40), ("b", "x" + "g" * 39), ("c", "x" + "g" * 39))
    }
    comparison = rows_of([runs["a"], runs["b"]])
    assert (comparison.pairs[0].both, comparison.pairs[0].only_a) == (39, 1)
    assert "different cases" in printed(*floors(comparison))
    assert printed(*floors(rows_of([runs["b"], runs["c"]]))) == ""


def test_a_run_of_fewer_cases_rests_on_other_cases(medbench: Callable[..., Any]) -> None:
    """Also where each row has every output that was asked for."""
    assert "different cases" not in medbench("run", "phantom-40", "--limit", "6").err
    shutil.rmtree("runs/phantom-40/baseline-generic")
    assert "different cases" in medbench("run", "phantom-40", "--limit", "4").err


@pytest.mark.usefixtures("all_draws")
def test_a_part_has_one_interval_on_every_screen(
    medbench: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parts of a pair, and those of each run by itself, rest on the same resamples, group by group."""
    monkeypatch.chdir(tmp_path)
    assert medbench("run").code == 0
    compared = json.loads(medbench("compare", "baseline-normal", "baseline-random", "--json").out)
    rows = {row["name"]: row["by"] for row in compared["systems"]}
    parts = [
        (part[side], rows[table[side]][table["by"]][part["value"]]["metrics"][table["metric"]])
        for table in compared["strata"]
        for part in table["parts"]
        for side in "ab"
    ]
    assert len(parts) > 20
    for of_pair, of_run in parts:
        assert (of_pair["mean"], of_pair["n"]) == (pytest.approx(of_run["mean"]), of_run["n"])
        assert of_pair["interval"] == of_run["interval"]
