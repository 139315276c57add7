"""The step `show`: how runs stand, one run by itself, one case with every output."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medbench.errors import UsageError
from medbench.schema.response import CallFor, Cost, Failure, Response
from medbench.schema.run import Event, Output, System
from medbench.schema.verdict import Verdict
from medbench.steps.show.case_view import show_case
from medbench.steps.show.run_view import _Texts, show_run
from medbench.steps.show.standing import state_of
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import EVENTS, HEAD, OUTPUTS, VERDICTS, RunFolder, new_head


def _run(folder: Path, bench: BenchmarkFolder, **event: Any) -> RunFolder:
    """Four texts (one of a repeated kind), a final failure, an open one that was retried in vain."""
    folder.mkdir(parents=True)
    system = System(name=folder.name, family="other", pipeline="single")
    write_one(folder / HEAD, new_head(folder, bench, system, "medbench run"))
    texts: list[str | None] = ["same text", "same text", "a mass", None, None, None, "late text"]
    cases = [0, 1, 2, 3, 4, 4, 4]
    outputs, responses = [], []
    for number, (case, text) in enumerate(zip(cases, texts, strict=True)):
        failure = (
            None if text else Failure(kind="blocked" if case == 3 else "timeout", reason="r", final=case == 3)
        )
        responses.append(
            Response(
                response_id=f"r{number}",
                request_digest="0" * 64,
                call_for=CallFor(case_id=f"case-{case:03d}", stage="single"),
                asked="m",
                prompt="the prompt",
                text=text,
                failure=failure,
                latency_s=1.5 if text else None,
                cost=Cost(usd=0.5, basis="t") if number < 2 else None,
            )
        )
        outputs.append(
            Output(
                case_id=f"case-{case:03d}",
                case_digest="d",
                text=text,
                failure=failure,
                responses=(f"r{number}",),
            )
        )
    write_records(folder / OUTPUTS, outputs)
    write_records(folder / "responses.jsonl", responses)
    write_records(folder / EVENTS, [Event(at="2026", kind="started", pid=1, **event)])
    verdict = Verdict(case_id="case-002", rater="someone", rater_kind="reviewer", grade="partial")
    write_records(folder / VERDICTS, [verdict])
    return RunFolder(folder)


def test_the_state_of_a_run(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Texts, failures and what is left add up to what was asked for; cost is known or unknown."""
    state = state_of(_run(tmp_path / "runs/bench/a", bench))
    assert (state.wanted, state.texts, state.final_failures, state.left) == (6, 4, {"blocked": 1}, 1)
    assert state.open_failures == {}, "the time-outs of the case that came late are no failures any more"
    assert (state.spent.usd, state.spent.unknown) == (1.0, 5)
    assert state_of(_run(tmp_path / "runs/bench/b", bench, limit=5)).left == 0


def test_a_state_does_not_need_its_benchmark(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A benchmark that was moved is said to be gone; the run still says what it has."""
    run = _run(tmp_path / "runs/bench/a", bench)
    shutil.rmtree(bench.path)
    state = state_of(run)
    assert state.texts == 4
    assert state.problem is not None
    assert "not at" in state.problem


def test_a_run_by_itself(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Scored if it was not; failures with reasons, repeated texts and the lowest scores are listed."""
    view = show_run(_run(tmp_path / "runs/bench/a", bench))
    assert view.summary.outputs == 4
    assert [(case, failure.kind) for case, failure in view.failures] == [("case-003", "blocked")]
    patterns = {one.name: (one.count, one.of) for one in view.profile.patterns}
    assert patterns["same text as another case"] == (2, 4)
    values = [value for _, value in view.profile.hardest]
    assert len(values) == 4
    assert values == sorted(values)


def test_a_case_with_every_output(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """By id or source id: what is shown, what answers it, and each run's output, prompt, time, verdicts."""
    for name in ("a", "b"):
        _run(tmp_path / "runs/bench" / name, bench)
    show_run(RunFolder(tmp_path / "runs/bench/a"))
    found, by_source = (show_case(name, tmp_path / "runs") for name in ("case-002", "SRC-case-002"))
    assert found == by_source
    by_id = found
    assert by_id.case.case_id == by_id.reference.case_id == "case-002"
    a, b = by_id.outputs
    assert (a.run, b.run) == ("a", "b")
    assert a.output is not None
    assert (a.output.text, a.prompt, a.latency_s) == ("a mass", "the prompt", 1.5)
    assert [verdict.grade for verdict in a.verdicts] == ["partial"]
    assert a.score is not None
    assert b.score is None, "that run was not scored"


def test_a_case_that_was_not_run_is_shown_as_such(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A run without an output for the case stands there without one; a late text stands for its retries."""
    _run(tmp_path / "runs/bench/a", bench)
    assert show_case("case-005", tmp_path / "runs").outputs[0].output is None
    late = show_case("case-004", tmp_path / "runs").outputs
    assert [view.output.text for view in late if view.output] == ["late text"]
    blocked = show_case("case-003", tmp_path / "runs").outputs[0].output
    assert blocked is not None
    assert blocked.failure is not None


def test_a_wrong_case_is_answered_with_the_nearest(
    write_benchmark: Callable[..., BenchmarkFolder], bench: BenchmarkFolder, tmp_path: Path
) -> None:
    """A name that is neither a run nor a case is quoted, and the nearest case of any benchmark offered."""
    _run(tmp_path / "runs/bench/a", bench)
    with pytest.raises(UsageError, match="'case-00'") as caught:
        show_case("case-00", tmp_path / "runs")
    assert "medbench show case-00" in caught.value.hint


def test_texts_of_several_cases_are_counted_by_case() -> None:
    """A text that a case has twice is none; of one that three cases have all three count."""
    texts = _Texts()
    for text, case_id in (("a", "1"), ("a", "1"), ("b", "2"), ("c", "3"), ("c", "4"), ("c", "3"), ("c", "5")):
        texts.add(text, case_id)
    assert texts.repeated == 3
    texts.add("a", "6")
    assert texts.repeated == 5
