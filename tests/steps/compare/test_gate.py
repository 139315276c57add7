"""The gate: pass, fail or undecided, from the record of `compare`, with a bounded rate of false passes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from graded_runs import graded_run

import medbench as mb
from medbench.errors import UsageError
from medbench.schema.score import Interval
from medbench.stats.paired import difference_intervals, rate_difference_interval
from medbench.steps.compare.gate import decide
from medbench.store.benchmark import BenchmarkFolder

_SOME = "g" * 20 + "o" * 20


@pytest.mark.parametrize(
    ("run", "options", "outcome", "words"),
    [
        (_SOME, ("--max-drop", 10), "pass", "a drop of more than 10 points is ruled out"),
        (_SOME, (), "undecided", "Needed: about "),
        ("g" * 30 + "o" * 10, (), "pass", "good +25 points ["),
        ("o" * 40, (), "fail", "it is worse by more than 5 points"),
        ("o" * 40, ("--max-drop", 90), "pass", "a drop of more than 90 points is ruled out"),
        ("o" * 2 + "g" * 18 + "o" * 20, (), "undecided", "case"),
        ("g" * 20 + "o" * 15 + "t" * 5, (), "undecided", "35 of 40 cases have both, 95 % are wanted"),
        (
            "g" * 20 + "o" * 15 + "t" * 5,
            ("--coverage", 0.8, "--max-drop", 10),
            "pass",
            "Were each missing grade against new: ",
        ),
        ("g" * 20 + "o" * 15 + "x" * 5, (), "undecided", "Needed: 38 cases with both."),
        ("x" * 40, (), "undecided", "no case has"),
    ],
    ids=[
        "same",
        "same-but-few",
        "better",
        "worse",
        "worse-and-allowed",
        "few",
        "not-judged",
        "less-wanted",
        "failed",
        "nothing",
    ],
)
def test_three_outcomes_and_their_exit_codes(
    many: BenchmarkFolder,
    tmp_path: Path,
    medbench: Callable[..., Any],
    run: str,
    options: tuple[object, ...],
    outcome: str,
    words: str,
) -> None:
    """0 where a larger drop is ruled out, 1 where it is shown, 3 else with what is needed; in each format."""
    graded_run(tmp_path / "runs/many/old", many, _SOME)
    graded_run(tmp_path / "runs/many/new", many, run)
    line = ("gate", "new", "--against", "old", *options)
    said = medbench(*line)
    assert (said.code, said.words.split(":")[0]) == (
        {"pass": 0, "fail": 1, "undecided": 3}[outcome],
        outcome.capitalize(),
    ), said.err
    assert words in said.words
    record = json.loads(medbench(*line, "--format", "json").out)
    compared = json.loads(medbench("compare", "old", "new", "--json").out)["pairs"][0]["conclusion"]
    for name in ("metric", "difference", "interval", "n", "wanted"):
        assert record[name] == compared[name]
    claims = medbench(*line, "--format", "junit")
    (suite,) = ET.fromstring(claims.out)
    counted = {
        "pass": suite.attrib["tests"],
        "fail": suite.attrib["failures"],
        "undecided": suite.attrib["skipped"],
    }
    assert (counted[outcome], claims.code) == ("1", said.code)
    assert words in medbench(*line, "--format", "markdown").out.replace("\\", "")


def test_python_has_the_same_answer(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """`mb.gate` gives the record that the command prints, notices too; itself and two runs are refused."""
    graded_run(tmp_path / "runs/many/old", many, _SOME)
    graded_run(tmp_path / "runs/many/new", many, "gp" * 20)
    answer = mb.gate("new", mb.runs("old")[0], max_drop=10)
    typed = json.loads(medbench("gate", "new", "--against", "old", "--max-drop", 10, "--format", "json").out)
    assert answer.to_dict() == typed
    row = answer.to_frame().iloc[0]
    assert (row["outcome"], row["n"], row["low"]) == (answer.outcome, 40, typed["interval"]["low"])
    many.path.rename(tmp_path / "away")
    said = medbench("gate", "new", "--against", "old")
    assert "Note: the benchmark of runs/many/old is not where it was" in said.words
    for run in ("old", "runs/many"):
        with pytest.raises(UsageError):
            mb.gate(run, "old")


def test_a_system_is_not_held_against_a_baseline(medbench: Callable[..., Any]) -> None:
    """Floors stand beside systems in a comparison; two baselines are compared as systems are."""
    medbench("run", "phantom-40", "--limit", 8)
    medbench("run", "phantom-40", "-m", "echo", "--limit", 8)
    said = medbench("gate", "echo", "--against", "baseline-normal")
    assert said.code == 2
    assert "no gate between a system and a baseline" in said.err
    said = medbench("gate", "baseline-generic", "--against", "baseline-normal")
    assert (said.code, "Needed: about" in said.words) == (3, True)


def test_nothing_passes_by_an_interval_that_may_be_too_narrow() -> None:
    """As 'equivalent' in compare; a drop is shown by one all the same; equal outputs in many groups pass."""

    def outcome(low: float, high: float, approximate: str | None = None, clusters: int = 40) -> str:
        method = "bca+t"
        return decide(
            Interval(low=low, high=high, method=method, clusters=clusters, approximate=approximate),
            0.05,
            0.05,
        )[0]

    assert outcome(-0.04, 0.1) == "pass"
    assert outcome(-0.05, 0.1) == outcome(-0.2, -0.05) == "undecided"
    assert outcome(-0.3, -0.06) == outcome(-0.3, -0.06, "few groups") == "fail"
    assert outcome(-0.04, 0.1, "few groups") == "undecided"
    assert outcome(0.0, 0.0, "few groups", 60) == "pass"
    assert decide(None, 0.05, 0.05) == ("undecided", "no interval can be computed from so few topics")


def _passes(intervals: Iterable[Interval | None]) -> float:
    return float(np.mean([decide(interval, 0.05, 0.05)[0] == "pass" for interval in intervals]))


@pytest.mark.parametrize(("cases", "discordance"), [(60, 0.10), (100, 0.25), (300, 0.30), (600, 0.06)])
def test_a_grade_at_the_margin_passes_falsely_at_most_5_percent(cases: int, discordance: float) -> None:
    """With a true drop of exactly 5 points, grades pass in at most 5 % of studies, and Monte Carlo error."""
    draws, rng = 2_000, np.random.default_rng(20260205)
    shares = [(discordance - 0.05) / 2, 1 - discordance, (discordance + 0.05) / 2]
    studies = rng.choice([1.0, 0.0, -1.0], size=(draws, cases), p=shares)
    rate = _passes(rate_difference_interval(study) for study in studies)
    assert rate <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)


@pytest.mark.parametrize("cases", [60, 200])
def test_a_metric_at_the_margin_passes_falsely_at_most_5_percent(cases: int) -> None:
    """The same for a mean: many cases equal, the others anywhere between -1 and 1."""
    draws, rng = 400, np.random.default_rng(20260205)
    apart = rng.beta(1.0, 1.5, size=(draws, cases)) * 2 - 1  # mean -.2
    studies = np.where(rng.random((draws, cases)) < 0.25, apart, 0.0)
    rate = _passes(difference_intervals([*studies]))
    assert rate <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)
