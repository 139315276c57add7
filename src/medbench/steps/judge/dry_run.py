"""What a session of `judge` would ask: calls, tokens, dollars, and the first question."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from medbench.judging.question import grading, order_of
from medbench.pricing.prices import Prices
from medbench.schema.response import Usage
from medbench.schema.results.judge_result import JudgePlan
from medbench.schema.verdict import Canary, Listed
from medbench.steps.judge.listings import known_listings
from medbench.steps.judge.session import cases_of
from medbench.steps.reading.outputs import OutputIndex, judged_text, sha256
from medbench.steps.reading.verdict_book import RaterKey, VerdictKey, books_of
from medbench.store.jsonl import read_records
from medbench.store.runs import AUDIT

if TYPE_CHECKING:
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Request
    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.session import JudgeSession

CHARACTERS_A_TOKEN = 4
"""Of English, roughly: for an estimate beforehand, and for nothing that is recorded."""
ANSWER_TOKENS = 800
"""Tokens of one answer with its thoughts, where the model file does not say what to expect."""


def judge_plan(session: JudgeSession, judge: Judge) -> JudgePlan:
    """What a judge would be asked; nothing is written."""
    key = RaterKey(judge.rater, judge.digest)
    runs = [(OutputIndex(run), books_of(run).get(key)) for run in session.runs]
    known = known_listings(session.runs[0].path.parent)
    outputs = there = listings = characters = 0
    example: Request | None = None
    for case, reference in cases_of(session):
        wanted = 0
        for index, book in runs:
            for replicate in index.replicates(case.case_id):
                text: str | None = None
                for number in range(session.replicates):
                    place = VerdictKey(case.case_id, replicate, number)
                    if text is None:
                        text, judged = judged_text(index.output(case.case_id, replicate).text or "")
                    said = book.said(place, by_fallback=False, sha256=judged.sha256) if book else None
                    if said is not None and not (session.stale and said.sha256 != judged.sha256):
                        there += 1
                        continue
                    failed = book.failed.get(place) if book else None
                    if failed is not None and failed.final:
                        continue  # it was asked twice, and what it said cannot be read
                    wanted += 1
                    characters += len(text) + len(reference.text)
                    if example is None:
                        listing = known.get((case.case_id, sha256(reference.text), judge.rubric.digest))
                        example = grading(
                            judge.rubric,
                            judge.model,
                            reference=reference.text,
                            judged=text,
                            order=order_of(session.seed, case.case_id, number),
                            listed=listing.findings if listing else _TO_COME if judge.rubric.listing else (),
                        )
        outputs += wanted
        if wanted and judge.rubric.listing:
            listings += (case.case_id, sha256(reference.text), judge.rubric.digest) not in known
    canaries = max(0, session.canaries - _canaries_there(session, judge))
    words = len(judge.rubric.text) + len(judge.rubric.system)
    calls = outputs + listings + canaries
    mean = characters / outputs if outputs else 0.0
    tokens_in = round((calls * (words + mean)) / CHARACTERS_A_TOKEN)
    tokens_out = round(calls * (judge.model.expect.output_tokens or ANSWER_TOKENS))
    return JudgePlan(
        judge.name,
        judge.model.id,
        judge.rubric.name,
        judge.context,
        outputs,
        there,
        listings,
        canaries,
        tokens_in,
        tokens_out,
        estimated_usd(judge.model, calls, tokens_in, tokens_out),
        example,
    )


_TO_COME = (Listed(text="(listed by the judge first, once for the case)", present=True, key=True),)


def estimated_usd(model: ModelFile, calls: int, input_tokens: int, output_tokens: int) -> float | None:
    """What calls of these tokens together would cost by the token, each a mean one; None where unknown."""
    prices = Prices(model)
    if prices.charged == "free" or not calls:
        return 0.0
    if prices.charged != "token":
        return None
    mean = Usage(input=round(input_tokens / calls), output=round(output_tokens / calls), thoughts=0)
    cost = prices.cost(mean, seconds=0.0, sharing=1, at=dt.datetime.now(dt.UTC))
    return calls * cost.usd if cost else None


def _canaries_there(session: JudgeSession, judge: Judge) -> int:
    return sum(
        canary.rater == judge.rater
        and canary.rater_digest == judge.digest
        and (canary.failure is None or canary.failure.final)
        for run in session.runs
        for canary in read_records(run.path / AUDIT, Canary)
    )
