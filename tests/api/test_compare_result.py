"""Comparisons, plans and rescoring from Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import medbench as mb
from medbench.errors import InputError, UsageError
from medbench.store.runs import RunFolder


def test_a_comparison_has_a_row_for_each_pair_and_metric(graded: list[RunFolder]) -> None:
    """Difference, interval, p and n are the record's; the conclusion stands at its metric."""
    comparison = mb.compare(["a", "b"])
    (pair,) = comparison.record.pairs
    assert pair.graded is not None
    frame = comparison.to_frame().set_index("metric")
    assert set(frame.index) == {"good", "grade", "key_finding", *pair.metrics}
    good = frame.loc["good"]
    assert (good["a"], good["b"], good["n"]) == ("a", "b", pair.graded.good.n)
    assert good["difference"] == pair.graded.good.difference
    assert (good["p"], good["test"]) == (pair.graded.good.p, "mcnemar")
    assert frame["conclusion"].notna().sum() == 1
    assert good["conclusion"] in " ".join(comparison.conclusions)
    for metric, paired in pair.metrics.items():
        assert frame.loc[metric, "difference"] == paired.difference
        assert frame.loc[metric, "n"] == paired.n
        if paired.interval:
            assert (frame.loc[metric, "low"], frame.loc[metric, "high"]) == (
                paired.interval.low,
                paired.interval.high,
            )
        else:
            assert pd.isna(frame.loc[metric, "low"])


def test_a_conclusion_without_a_number_keeps_its_row(graded: list[RunFolder]) -> None:
    """Where no case has the metric for both, the conclusion says so with n 0 and no difference."""
    for run in graded:
        lines = (run.path / "outputs.jsonl").read_text("utf-8").splitlines(keepends=True)
        half = lines[:3] if run.name == "a" else lines[3:]
        (run.path / "outputs.jsonl").write_text("".join(half), "utf-8")
        (run.path / "verdicts.jsonl").unlink()
    frame = mb.compare(["a", "b"]).to_frame()
    row = frame[frame["conclusion"].notna()].iloc[0]
    assert (row["n"], row["outcome"]) == (0, "nothing")
    assert pd.isna(row["difference"])


def test_names_and_options_are_those_of_the_command(
    graded: list[RunFolder], medbench: Callable[..., Any]
) -> None:
    """The data are what `compare --json` prints, whatever the runs are named by, with every option."""
    typed = json.loads(medbench("compare", "--json").out)
    runs = mb.runs()
    ways: list[Any] = [None, "bench", ["a", "b"], runs, [mb.runs("a"), "runs/bench/b"], iter(["a", runs[1]])]
    for way in ways:
        assert mb.compare(way).to_dict() | {"rescored": {}} == typed | {"rescored": {}}
    options = ("--judge", "rules", "--against", "b", "--margin", "10", "--exact", "--min-coverage", ".5")
    typed = json.loads(medbench("compare", "a", "b", *options, "--json").out)
    asked = mb.compare(["a", "b"], judge="rules", against="b", margin=10, exact=True, min_coverage=0.5)
    assert asked.to_dict() == typed
    typed = json.loads(medbench("compare", "--offline", "--json").out)
    assert mb.compare(offline=True).to_dict() == typed
    assert (asked.rater, len(graded)) == ("rules", 2)
    assert asked.signatures == typed["signatures"]


def test_estimates_of_all_systems_are_one_table(graded: list[RunFolder]) -> None:
    """Grades of the rater that counts are metrics, too: with n, interval and what is missing."""
    frame = mb.compare().estimates.to_frame()
    whole = frame[frame.value == "all"].set_index(["run", "metric"])
    good = whole.loc[("a", "good")]
    assert (good["mean"], good["n"]) == (pytest.approx(1 / 3), 3)
    assert good["low"] < good["mean"] < good["high"]
    assert good["signature"] == "rater:judge-1"
    assert whole.loc[("b", "finding.f1"), "n"] == 6
    assert set(frame["run"]) == {run.name for run in graded}


