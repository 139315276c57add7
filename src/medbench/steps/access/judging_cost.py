"""The cost of judging to come: the one forecast behind `run --dry-run`, `judge --dry-run` and `plan`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Final

from medbench.errors import MedbenchError
from medbench.pricing.prices import Prices, most_output
from medbench.schema.model import Expect
from medbench.schema.response import Request
from medbench.schema.verdict import Verdict
from medbench.steps.access.forecast import TEXT_BYTES, Work, at_a_time, forecast
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from medbench.schema.model import ModelFile
    from medbench.schema.results.dry_run import Forecast

CANARIES: Final = 40
"""Canaries of a judge over all runs, unless asked otherwise."""
ANSWER_TOKENS: Final = 800
"""Assumed of an answer with its thoughts, where nothing is recorded and the model's file does not say."""


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions that a judge is still to be asked."""

    outputs: tuple[tuple[int, int | None], ...] = ()
    """Outputs to grade, and the tokens of the longest of them (None without a bound), system by system."""
    listings: int = 0
    """References whose findings are to be listed."""
    canaries: int = 0
    """Texts with a known grade."""
    text_bytes: float | None = None
    """Mean length of a question; None where the texts are not at hand."""
    batch: bool = False
    """True if they are asked in batches."""


def expected_question(judge: ModelFile, rubric_digest: str, root: Path) -> Expect:
    """Return what to expect of one question to a judge.

    That is the mean of its recorded verdicts, a second question after an unreadable answer included; without
    any, what the model's file says, and an assumption where that says nothing. A listing and a canary are
    taken to be as long as a verdict.
    """
    verdicts = [
        verdict
        for verdict in _verdicts(root)
        if verdict.asked == judge.id
        and verdict.rubric_digest == rubric_digest
        and verdict.usage.input is not None
        and verdict.usage.output is not None
    ]
    if not verdicts:
        return _assumed(judge)
    seconds = [
        sum(attempt.took_s or 0.0 for attempt in verdict.attempts)
        for verdict in verdicts
        if verdict.attempts and verdict.attempts[-1].took_s is not None
    ]
    return Expect(
        input_tokens=fmean(verdict.usage.input or 0 for verdict in verdicts),
        output_tokens=fmean(verdict.usage.output or 0 for verdict in verdicts),
        thoughts_tokens=fmean(verdict.usage.thoughts or 0 for verdict in verdicts),
        seconds=fmean(seconds) if seconds else None,
        longest_s=max(seconds, default=None),
        outputs=len(verdicts),
        source="of this judge",
    )


def judging_forecast(
    judge: ModelFile, expect: Expect, questions: Questions, *, concurrency: int | None, at: dt.datetime
) -> Forecast:
    """Return what the questions take.

    At most: each judged output as long as its system may make it, each answer as long as the judge may.

    Args:
        judge: The judge.
        expect: What to expect of one question, from `expected_question`.
        questions: The questions.
        concurrency: Calls at a time that were asked for; None for the usual.
        at: When they are asked; prices change.
    """
    prices = Prices(judge, batch=questions.batch)
    groups = [*questions.outputs, (questions.listings + questions.canaries, 0)]
    calls = sum(n for n, _ in groups)
    worst = [n * usd if usd is not None else None for n, usd in _worst(groups, judge, expect, prices, at)]
    if questions.text_bytes is None:
        expect = expect.model_copy(update={"text_bytes": None})
    work = Work(
        calls=calls,
        text_bytes=round(calls * (questions.text_bytes or 0.0)),
        worst_usd=None if None in worst else sum(usd or 0.0 for usd in worst),
        most_output=most_output(judge.settings),
    )
    return forecast(work, expect, prices, at_a_time=at_a_time(judge, concurrency), at=at)


def _worst(
    groups: list[tuple[int, int | None]], judge: ModelFile, expect: Expect, prices: Prices, at: dt.datetime
) -> Iterator[tuple[int, float | None]]:
    """Yield each number of questions with the dollars of one of them at most."""
    for n, longest in groups:
        if prices.charged == "token" and (longest is None or expect.input_tokens is None):
            yield n, None
        else:
            # Every byte counts as a token in a worst case: spaces stand for the tokens that are expected.
            text = " " * (math.ceil(expect.input_tokens or 0.0) + (longest or 0))
            yield n, prices.worst_case(Request(model=judge.id, text=text, settings=judge.settings), at=at)


def _assumed(judge: ModelFile) -> Expect:
    file = judge.expect_verdict
    if file.output_tokens is not None:
        return file
    return file.model_copy(
        update={
            "text_bytes": file.text_bytes or judge.expect.text_bytes or TEXT_BYTES,
            "output_tokens": ANSWER_TOKENS,
            "source": f"assumed, {ANSWER_TOKENS} tokens of answer and thoughts: nothing is recorded",
        }
    )


def _verdicts(root: Path) -> Iterator[Verdict]:
    for path in sorted(root.glob(f"*/*/{VERDICTS}")):
        try:
            yield from read_records(path, Verdict)
        except MedbenchError:
            continue  # what cannot be read says nothing about the cost
