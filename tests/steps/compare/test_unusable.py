"""One run that cannot be compared leaves the others as they are, or is the reason why nothing is compared."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from broken_engine import HARD
from graded_runs import graded_run, runs_beside_another

import medbench as mb
from medbench.errors import FaultError, MedbenchError, UsageError
from medbench.schema.results.comparison import Comparison
from medbench.steps.compare.compare import compare_runs
from medbench.steps.compare.inputs import CompareOptions
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one
from medbench.store.runs import HEAD, OUTPUTS, RESPONSES, SUMMARY, VERDICTS, RunFolder

pytestmark = pytest.mark.usefixtures("few_draws", "broken_engine")
GRADES = {"a": "g" * 12 + "o" * 8, "b": "gpo-" * 5, "c": "o" * 16 + "g" * 4}


@pytest.fixture
def folder(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Three runs on twenty cases, graded by one judge."""
    monkeypatch.chdir(tmp_path)
    return runs_beside_another(tmp_path, write_benchmark, GRADES)


def _spoil(folder: Path, name: str, how: str) -> None:
    run = folder / name
    if how in {"foreign", "no answer"}:
        _again(run, *(("other", GRADES[name]) if how == "foreign" else ("twenty", "x" * 20)))
        return
    if how == "text":
        outputs = (run / OUTPUTS).read_text("utf-8").replace("No effusion", f"No {HARD}")
        (run / OUTPUTS).write_text(outputs, "utf-8")
        return
    if how == "verdicts of a scored run":
        Rescorer().rescore(RunFolder(run))
    with (run / FILES[how]).open("a", encoding="utf-8") as file:
        file.write('{"case_id": 1}\n' * 2)


def _again(run: Path, benchmark: str, grades: str) -> None:
    for line in run.glob("*"):
        line.unlink()
    graded_run(run, mb.benchmark(benchmark).folder, grades)


FILES = {
    "outputs": OUTPUTS,
    "verdicts": VERDICTS,
    "verdicts of a scored run": VERDICTS,
    "responses": RESPONSES,
}
DAMAGED = (*FILES, "text")
EVERY = (*DAMAGED, "no answer", "foreign")


def _compared(*names: str, **how: Any) -> Comparison:
    return mb.compare([f"runs/twenty/{name}" for name in names], **how).record


def _numbers(compared: Comparison) -> Any:
    kept = compared.model_dump(exclude={"notices", "left_out", "rescored"})
    return json.loads(json.dumps(kept, default=str))


@pytest.mark.parametrize("how", EVERY)
def test_the_others_are_compared_as_if_it_were_not_there(folder: Path, how: str) -> None:
    """Every number, whichever place it has behind the first; which run it is and why stands in a notice."""
    alone = _numbers(_compared("a", "c"))
    _spoil(folder, "b", how)
    for names in ("acb", "abc"):
        compared = _compared(*names)
        assert _numbers(compared) == alone
        ((path, why),) = compared.left_out.items()
        assert Path(path).name == "b"
        (said,) = [notice for notice in compared.notices if "left out" in notice]
        assert "b is left out: " in said
        assert why in said


@pytest.mark.parametrize("how", DAMAGED)
def test_of_a_folder_too(folder: Path, how: str) -> None:
    """Nobody named a reference: the first that can be compared is one."""
    alone = _numbers(_compared("b", "c", min_coverage=0.0))
    _spoil(folder, "a", how)
    compared = mb.compare("twenty", min_coverage=0.0).record
    assert _numbers(compared) == alone
    assert [Path(path).name for path in compared.left_out] == ["a"]


@pytest.mark.parametrize("how", DAMAGED)
@pytest.mark.parametrize(
    ("names", "against", "why"),
    [
        ("bac", None, "It is named first, so that the others are to be held against it."),
        ("acb", "b", "The others are to be held against it (--against)."),
        ("ab", None, "Without it there are no two systems to compare."),
        ("b", None, "Without it there are no two systems to compare."),
    ],
)
def test_nothing_is_compared_where_that_would_mislead(
    folder: Path, how: str, names: str, against: str | None, why: str
) -> None:
    """No other reference takes the place of the one that was asked for, and one system is no comparison."""
    _spoil(folder, "b", how)
    if names == "b":
        why = "It is named first, so that the others are to be held against it."
    with pytest.raises(MedbenchError) as caught:
        _compared(*names, against=against)
    assert caught.value.message.endswith(why)
    assert caught.value.hint


