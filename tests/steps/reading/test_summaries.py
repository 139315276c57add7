"""The summary of a run: read however old, and stale for one reason at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run

from medbench.errors import NewerRecordError
from medbench.registry import scorers
from medbench.schema.run import Event
from medbench.scoring.parsing.text import CURRENT, OLD
from medbench.steps.compare.comparable import fresh_summaries
from medbench.steps.reading.summaries import (
    inputs_of,
    parser_for,
    rates,
    refresh_digests,
    why_stale,
)
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import EVENTS, OUTPUTS, RESPONSES, SCORES, SUMMARY, RunFolder
from medbench.store.summary import summary_of


@pytest.fixture
def run(bench: BenchmarkFolder, tmp_path: Path) -> RunFolder:
    """A run that was scored."""
    made = graded_run(tmp_path / "runs/bench/a", bench, "ggoo--")
    Rescorer().rescore(made)
    return made


def test_a_summary_that_cannot_be_read_is_none(run: RunFolder) -> None:
    """It follows from other files and is made anew; a newer medbench's is left alone."""
    path = run.path / SUMMARY
    assert summary_of(run) is not None
    whole = json.loads(path.read_bytes())
    for broken in (b"", b"{", json.dumps(whole | {"unknown": 1}).encode()):
        path.write_bytes(broken)
        assert summary_of(run) is None
    path.write_bytes(json.dumps(whole | {"schema_version": 99}).encode())
    with pytest.raises(NewerRecordError):
        summary_of(run)
    path.unlink()
    assert summary_of(run) is None


def _more(name: str) -> Callable[[RunFolder], None]:
    def change(run: RunFolder) -> None:
        with (run.path / name).open("ab") as file:
            file.write(b"\n")

    return change


def _asked(run: RunFolder) -> None:
    with (run.path / EVENTS).open("ab") as file:
        file.write(Event(at="2027", kind="started", pid=1, replicates=3).to_line())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda run: (run.path / SCORES).unlink(), "it was not scored yet"),
        (_more(OUTPUTS), "its outputs have changed"),
        (_more(RESPONSES), "its outputs have changed"),
        (_more(SCORES), "its scores are not those of its summary"),
        (_asked, "more was asked for since"),
    ],
)
def test_what_makes_scores_stale(run: RunFolder, change: Callable[[RunFolder], Any], reason: str) -> None:
    """Each file that they rest on, and each session that wanted more."""
    assert why_stale(run, summary_of(run)) is None
    change(run)
    assert why_stale(run, summary_of(run)) == reason


def test_another_way_of_scoring_makes_scores_stale(run: RunFolder) -> None:
    """A signature of today that is not the one on the disk; one asked session twice is none."""
    summary = summary_of(run)
    assert summary is not None
    older = summary.model_copy(update={"signatures": summary.signatures | {"usage": "usage:0"}})
    assert why_stale(run, older) == "the way of scoring has changed"
    assert why_stale(run, None) == "it was not scored yet"
    write_records(run.path / EVENTS, [*run.events(), *run.events()])
    assert why_stale(run, summary) is None


def test_another_way_of_computing_intervals_makes_a_summary_stale(run: RunFolder) -> None:
    """Another build says another way, or none; computed anew the summary has the digits of now."""
    fresh = summary_of(run)
    assert fresh is not None
    metrics = fresh.everything.metrics
    name = next(name for name, found in metrics.items() if found.interval is not None)
    without = {name: way for name, way in fresh.signatures.items() if name != "statistics"}
    for signatures in (without, without | {"statistics": "statistics:0|wald"}):
        older = fresh.model_copy(deep=True, update={"signatures": signatures})
        older.everything.metrics[name] = metrics[name].model_copy(update={"interval": None})
        write_one(run.path / SUMMARY, older)
        assert why_stale(run, summary_of(run)) == "the way of scoring has changed"
        assert fresh_summaries([run], [], None).summaries == [fresh]
        assert summary_of(run) == fresh


def test_digests_are_refreshed_and_nothing_else(run: RunFolder) -> None:
    """After a step that adds to a file what no score rests on; without a change nothing is written."""
    before = summary_of(run)
    assert before is not None
    written = (run.path / SUMMARY).stat().st_mtime_ns
    refresh_digests(run, before)
    assert (run.path / SUMMARY).stat().st_mtime_ns == written
    _more(RESPONSES)(run)
    refresh_digests(run, before)
    assert summary_of(run) == before.model_copy(update={"inputs": inputs_of(run)})
    assert why_stale(run, summary_of(run)) is None


@pytest.mark.parametrize(
    ("parser", "again"), [(OLD, OLD), (CURRENT, CURRENT), ("findings-0", CURRENT), ("gone-1", CURRENT)]
)
def test_a_fixed_parser_stays_and_the_current_one_moves(run: RunFolder, parser: str, again: str) -> None:
    """One that this medbench does not know is replaced by the current one."""
    summary = summary_of(run)
    assert summary is not None
    assert parser_for(summary.model_copy(update={"parser": parser})) == again
    assert parser_for(None) == CURRENT


def test_rates_are_named_by_their_scorers() -> None:
    """A metric of every scorer that is 1 or 0; a scorer without any names none."""
    found = rates(scorers().values())
    assert {"finding.key", "rules.good"} <= found
    assert not found & {"finding.f1", "rouge_l.f1", "words"}
