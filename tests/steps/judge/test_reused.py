"""Verdicts, lists and canaries with the same question are paid for once, whatever run or draw asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import planted
import pytest
from judged_world import judge, judged, mixed, plan_of, planted_reference, run_of

from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.schema.response import Response
from medbench.schema.results.judge_result import JudgeDryRun
from medbench.schema.verdict import Canary, Listing, Verdict
from medbench.steps.judge.dry_run import dry_run
from medbench.steps.judge.judge import judge_all
from medbench.steps.judge.judging_plan import JudgingHooks, SilentWatcher
from medbench.steps.reading.judge_cards import cards_of
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import AUDIT, RESPONSES, VERDICTS, RunFolder

pytestmark = pytest.mark.usefixtures("planted_judge")
MATCHED = judge(rubric="matched-1")


@pytest.fixture
def small(tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]) -> RunFolder:
    """A run on the first twelve cases of the world, judged with lists and canaries."""
    planted.Planted.answers = staticmethod(planted.matching)
    bench = write_benchmark(tmp_path / "small", 12, reference=planted_reference)
    run = run_of(bench, tmp_path / "runs", "system", mixed)
    _judge(run)
    return run


def _judge(*runs: RunFolder, by: Any = MATCHED, **changes: Any) -> tuple[JudgeDryRun, Counter[str]]:
    """What was forecast, and what was then asked, by kind."""
    (forecast,) = dry_run(plan_of(*runs, judges=(by,), **{"canaries": 20} | changes)).judges
    before = len(planted.Planted.asked)
    judged(*runs, judges=(by,), **{"canaries": 20} | changes)
    new = planted.Planted.asked[before:]
    return forecast, Counter("list" if "List the findings" in one.text else "grade" for one in new)


def test_a_larger_draw_asks_only_what_is_new(
    small: RunFolder, world: BenchmarkFolder, tmp_path: Path
) -> None:
    """Of 24 cases 12 are asked: no verdict, list or canary twice; the forecast says so, and the files too."""
    assert len(planted.Planted.asked) == 12 + 12 + 19, "one canary was the question of a verdict"
    grown = run_of(world, tmp_path / "runs", "system", mixed)
    forecast, asked = _judge(grown)
    assert asked == {"list": 12, "grade": 12}
    assert (forecast.outputs, forecast.listings, forecast.canaries, forecast.reused) == (12, 12, 0, 32)
    verdicts = list(read_records(grown.path / VERDICTS, Verdict))
    assert [one.reused_from for one in verdicts].count("small/system") == 12
    assert [one.reused_from for one in verdicts].count(None) == 12
    assert {one.reused_from for one in read_records(grown.path / AUDIT, Canary)} == {"small/system"}
    lists = list(read_records(grown.path.parent / "listings/listings.jsonl", Listing))
    assert [one.reused_from for one in lists].count("small/listings") == 12
    # All that is behind them stands beside them, for whoever checks one run alone.
    behind = {name for one in verdicts for name in one.responses}
    behind |= {name for one in read_records(grown.path / AUDIT, Canary) for name in one.responses}
    assert behind <= {one.response_id for one in read_records(grown.path / RESPONSES, Response)}
    in_ledger = read_records(grown.path.parent / "listings" / RESPONSES, Response)
    assert {name for one in lists for name in one.responses} == {one.response_id for one in in_ledger}
    (card,), (of_both,) = cards_of([grown]), cards_of([small, grown])
    assert sum(group.share.n for group in card.groups) == sum(group.share.n for group in of_both.groups) == 20


def test_the_same_text_of_two_runs_is_one_question(world: BenchmarkFolder, tmp_path: Path) -> None:
    """Judged together or one after the other; another text of the case is another question."""
    planted.Planted.answers = None
    a, b, c = (run_of(world, tmp_path / "runs", name, mixed) for name in "abc")
    plain = judge()
    forecast, asked = _judge(a, b, by=plain, canaries=0)
    assert (asked["grade"], forecast.outputs, forecast.reused) == (24, 24, 24)
    assert (
        sum(
            one.reused_from is not None
            for run in (a, b)
            for one in read_records(run.path / VERDICTS, Verdict)
        )
        == 24
    )
    forecast, asked = _judge(c, by=plain, canaries=0)
    assert (asked["grade"], forecast.outputs, forecast.reused) == (0, 0, 24)
    d = run_of(world, tmp_path / "runs", "d", lambda n: mixed(n) + (" No effusion." if n < 5 else ""))
    forecast, asked = _judge(d, by=plain, canaries=0)
    assert (asked["grade"], forecast.outputs) == (5, 5)


def _other_text(case: Case) -> Reference:
    reference = planted_reference(case)
    return reference.model_copy(update={"text": reference.text + " Nothing else."})


@pytest.mark.parametrize("what", ["model", "setting", "rubric", "reference", "context"])
def test_another_question_is_paid_for(
    small: RunFolder, write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, what: str
) -> None:
    """What makes the rater, and the radiologist's words, are parts of the question."""
    by = {
        "model": judge("another", rubric="matched-1"),
        "setting": judge(rubric="matched-1", settings={"temperature": 0.7}),
        "rubric": MATCHED.model_copy(
            update={"rubric": MATCHED.rubric.model_copy(update={"system": "Be strict."})}
        ),
        "context": MATCHED.model_copy(update={"context": "captions"}),
    }.get(what, MATCHED)
    reference = _other_text if what == "reference" else planted_reference
    other = run_of(
        write_benchmark(tmp_path / "other", 12, reference=reference), tmp_path / "runs", "system", mixed
    )
    forecast, asked = _judge(other, by=by, canaries=6)
    assert (forecast.outputs, forecast.reused, forecast.canaries) == (12, 0, 6)
    assert 12 < asked["grade"] <= 12 + 6, "a canary may be a question that was just asked"
    # A list is made once for a reference and a rubric, whoever asks for it.
    assert asked["list"] == forecast.listings == (12 if what in {"rubric", "reference"} else 0)


def test_an_old_ledger_that_cannot_be_read_is_named_before_it_is_paid_again(
    small: RunFolder, world: BenchmarkFolder, tmp_path: Path
) -> None:
    """The file and the fault are said before the first question; what is readable is still reused."""
    path = small.path / RESPONSES
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:9], b"{broken\n", *lines[10:]]))
    grown = run_of(world, tmp_path / "runs", "system", mixed)
    (forecast,) = dry_run(plan_of(grown, judges=(MATCHED,), canaries=0)).judges
    (words,) = forecast.unreadable
    assert words.startswith(f"{path} cannot be read to its end: ")
    assert "paid for again" in words
    assert "line 10" in words
    told: list[int] = []
    before = len(planted.Planted.asked)

    class _Watcher(SilentWatcher):
        def notice(self, text: str) -> None:
            if text == words:
                told.append(len(planted.Planted.asked) - before)

    hooks = JudgingHooks(_Watcher())
    judge_all(plan_of(grown, judges=(MATCHED,), canaries=0), hooks)
    assert told == [0], "once, before anything was asked"
    assert len(planted.Planted.asked) - before > 12
    judge_all(plan_of(grown, judges=(MATCHED,), canaries=0), hooks)
    assert told == [0], "nothing is to be paid: nothing is said"
