"""Judging and importing from Python."""

from __future__ import annotations

import asyncio
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from judged_world import mixed, run_of

import medbench as mb
from medbench.errors import UsageError
from medbench.store.benchmark import BenchmarkFolder

PLANTED: dict[str, Any] = {"judge": "planted:Planted", "rubric": "report-like", "audit": 0, "progress": False}


@pytest.fixture
def outputs(here: Path, world: BenchmarkFolder) -> mb.Run:
    """A run of the world whose outputs are good, partial and poor in turn."""
    return mb.Run(run_of(world, here / "runs", "a", mixed))


@pytest.mark.usefixtures("planted_judge")
def test_outputs_are_graded_once(outputs: mb.Run) -> None:
    """The grades stand in the frames of the run; the same call again, awaited, asks for nothing."""
    result = mb.judge("a", **PLANTED)
    assert result.complete
    row = result.to_frame().iloc[0]
    assert (row["run"], row["wanted"], row["judged"], row["open"]) == ("a", 24, 24, 0)
    rater = row["rater"]
    assert outputs.to_frame()[f"grade.{rater}"].tolist() == ["good", "partial", "poor"] * 8

    async def cell() -> tuple[Any, Any]:
        return mb.judge([outputs], **PLANTED), await mb.judge_async(outputs, **PLANTED)

    for again in asyncio.run(cell()):
        assert (again.record.spending.graded, again.to_frame()["judged"].tolist()) == (0, [24])
        assert again.usd == 0.0
    assert json.loads(json.dumps(result.to_dict()))["standings"][0]["judged"] == 24
    assert repr(result) == "<JudgeResult 24 of 24 verdicts>"
    assert rater in result._repr_html_()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"judge": None}, "no judge: none is named"),
        ({"judge": "planted:Nothing"}, "planted:Nothing"),
        ({"context": "caption"}, r"no context is called 'caption'.\nTry:   context=captions"),
        ({"fallback_on": "always"}, "no fallback_on is called 'always'"),
        ({"replicates": 101}, "replicates cannot be 101"),
        ({"audit": -1}, "audit cannot be -1"),
    ],
)
@pytest.mark.usefixtures("planted_judge", "outputs")
def test_wrong_arguments_are_errors_with_a_hint(options: dict[str, Any], words: str) -> None:
    """What the command line would refuse is refused here; nothing is asked."""
    with pytest.raises(UsageError, match=words) as error:
        mb.judge("a", **{**PLANTED, **options})
    assert error.value.hint


def test_both_functions_take_the_same_arguments() -> None:
    """`judge` and `judge_async` have one signature."""
    both = [dict(inspect.signature(each).parameters) for each in (mb.judge, mb.judge_async)]
    assert both[0] == both[1]


def test_answers_made_elsewhere_become_a_run(here: Path, bench: BenchmarkFolder) -> None:
    """A file of answers, with the baselines beside it; a case without an answer is not run, and no zero."""
    lines = [json.dumps({"id": f"case-{n:03d}", "text": f"There is a mass of {n} cm."}) for n in range(5)]
    (here / "answers.jsonl").write_text("\n".join(lines), "utf-8")
    result = mb.import_answers("answers.jsonl", bench, "ours", progress=False)
    assert result.names == ["ours"]
    frame = result["ours"].to_frame()
    assert frame["failure"].tolist() == [None] * 5 + ["not run"]
    assert frame["finding.f1"].isna().tolist()[-1]
    assert "baseline-normal" in mb.runs().names
    again = mb.import_answers(here / "answers.jsonl", "bench", system="ours", progress=False)
    assert again.names == ["ours"]
    with pytest.raises(UsageError, match="does not say which system"):
        mb.import_answers("answers.jsonl", bench, progress=False)
