"""A run that is open for judging: its verdicts by rater, and scores that stay what they were."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from judged_world import judge, mixed, run_of, verdict_by

from medbench.errors import LockedError
from medbench.schema.run import Output
from medbench.schema.verdict import Verdict
from medbench.steps.judge.open_runs import open_run
from medbench.steps.reading.summaries import why_stale
from medbench.steps.reading.verdict_book import RaterKey, VerdictKey
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import OUTPUTS, RESPONSES, VERDICTS, RunFolder
from medbench.store.summary import summary_of

JUDGE = judge()
KEY = VerdictKey("case-000", 0, 0)


@pytest.fixture
def run(world: BenchmarkFolder, tmp_path: Path) -> RunFolder:
    """A run with an output for the first two cases."""
    return run_of(world, tmp_path / "runs", "system", lambda n: mixed(n) if n < 2 else None)


def test_a_verdict_is_on_the_disk_and_in_the_book_of_its_rater(run: RunFolder) -> None:
    """Another rubric, and the same judge with other settings, are other raters, also after opening again."""
    with open_run(run.path, print) as opened:
        asyncio.run(opened.add(verdict_by(JUDGE, 0, "good")))
        asyncio.run(opened.add(verdict_by(JUDGE, 0, "poor", rater_digest="other settings")))
        first = opened.book(JUDGE.key).own[KEY].grade
    assert [verdict.grade for verdict in read_records(run.path / VERDICTS, Verdict)] == ["good", "poor"]
    with open_run(run.path, print) as opened:
        assert opened.book(JUDGE.key).own[KEY].grade == first == "good"
        assert opened.book(RaterKey(JUDGE.rater, "other settings")).own[KEY].grade == "poor"
        assert opened.book(judge("another").key).own == {}


def test_a_torn_last_verdict_is_cut_before_the_next_one(run: RunFolder) -> None:
    """A line that a crash left half written is not a verdict, and does not swallow the one after it."""
    whole = verdict_by(JUDGE, 0, "good").to_line()
    (run.path / VERDICTS).write_bytes(whole + whole[:40])
    with open_run(run.path, print) as opened:
        asyncio.run(opened.add(verdict_by(JUDGE, 1, "poor")))
    assert [verdict.grade for verdict in read_records(run.path / VERDICTS, Verdict)] == ["good", "poor"]


def test_one_process_judges_a_run_at_a_time(run: RunFolder) -> None:
    """Another one is told who holds it; where the holder died, that is said and work goes on."""
    notices: list[str] = []
    with open_run(run.path, notices.append), pytest.raises(LockedError), open_run(run.path, notices.append):
        pass
    assert notices == []
    (run.path / ".lock").write_bytes(b" " + json.dumps({"pid": 4711}).encode())
    with open_run(run.path, notices.append):
        pass
    assert notices == [f"Going on with {run.path} (process 4711, which held it, is gone)."]


def test_scores_stay_fresh_also_where_judging_breaks_off(run: RunFolder) -> None:
    """A judge's calls change the ledger; an error on the way does not make the scores stale for it."""
    Rescorer().rescore(run)

    def break_off() -> None:
        with (run.path / RESPONSES).open("ab") as ledger:
            ledger.write(b"\n")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), open_run(run.path, print):
        break_off()
    assert why_stale(run, summary_of(run)) is None


def test_scores_that_were_stale_stay_stale(run: RunFolder) -> None:
    """They did not fit their outputs before; opening the run for judging does not hide that."""
    Rescorer().rescore(run)
    with (run.path / OUTPUTS).open("ab") as file:
        file.write(Output(case_id="case-005", case_digest="d", text="Clear.").to_line())
    with open_run(run.path, print):
        pass
    assert why_stale(run, summary_of(run)) == "its outputs have changed"
