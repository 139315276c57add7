"""What judging will take: recorded verdicts before the model's file, the file before an assumption."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from medbench.pricing.prices import Prices
from medbench.schema.model import Expect, ModelFile
from medbench.schema.response import Attempt, Failure, Usage
from medbench.schema.results.dry_run import Forecast
from medbench.schema.verdict import Verdict
from medbench.steps.access.judging_cost import (
    ANSWER_TOKENS,
    Questions,
    expected_question,
    judging_forecast,
)
from medbench.store.jsonl import write_records
from medbench.store.runs import VERDICTS

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def _model(**changes: Any) -> ModelFile:
    return ModelFile.model_validate({"provider": "echo", "id": "j-1", **changes})


def _paid_judge() -> ModelFile:
    """1,400 tokens in and 1,190 out a verdict, $2 and $12 a million."""
    expect = {"input_tokens": 1400, "output_tokens": 310, "thoughts_tokens": 880}
    price = {"input": 2.0, "output": 12.0}
    return _model(price=price, expect_verdict=expect, settings={"max_tokens": 8192})


def _verdict(tokens: int | None, output: int | None = 100, **changes: Any) -> Verdict:
    usage = Usage.model_validate({"input": tokens, "output": output, "thoughts": 20, "source": "provider"})
    known = {"case_id": "c", "rater": "j/r", "rater_kind": "judge", "grade": "good"}
    return Verdict.model_validate(
        {**known, "asked": "j-1", "rubric_digest": "d", "usage": usage} | changes, strict=False
    )


def _record(root: Path, name: str, *verdicts: Verdict) -> None:
    folder = root / "bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    write_records(folder / VERDICTS, verdicts)


def _forecast(judge: ModelFile, questions: Questions, expect: Expect | None = None) -> Forecast:
    return judging_forecast(judge, expect or judge.expect_verdict, questions, concurrency=4, at=NOW)


def test_recorded_verdicts_of_the_judge_are_the_expectation(tmp_path: Path) -> None:
    """Of all runs, a second question and a verdict that failed included: they were paid for as well."""
    attempt = Attempt(start="s", queued_s=0, took_s=6.0, outcome="ok")
    failed = _verdict(3000, grade=None, failure=Failure(kind="prose", reason="r", final=True))
    _record(tmp_path, "one", _verdict(1000, attempts=(attempt, attempt)), failed)
    _record(tmp_path, "two", _verdict(2000, 400))
    found = expected_question(_model(expect_verdict={"output_tokens": 1}), "d", tmp_path)
    assert (found.input_tokens, found.output_tokens, found.thoughts_tokens) == (2000, 200, 20)
    assert (found.seconds, found.longest_s) == (12.0, 12.0), "of the one that was timed"
    assert (found.outputs, found.source) == (3, "of this judge")


@pytest.mark.parametrize(
    "changes", [{"asked": "j-2"}, {"rubric_digest": "other"}, {"usage": Usage()}, {"asked": None}]
)
def test_what_another_judge_or_rubric_took_says_nothing(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Nor does a verdict without its tokens: the model's file speaks."""
    _record(tmp_path, "one", _verdict(1000, **changes))
    file = {"input_tokens": 7, "output_tokens": 5, "source": "a trial"}
    found = expected_question(_model(expect_verdict=file), "d", tmp_path)
    assert (found.input_tokens, found.output_tokens, found.source) == (7, 5, "a trial")


def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    """A broken verdicts.jsonl keeps nobody from a dry run; the other runs still count."""
    _record(tmp_path, "a", _verdict(1000))
    _record(tmp_path, "b", _verdict(500))
    (tmp_path / "bench/a" / VERDICTS).write_bytes(b'{"not": "a verdict"}\n')
    assert expected_question(_model(), "d", tmp_path).input_tokens == 500


def test_without_record_and_file_the_texts_are_counted(tmp_path: Path) -> None:
    """4.5 bytes a token, or what the model's file says of its prompts, and 800 tokens of answer."""
    expect = expected_question(_model(), "d", tmp_path)
    price = {"input": 1.0, "output": 10.0}
    found = _forecast(_model(price=price), Questions(((4, 10),), text_bytes=900.0), expect)
    assert found.tokens_in == pytest.approx(800)
    assert found.tokens_out == 4 * ANSWER_TOKENS
    assert found.usd == pytest.approx(4 * (200 * 1 + 800 * 10) / 1e6)
    assert expected_question(_model(expect={"text_bytes": 3.0}), "d", tmp_path).text_bytes == 3.0
    unseen = _forecast(_model(price=price), Questions(((4, 10),)), expect)
    assert (unseen.tokens_in, unseen.usd) == (None, None), "no text is at hand"


def test_100_outputs_of_each_of_two_systems() -> None:
    """240 calls, 1,400 tokens in and 1,190 out, $2 and $12; at most outputs and verdicts to their caps."""
    judge = _paid_judge()
    found = _forecast(judge, Questions(((100, 2048), (100, 8192)), canaries=40))
    assert found.calls == 240
    assert found.usd == pytest.approx(240 * (1400 * 2 + 1190 * 12) / 1e6)
    tokens = 240 * 1400 + 100 * 2048 + 100 * 8192
    assert found.most_usd is not None
    assert found.most_usd >= (tokens * 2 + 240 * 8192 * 12) / 1e6
    assert found.most_usd == pytest.approx((tokens * 2 + 240 * 8192 * 12) / 1e6, rel=0.01)
    assert found.minutes is None


def test_listings_and_canaries_are_questions_like_verdicts() -> None:
    """So many more calls, tokens and dollars; none of them for nothing."""
    judge = _paid_judge()
    alone, together = (
        _forecast(judge, questions)
        for questions in (Questions(((10, 0),)), Questions(((10, 0),), listings=6, canaries=4))
    )
    assert (alone.calls, together.calls) == (10, 20)
    assert alone.usd is not None
    assert together.usd == pytest.approx(2 * alone.usd)
    nothing = _forecast(judge, Questions(((0, None),)))
    assert (nothing.calls, nothing.usd) == (0, 0.0)


def test_what_has_no_bound_is_unknown_at_most() -> None:
    """An output of any length, or a judge whose request has no known size; a free judge costs nothing."""
    judge = _paid_judge()
    endless = _forecast(judge, Questions(((3, None),)))
    assert (endless.most_usd, endless.usd is None) == (None, False)
    stranger = _forecast(_model(price={"input": 1.0, "output": 1.0}), Questions(((3, 10),)))
    assert (stranger.usd, stranger.most_usd, stranger.tokens_in) == (None, None, None)
    free = _forecast(_model(price={"free": True}), Questions(((3, None),)))
    assert (free.usd, free.most_usd) == (0.0, 0.0)


def test_a_judge_by_the_hour_takes_the_share_of_the_endpoint_that_is_used() -> None:
    """Eight calls of 9 s, four at a time, at $4 an hour; at most every call to the deadline."""
    judge = _model(price={"gpu_hour": 4.0}, limits={"concurrency": 4}, expect_verdict={"seconds": 9.0})
    found = _forecast(judge, Questions(((8, None),)))
    assert found.usd == pytest.approx(8 * 9 / 4 * 4 / 3600)
    assert found.most_usd == pytest.approx(2 * Prices(judge)._deadline_s * 4 / 3600)