@pytest.mark.parametrize("how", DAMAGED)
def test_a_comparison_that_was_declared_takes_all_of_its_runs(folder: Path, how: str) -> None:
    """As that of an experiment, whose pairs are adjusted over those that it declares."""
    _spoil(folder, "b", how)
    runs = [RunFolder(folder / name) for name in "acb"]
    for options in (CompareOptions(), CompareOptions(pairs=(("a", "b"),))):
        with pytest.raises(MedbenchError, match="twenty/b"):
            compare_runs(runs, None, options)


@pytest.mark.parametrize("others", ["ab", "bda"])
def test_benchmarks_in_equal_parts_are_refused(folder: Path, others: str) -> None:
    """Of two and two nobody can tell which were meant; nor is the first one on a benchmark of its own."""
    for name in others:
        _again(folder / name, "other", GRADES.get(name, "o" * 20))
    graded_run(folder / "e", mb.benchmark("twenty").folder, "p" * 20)
    with pytest.raises(MedbenchError, match="cannot be compared"):
        _compared(*"cabe", *("d" if "d" in others else ""))


def test_a_floor_that_is_damaged_is_left_out(folder: Path) -> None:
    """And named: another baseline may have been the best."""
    bench = mb.benchmark("twenty").folder
    graded_run(folder / "baseline-normal", bench, "o" * 20, pipeline="baseline-normal")
    graded_run(folder / "baseline-random", bench, "o" * 20, pipeline="baseline-random")
    _spoil(folder, "baseline-random", "outputs")
    compared = _compared("a", "c")
    assert [row.name for row in compared.floors] == ["baseline-normal"]
    assert any(notice.startswith("baseline-random is left out") for notice in compared.notices)


