"""A judge of which no answer can be used is down; one text that it cannot grade is a failure of that text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import planted
import pytest
from judged_world import hooks, judge, judged, mixed, plan_of, run_of

from medbench.errors import ProviderError
from medbench.schema.response import Request, Response
from medbench.schema.verdict import Verdict
from medbench.steps.judge.judge import judge_all
from medbench.steps.judge.unusable import HANDFUL
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import RESPONSES, VERDICTS, RunFolder

pytestmark = pytest.mark.usefixtures("planted_judge")


def _answers(says: Callable[[Request, int], str] | None) -> None:
    planted.Planted.answers = staticmethod(says) if says else None
    planted.Planted.asked.clear()


def _blocked(_request: Request, _number: int) -> str:
    raise ProviderError("blocked", "withheld by a filter", final=True)


@pytest.fixture
def run(world: BenchmarkFolder, tmp_path: Path) -> RunFolder:
    """A run with 24 outputs."""
    return run_of(world, tmp_path / "runs", "system", mixed)


@pytest.mark.parametrize(
    ("says", "quoted"),
    [
        (lambda _r, _n: "The report is quite good.", "'The report is quite good.'"),
        (lambda _r, _n: "<html>502 Bad\nGateway</html>", "'<html>502 Bad Gateway</html>'"),
        (lambda _r, _n: "I cannot help with medical images.", "'I cannot help with medical images.'"),
        (lambda _r, _n: "", "'the model answered with an empty text'"),
        (lambda _r, _n: json.dumps({"grade": "good"}), '\'{"grade": "good"}\''),
        (_blocked, "'withheld by a filter'"),
    ],
    ids=["prose", "page", "refusal", "empty", "other fields", "filter"],
)
def test_nothing_but_unusable_answers_is_an_outage(
    run: RunFolder, says: Callable[[Request, int], str], quoted: str
) -> None:
    """It stops after a handful, in words, and is not final: mended, the same line goes on."""
    _answers(says)
    done = judged(run, canaries=10)
    assert len(planted.Planted.asked) <= 2 * (HANDFUL + 4), "a handful, and what was in flight"
    (down,) = done.down.values()
    assert f"no usable answer for {HANDFUL} cases in a row, the first: {quoted}" in down.message
    assert (done.standings[0].judged, done.standings[0].open) == (0, 24)
    asked = len(planted.Planted.asked)
    assert judged(run).down, "asked anew, and not read from the ledger"
    assert len(planted.Planted.asked) > asked
    _answers(None)
    done = judged(run)
    assert len(planted.Planted.asked) == 24
    assert (done.standings[0].judged, done.down) == (24, {})
    _answers(None)
    judged(run)
    assert planted.Planted.asked == []


def test_an_outage_after_good_answers_is_one_too(run: RunFolder) -> None:
    """The verdicts before it stand, and what it failed at is asked again, also where lists are made."""
    judged(run, limit=10)
    _answers(lambda _request, _number: "Sure! Here is my opinion.")
    done = judged(run)
    assert done.down
    assert (done.standings[0].judged, done.standings[0].open) == (10, 14)
    lister = judge("lister", rubric="matched-1")
    done = judged(run, judges=(lister,))
    assert "the first: 'the reference's findings could not be listed" in done.down[lister.rater].message
    withdrawn = [
        line for line in read_records(run.path.parent / "listings" / RESPONSES, Response) if line.withdraws
    ]
    assert len(withdrawn) >= HANDFUL


def test_texts_in_a_row_that_a_working_judge_cannot_grade_are_failures(run: RunFolder) -> None:
    """It is asked a question that it has answered before: it still does, and goes on."""

    def ten_hard(request: Request, number: int) -> str:
        return (
            "No." if any(f" {11 + n} mm" in request.text for n in range(4, 14)) else planted.verdict("good")
        )

    _answers(ten_hard)
    done = judged(run, concurrency=1)
    assert (done.down, done.standings[0].judged, done.standings[0].open) == ({}, 14, 0)
    assert len(planted.Planted.asked) == 14 + 2 * 10 + 1


def test_a_text_that_cannot_be_graded_is_no_outage(run: RunFolder) -> None:
    """Every third text fails for good, and one case of many systems counts once."""

    def every_third(request: Request, number: int) -> str:
        hard = any(f" {11 + n} mm" in request.text for n in range(0, 24, 3))
        return "No." if hard else planted.verdict("good")

    _answers(every_third)
    done = judged(run)
    assert (done.standings[0].judged, done.standings[0].failures, done.standings[0].open) == (
        16,
        {"bare_word": 8},
        0,
    )
    many = [run_of(run.benchmark(), run.path.parent.parent, f"s{n}", mixed) for n in range(HANDFUL + 1)]
    _answers(lambda _request, _number: "No.")
    assert judge_all(plan_of(*many, limit=1), hooks()).down == {}
    assert {
        line.failure.final for line in read_records(many[0].path / VERDICTS, Verdict) if line.failure
    } == {False}
