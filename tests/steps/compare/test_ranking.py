"""Several systems in order: groups that cannot be told apart, the reference, what clearly differs."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run

from medbench.schema.results.comparison import Comparison
from medbench.schema.run import Output
from medbench.steps.compare.compare import compare_runs
from medbench.steps.compare.inputs import CompareOptions
from medbench.steps.compare.ranking import letters_of
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records, write_records

GRADES = {"low": "g" * 4 + "o" * 36, "top": "g" * 34 + "o" * 6, "mid": "g" * 14 + "o" * 26}
SIX = {f"model-of-vendor-{n}": "g" * (6 * n) + "o" * (40 - 6 * n) for n in range(6)}


def _compared(folder: Path, bench: BenchmarkFolder, grades: dict[str, str], **asked: Any) -> Comparison:
    runs = [graded_run(folder / "runs/many" / name, bench, letters) for name, letters in grades.items()]
    return compare_runs(runs, None, CompareOptions(**asked))


def test_systems_share_a_letter_unless_they_are_told_apart(many: BenchmarkFolder, tmp_path: Path) -> None:
    """34, 14 and 4 good of 40 are three groups; 14 and 11 are one; the best comes first."""
    found = _compared(tmp_path, many, GRADES).ranking
    assert found is not None
    assert [(one.name, one.groups) for one in found.systems] == [("top", "a"), ("mid", "b"), ("low", "c")]
    near = _compared(tmp_path / "near", many, GRADES | {"low": "g" * 11 + "o" * 29}).ranking
    assert near is not None
    assert [one.groups for one in near.systems] == ["a", "b", "b"]


def test_a_system_between_two_groups_is_in_both(many: BenchmarkFolder, tmp_path: Path) -> None:
    """The first and the last differ, the one between them differs from neither."""
    chain = {"a": "g" * 20 + "o" * 20, "b": "g" * 16 + "o" * 24, "c": "g" * 11 + "o" * 29}
    found = _compared(tmp_path, many, chain).ranking
    assert found is not None
    assert [one.groups for one in found.systems] == ["a", "ab", "b"]


def test_thirty_systems_that_all_differ_have_thirty_letters() -> None:
    """After z come capitals: two that differ share no letter for want of one."""
    order = [f"system-{number}" for number in range(30)]
    apart = set(itertools.combinations(order, 2))
    assert len(set(letters_of(order, apart).values())) == 30


def test_all_are_held_against_one_reference(many: BenchmarkFolder, tmp_path: Path) -> None:
    """The system of --against, or without baselines the first; adjusted over the systems."""
    found = _compared(tmp_path, many, GRADES, against="mid").ranking
    assert found is not None
    assert found.reference == "mid"
    by_name = {one.name: one.difference for one in found.systems}
    assert by_name["mid"] is None
    top, low = by_name["top"], by_name["low"]
    assert top is not None
    assert low is not None
    assert (top.difference, low.difference) == (0.5, -0.25)
    assert low.p is not None
    assert low.p_holm == pytest.approx(max(low.p, 2 * (top.p or 0)))
    equal = _compared(tmp_path / "equal", many, dict.fromkeys("cab", GRADES["top"])).ranking
    assert equal is not None
    assert "".join(one.name for one in equal.systems) == "abc", (
        "equal ones stand by name, not as they were typed"
    )
    assert equal.reference == "a"


HALVES = {"left": "g" * 22 + "t" * 18, "right": "t" * 18 + "o" * 20 + "gg", "whole": "g" * 30 + "o" * 10}


def test_a_pair_with_few_cases_of_both_is_not_compared(many: BenchmarkFolder, tmp_path: Path) -> None:
    """It is not among those that are not told apart, and the p-values of the others do not know of it."""
    found = _compared(tmp_path, many, HALVES, min_coverage=0.5).ranking
    assert found is not None
    assert {one.name: one.not_compared for one in found.systems} == {
        "left": ("right",),
        "right": ("left",),
        "whole": (),
    }
    assert found.tests == 2
    by_name = {one.name: one.difference for one in found.systems}
    assert found.reference == "left"
    assert by_name["right"] is None
    assert by_name["whole"] is not None
    all_of_them = _compared(tmp_path / "all", many, HALVES, min_coverage=0.05).ranking
    assert all_of_them is not None
    assert (all_of_them.tests, {one.not_compared for one in all_of_them.systems}) == (3, {()})


def test_the_screen_names_what_was_not_compared(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """In the sentence on the first, in that on the reference, and below the letters."""
    for name, letters in HALVES.items():
        graded_run(tmp_path / "runs/many" / name, many, letters)
    said = medbench("compare", *(f"runs/many/{name}" for name in HALVES), "--min-coverage", 0.5)
    assert "First by good: left; not told apart from it: whole; not compared with it" in said.words
    assert "(too few cases of both): right." in said.words
    assert "not told apart: whole; not compared: right." in said.words
    assert "cannot be told apart (Holm over 2 pairs), or too few cases have both" in said.words
    whole = medbench("compare", *(f"runs/many/{name}" for name in HALVES), "--min-coverage", 0.05)
    assert "not compared" not in whole.words
    assert "too few cases" not in whole.words.partition("cannot be told apart")[2][:80]


def test_each_other_system_stands_in_the_sentence_on_the_first(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """Those that it is clearly ahead of too, where another was not compared."""
    made = {"aa": "g" * 20 + "-" * 20, "bb": "p" * 40, "cc": "-" * 20 + "g" * 20}
    for name, letters in made.items():
        graded_run(tmp_path / "runs/many" / name, many, letters)
    runs = [f"runs/many/{name}" for name in made]
    some = medbench("compare", *runs, "--min-coverage", 0.4).words
    assert (
        "First by good: aa; clearly ahead of: bb; not compared with it (too few cases of both): cc." in some
    )
    assert "told apart (Holm over 2 pairs), or too few" in some
    none = medbench("compare", *runs, "--min-coverage", 0.6).words
    assert "First by good: aa; not compared with it (too few cases of both): cc, bb." in none
    assert "cannot be told apart, or too few cases have both" in none
    graded_run(tmp_path / "runs/many/dd", many, "g" * 2 + "p" * 38)
    all_of_them = medbench("compare", *runs[:2], "runs/many/dd", "--min-coverage", 0.4).words
    assert "First by good: aa; clearly ahead of all others." in all_of_them


def test_the_first_is_not_called_ahead_of_one_that_is_above_it_on_the_cases_of_both(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """It is the first for its easy cases, which the other lacks."""
    made = {"all": "g" * 20 + "o" * 20, "hard": "-" * 20 + "g" * 9 + "o" * 11, "none": "o" * 40}
    for name, letters in made.items():
        graded_run(tmp_path / "runs/many" / name, many, letters)
    said = medbench("compare", *(f"runs/many/{name}" for name in made), "--min-coverage", 0.4).words
    assert "First by good: all; clearly ahead of: none; clearly above it on the cases of both: hard." in said


def test_what_clearly_differs_comes_by_size(many: BenchmarkFolder, tmp_path: Path) -> None:
    """All pairs and metrics tested at once; nothing where too few cases have both."""
    clear = _compared(tmp_path, many, GRADES).clear
    good = [(one.higher, one.lower) for one in clear if one.metric == "good"]
    assert good == [("top", "low"), ("top", "mid"), ("mid", "low")]
    assert all((one.difference.p_holm or 1) <= 0.05 for one in clear)
    thin = {"a": "g" * 20 + "t" * 20, "b": "o" * 20 + "t" * 20}
    assert not [one for one in _compared(tmp_path / "thin", many, thin).clear if one.metric == "good"]


def test_six_systems_fit_one_screen(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """At most 60 lines of 80 columns, the largest clear difference in the first ten."""
    for name, letters in SIX.items():
        graded_run(tmp_path / "runs/many" / name, many, letters)
    assert medbench("run", "many").code == 0
    said = medbench("compare", *(f"runs/many/{name}" for name in SIX))
    assert said.code == 0, said.err
    lines = (said.err + said.out).splitlines()
    assert len(lines) <= 60
    assert [line for line in said.out.splitlines() if len(line) > 80] == []
    first = " ".join(" ".join(said.out.splitlines()[:10]).split())
    assert "good: model-of-vendor-5 above model-of-vendor-0 by 75 points" in first
    assert "First by good: model-of-vendor-5" in said.words
    pairs = medbench("compare", *(f"runs/many/{name}" for name in SIX), "--pairs").words
    assert "clearly above below metric" in pairs
    assert medbench("compare", "--by", "phase").code == 2


def test_two_systems_fit_one_screen_with_what_differs_on_top(
    many: BenchmarkFolder, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """Grades are alike and findings are not: what is clear stands in the first ten lines of at most 45."""
    for name in ("ours", "theirs"):
        graded_run(tmp_path / "runs/many" / name, many, "gpo" * 13 + "g")
    outputs = list(read_records(tmp_path / "runs/many/ours/outputs.jsonl", Output))
    references = [reference.text for reference in many.references()]
    better = [one.model_copy(update={"text": text}) for one, text in zip(outputs, references, strict=True)]
    write_records(tmp_path / "runs/many/ours/outputs.jsonl", better)
    assert medbench("run", "many").code == 0
    said = medbench("compare", "runs/many/ours", "runs/many/theirs")
    assert said.code == 0, said.err
    assert len((said.err + said.out).splitlines()) <= 45
    first = " ".join(" ".join(said.out.splitlines()[:10]).split())
    assert "Clear differences" in first
    assert "finding F1: ours above theirs by" in first