@pytest.mark.parametrize(("how", "code"), [("outputs", 1), ("text", 1), ("foreign", 1), ("no answer", 3)])
def test_the_exit_code_says_that_a_run_is_missing(
    folder: Path, how: str, code: int, medbench: Callable[..., Any]
) -> None:
    """With the numbers of the others on stdout, for machines as well."""
    _spoil(folder, "b", how)
    named = [f"runs/twenty/{name}" for name in "acb"]
    assert medbench("compare", *named).code == code
    said = medbench("compare", *named, "--json")
    assert said.code == code
    record = json.loads(said.out)
    assert [row["name"] for row in record["systems"]] == ["a", "c"]
    assert [Path(path).name for path in record["left_out"]] == ["b"]
    assert medbench("report", *named).code == code


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the runs that are scored, in order."""
    names: list[str] = []
    rescore = Rescorer.rescore

    def noted(self: Rescorer, run: RunFolder) -> Any:
        names.append(run.name)
        return rescore(self, run)

    monkeypatch.setattr(Rescorer, "rescore", noted)
    return names


def test_each_run_is_scored_once_where_one_cannot_be(folder: Path, scored: list[str]) -> None:
    """A text that fails costs no second scoring of the others."""
    from medbench.steps.compare.run_table import scored_rows

    _spoil(folder, "b", "text")
    rows, faults = scored_rows([RunFolder(folder / name) for name in "abc"])
    assert rows is not None
    assert [row.name for row in rows.systems] == ["a", "c"]
    assert scored == ["a", "b", "c"]
    (fault,) = faults
    assert isinstance(fault, FaultError)
    assert "/b'" in fault.message


def _baseline(folder: Path, name: str = "baseline-normal") -> None:
    graded_run(folder / name, mb.benchmark("twenty").folder, "o" * 20, pipeline=name)


def _probe(folder: Path, name: str) -> None:
    run = graded_run(folder / name, mb.benchmark("twenty").folder, "o" * 20)
    system = run.head.system.model_copy(update={"probe": "mirror"})
    write_one(run.path / HEAD, run.head.model_copy(update={"system": system}))


def _only(folder: Path, *names: str) -> None:
    for name in set(GRADES) - set(names):
        shutil.rmtree(folder / name)


@pytest.mark.parametrize("how", DAMAGED)
@pytest.mark.parametrize("floor", [True, False])
def test_probes_are_no_systems_that_are_left(folder: Path, how: str, floor: bool) -> None:
    """Of a folder with one system, two probes and a baseline, nothing is compared without the system."""
    _only(folder, "b")
    _probe(folder, "probe-1")
    _probe(folder, "probe-2")
    if floor:
        _baseline(folder)
    _spoil(folder, "b", how)
    with pytest.raises(MedbenchError, match="no two systems to compare"):
        mb.compare("twenty")


@pytest.mark.parametrize("how", DAMAGED)
@pytest.mark.parametrize("other", ["baseline-normal", "probe-1"])
def test_one_system_is_shown_without_what_is_broken_beside_it(folder: Path, how: str, other: str) -> None:
    """In a folder as where it is named: neither a floor nor a probe is a system that it is compared with."""
    _only(folder, "a")
    (_baseline if other.startswith("baseline") else _probe)(folder, other)
    _spoil(folder, other, how)
    if other == "probe-1":
        assert mb.decision_card("twenty").record.row.name == "a"
    compared = mb.compare("twenty").record
    assert [row.name for row in compared.systems] == ["a"]
    if other == "baseline-normal":
        assert not compared.floors
        assert [Path(path).name for path in compared.left_out] == [other]


@pytest.mark.parametrize("how", DAMAGED)
def test_where_nobody_is_told_a_broken_baseline_is_an_error(
    folder: Path, how: str, medbench: Callable[..., Any]
) -> None:
    """In an experiment, that of a pair with it as well, in a gate, and on a card."""
    _baseline(folder)
    _spoil(folder, "baseline-normal", how)
    runs = [RunFolder(folder / name) for name in "ac"]
    for pairs in ((), (("baseline-normal", "a"),)):
        with pytest.raises(MedbenchError, match="baseline-normal"):
            compare_runs(runs, None, CompareOptions(pairs=pairs))
    with pytest.raises(MedbenchError, match="baseline-normal"):
        mb.gate("runs/twenty/a", "runs/twenty/c")
    said = medbench("report", "runs/twenty/a", "--card")
    assert said.code == 1
    assert "baseline-normal" in said.err


def test_a_reference_that_is_left_out_is_refused_with_the_reason(folder: Path) -> None:
    """It is a system of these runs, and has no answer."""
    _spoil(folder, "c", "no answer")
    graded_run(folder / "d", mb.benchmark("twenty").folder, "o" * 20)
    with pytest.raises(UsageError, match="nothing is held against 'c', which is left out: it has no answer"):
        _compared(*"abdc", against="c")


def test_a_run_that_is_not_compared_stops_nothing(folder: Path) -> None:
    """Its summary is of a newer medbench; in its folder it is left out."""
    alone = _numbers(_compared("a", "b"))
    (folder / "c" / SUMMARY).write_text('{"schema_version": 99}\n', "utf-8")
    for name in "ab":
        (folder / name / SUMMARY).unlink(missing_ok=True)
    assert _numbers(_compared("a", "b")) == alone
    compared = mb.compare("twenty").record
    assert [row.name for row in compared.systems] == ["a", "b"]
    assert [Path(path).name for path in compared.left_out] == ["c"]


def test_who_is_left_out_is_decided_without_what_cannot_be_scored(folder: Path, scored: list[str]) -> None:
    """A half answered run is left out beside two complete ones, not beside one; each is scored once."""
    _again(folder / "b", "twenty", "g" * 10 + "x" * 10)
    _spoil(folder, "c", "text")
    compared = mb.compare("twenty").record
    assert [row.name for row in compared.systems] == ["a", "b"]
    assert sorted(scored) == ["a", "b", "c"]
    assert {Path(path).name for path in compared.rescored} == {"a", "b"}