@pytest.mark.usefixtures("graded")
def test_a_comparison_is_a_page_and_a_text() -> None:
    """A notebook gets conclusions and tables; `print` gives the screen of `medbench compare`."""
    comparison = mb.compare()
    assert repr(comparison) == "<CompareResult bench: a, b>"
    assert comparison._repr_html_().count("<table>") == 2
    assert comparison.conclusions[0].split(":")[0] in str(comparison)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"margin": -1}, "margin cannot be -1"),
        ({"min_coverage": 1.5}, "min_coverage cannot be 1.5"),
        ({"min_coverage": float("nan")}, "min_coverage cannot be nan"),
        ({"margin": "5"}, "margin cannot be '5'"),
        ({"judge": "judge-2"}, "judge-2"),
        ({"against": "c"}, "'c'"),
    ],
)
@pytest.mark.usefixtures("graded")
def test_wrong_options_are_errors_with_a_hint(options: dict[str, Any], words: str) -> None:
    """What the command line would refuse is refused here, by the same kind of error."""
    with pytest.raises(UsageError, match=words) as error:
        mb.compare(["a", "b"], **options)
    assert error.value.hint


@pytest.mark.usefixtures("here")
def test_before_the_first_run_the_error_says_how_to_begin() -> None:
    """Nothing to compare or rescore is an error; a plan needs no run."""
    for function in (mb.compare, mb.rescore):
        with pytest.raises(InputError, match=r"no runs are in 'runs'.\nTry: .*medbench run"):
            function()
    assert mb.plan().needed is not None


@pytest.mark.usefixtures("graded")
def test_a_plan_is_that_of_the_command(medbench: Callable[..., Any]) -> None:
    """The same numbers with and without options; a row for each number of cases; wrong ones are refused."""
    assert mb.plan().to_dict() == json.loads(medbench("plan", "--json").out)
    typed = medbench("plan", "--difference", "20", "--discordance", ".4", "--base-rate", ".5", "--json")
    plan = mb.plan(difference=20, discordance=0.4, base_rate=0.5)
    assert plan.to_dict() == json.loads(typed.out)
    assert plan.to_frame()["cases"].tolist() == [reach.cases for reach in plan.record.reaches]
    assert repr(plan) == f"<PlanResult 20 points: {plan.needed} cases>"
    assert "<table>" in plan._repr_html_()
    typed = medbench("plan", "--benchmark", "phantom-40", "--json")
    for benchmark in ("phantom-40", mb.benchmark()):
        assert mb.plan(benchmark=benchmark).to_dict() == json.loads(typed.out)
    with pytest.raises(UsageError, match="discordance cannot be 2"):
        mb.plan(discordance=2)


@pytest.mark.usefixtures("graded")
def test_rescoring_says_what_changed() -> None:
    """Each metric before and after; the first time there is no number before."""
    first = mb.rescore().to_frame()
    assert first["before"].isna().all()
    second = mb.rescore(["a"], parser="report-2026-02", swap="any")
    frame = second.to_frame().set_index("metric")
    assert set(frame["run"]) == {"a"}
    before = first[(first.run == "a")].set_index("metric")["mean"]
    assert frame.loc["finding.f1", "before"] == before["finding.f1"]
    assert "parser:report-2026-02" in frame.loc["finding.f1", "signature"]
    assert second.signatures["a"]["findings"] == frame.loc["finding.f1", "signature"]
    assert repr(second) == "<RescoreResult 1 run>"
    assert json.loads(json.dumps(second.to_dict()))["runs"][0]["after"]["swap"] == "any"
    assert "report-2026-02" in second._repr_html_()
    assert mb.runs("a")[0].summary.parser == "report-2026-02"
    with pytest.raises(UsageError, match="no swap control is called 'regions'"):
        mb.rescore(swap="regions")
    with pytest.raises(UsageError, match="no parser is called 'findings'"):
        mb.rescore(parser="findings")
