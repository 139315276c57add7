"""What the screen says in words: what is missing, what one system alone can show, small sums, long names."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run
from judged_world import mixed, run_of
from rich.console import Console

from medbench.api.progress import JudgingLines, RunLines
from medbench.cli.console import working
from medbench.prompts.rubrics import load_rubric
from medbench.report.terminal import console_for
from medbench.schema.model import ModelFile
from medbench.schema.run import ModelUse
from medbench.steps.judge.judges import Judge, warnings
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.outputs import OutputIndex

LONG = "a-run-whose-name-is-as-long-as-its-column"


def _flat(text: str) -> str:
    return " ".join(text.split())


def test_an_import_says_how_many_cases_it_answers(
    bench: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """One answer to six cases: the five others are named as missing; a whole import says nothing of it."""
    assert bench.head.cases == 6
    (tmp_path / "one.csv").write_text("case_id,text\ncase-000,A mass.\n", "utf-8")
    said = medbench("import", "one.csv", "--benchmark", "bench", "--system", "partly")
    assert said.code == 0, said.err
    assert "1 answer\n" in said.err
    assert "1 of 6 cases have an answer; 5 are missing and count as not run" in said.err
    rows = "".join(f"case-{n:03d},A mass.\n" for n in range(6))
    (tmp_path / "all.csv").write_text(f"case_id,text\n{rows}", "utf-8")
    whole = medbench("import", "all.csv", "--benchmark", "bench", "--system", "whole")
    assert "6 answers\n" in whole.err
    assert "have an answer" not in whole.err


def test_one_system_alone_is_told_what_a_conclusion_takes(
    bench: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Where the conclusion would stand: that it takes two systems, and what to type; groups go by size."""
    graded_run(tmp_path / "runs/bench/a", bench, "gpogpo")
    said = medbench("compare")
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[2].startswith("No conclusion: that takes two systems")
    assert lines[3] == ""
    assert "medbench run bench -m NAME" in said.err
    graded_run(tmp_path / "runs/bench/b", bench, "gpogpo")
    assert "takes two systems" not in medbench("compare").out


def test_lengths_of_references_stand_in_order(
    write_benchmark: Callable[..., BenchmarkFolder], medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """In `show RUN`."""
    from medbench.schema.reference import Reference

    sizes = iter([120, 10, 40, 70] * 2 + [20] * 3)

    def reference(case: Any) -> Reference:
        words = "There is a mass in the liver. " + "Nothing else is found there. " * (next(sizes) // 5)
        return Reference(case_id=case.case_id, source_id=case.case_id, text=words)

    bench = write_benchmark(tmp_path / "lengths", 8, reference=reference)
    graded_run(tmp_path / "runs/lengths/a", bench, "gpogpogp")
    out = medbench("show", "a").out
    found = [out.index(length) for length in ("1-25", "26-50", "51-100", "101+")]
    assert found == sorted(found)


def test_a_long_name_does_not_touch_its_count(capsys: pytest.CaptureFixture[str]) -> None:
    """There is a space between them, whatever the length."""
    console = console_for(sys.stderr)
    lines = RunLines(console)
    lines.begin(LONG, "", OutputIndex(Path("nowhere")), 10)
    lines.end(LONG)
    judged = JudgingLines(console)
    judged.begin(LONG, 3, 10)
    judged.end(LONG)
    said = capsys.readouterr().err
    assert f"{LONG} 0/10" in said
    assert f"{LONG} 3/10" in said


class _Fires:
    """A timer whose time is up when it is started, or never."""

    def __init__(self, seconds: float, then: Callable[[], None], *, up: bool) -> None:
        assert 0.5 <= seconds <= 1
        self.daemon = False
        self._then = then if up else None

    def start(self) -> None:
        """Do what is to be done then."""
        if self._then:
            self._then()

    def cancel(self) -> None:
        """It is done, or never will be."""

    join = cancel


@pytest.mark.parametrize(
    ("terminal", "up", "said"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_long_work_is_said_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, up: bool, said: bool
) -> None:
    """After a second, until it is done; a quick line, a file and a pipe get no such line."""
    file = io.StringIO()
    shown = Console(file=file, force_terminal=terminal, width=60)
    monkeypatch.setattr("medbench.cli.console.talk", lambda: shown)
    monkeypatch.setattr("medbench.cli.console.Timer", partial(_Fires, up=up))
    with working("Drawing images …"):
        pass
    assert ("Drawing images …" in file.getvalue()) == said
    assert bool(file.getvalue()) == said


@pytest.mark.usefixtures("planted_judge")
def test_judge_counts_systems_that_have_something_to_grade(
    world: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """A run without an output is named and left out; where none has one, that is a usage error."""
    run_of(world, tmp_path / "runs", "empty", lambda _: None)
    line = ("judge", "--judge", "planted:Planted", "--rubric", "report-like", "--dry-run")
    alone = medbench(*line)
    assert alone.code == 2
    assert "'empty' has no output to grade" in alone.err
    run_of(world, tmp_path / "runs", "full", mixed)
    said = medbench(*line)
    assert said.code == 0, said.err
    assert "1 system." in said.err
    assert "empty has no output yet" in said.err


def test_a_judge_that_grades_itself_is_not_called_a_relative_of_itself(
    world: BenchmarkFolder, tmp_path: Path
) -> None:
    """Its own outputs and those of its family are two remarks, each with the names it is about."""
    system = run_of(world, tmp_path / "runs", "kin", mixed).head.system
    own = system.model_copy(
        update={"name": "mine", "family": "x", "model": ModelUse(name="mine", provider="p", id="mine-1")}
    )
    kin = system.model_copy(update={"family": "x"})
    judge = Judge(
        name="mine", model=ModelFile(provider="echo", id="mine-1", family="x"), rubric=load_rubric()
    )
    assert warnings([judge], None, [own]) == ["mine grades outputs of its own (mine)."]
    assert warnings([judge], None, [own, kin])[1].startswith("mine and kin are of one family")


def test_an_import_says_which_texts_count_as_failures(
    bench: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """How many, of which kinds and why; none of them is scored, and the whole answer is."""
    del bench
    texts = (
        "A mass.",
        "nan",
        "Error: 500 Internal Server Error",
        "<!DOCTYPE html><p>",
        "Error: 429",
        "\u200b",
    )
    rows = "".join(f"case-{n:03d},{text}\n" for n, text in enumerate(texts))
    (tmp_path / "a.csv").write_text(f"case_id,text\n{rows}", "utf-8")
    said = medbench("import", "a.csv", "--benchmark", "bench", "--system", "x")
    assert said.code == 0, said.err
    for words in (
        "2 texts count as failures ('empty') and not as an answer; the first, case 'case-001': the answer is",
        "2 texts count as failures ('error') and not as an answer; the first, case 'case-002': the answer",
        "1 text counts as a failure ('html') and not as an answer; the first, case 'case-003'",
        "x 1/6 2 empty, 2 error, 1 html",
    ):
        assert words in said.words
