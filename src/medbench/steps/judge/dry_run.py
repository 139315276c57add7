"""The dry run of a judge: calls, tokens, dollars, and the first question. Nothing is sent or written."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from medbench.judging.question import grading, order_of
from medbench.schema.results.judge_result import JudgeDryRun
from medbench.schema.verdict import Canary, Listed
from medbench.steps.access.judging_cost import Questions, expected_question, judging_forecast
from medbench.steps.judge.listings import known_listings, listing_key
from medbench.steps.reading.outputs import judged_text
from medbench.steps.reading.selection import selected_with_references
from medbench.steps.reading.verdict_book import RaterKey, VerdictBook, VerdictKey, books_of
from medbench.store.jsonl import read_records
from medbench.store.outputs import OutputIndex
from medbench.store.runs import AUDIT, RunFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.schema.response import Request
    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.judging_plan import JudgingPlan

_TO_COME = (Listed(text="(listed by the judge first, once for the case)", present=True, key=True),)


def dry_run(plan: JudgingPlan, judge: Judge) -> JudgeDryRun:
    """Return what a judge would be asked, and what that would take."""
    runs = [RunFolder(folder) for folder in plan.runs]
    remaining = _Remaining(plan, judge, runs)
    for case, reference in selected_with_references(runs[0].benchmark(), plan.limit):
        remaining.add(case, reference)
    questions = Questions(
        outputs=((remaining.outputs, remaining.longest),),
        listings=remaining.listings,
        canaries=missing_canaries(judge, runs, plan.canaries),
        text_bytes=remaining.question_bytes,
    )
    expect = expected_question(judge.model, judge.rubric.digest, plan.runs[0].parent.parent)
    at = dt.datetime.now(dt.UTC)
    forecast = judging_forecast(judge.model, expect, questions, concurrency=plan.concurrency, at=at)
    return JudgeDryRun(
        name=judge.name,
        model_id=judge.model.id,
        rubric=judge.rubric.name,
        context=judge.context,
        outputs=remaining.outputs,
        done=remaining.done,
        listings=questions.listings,
        canaries=questions.canaries,
        input_tokens=round(forecast.tokens_in or 0),
        output_tokens=round(forecast.tokens_out or 0),
        usd=forecast.usd,
        example=remaining.example,
    )


def missing_canaries(judge: Judge, runs: Sequence[RunFolder], wanted: int) -> int:
    """Return how many canaries of a judge are still to be asked about, all runs together."""
    done = sum(
        RaterKey.of(canary) == judge.key and canary.is_settled
        for run in runs
        for canary in read_records(run.path / AUDIT, Canary)
    )
    return max(0, wanted - done)


class _Remaining:
    """Sums over the texts that a judge has not graded yet, and the first question about one of them."""

    def __init__(self, plan: JudgingPlan, judge: Judge, runs: Sequence[RunFolder]) -> None:
        self.outputs = self.done = self.listings = 0
        self.longest = 0  # in bytes: no text has more tokens
        self.example: Request | None = None
        self._bytes = 0
        self._plan, self._judge = plan, judge
        self._runs = [(OutputIndex(run.path), books_of(run).get(judge.key, VerdictBook())) for run in runs]
        self._listings = known_listings(plan.runs[0].parent)

    @property
    def question_bytes(self) -> float:
        """Mean length of a question."""
        rubric = self._judge.rubric
        texts = self._bytes / self.outputs if self.outputs else 0.0
        return len(rubric.text.encode()) + len(rubric.system.encode()) + texts

    def add(self, case: Case, reference: Reference) -> None:
        """Count the texts of one case."""
        before = self.outputs
        for index, book in self._runs:
            for replicate in index.replicates(case.case_id):
                self._add_output(book, reference, replicate, index.output(case.case_id, replicate).text or "")
        # The first judge lists the findings for all of them.
        lists = self._judge.rubric.listing and self._judge == self._plan.judges[0]
        if lists and self.outputs > before:
            self.listings += listing_key(reference, self._judge.rubric) not in self._listings

    def _add_output(self, book: VerdictBook, reference: Reference, replicate: int, output: str) -> None:
        text, judged = judged_text(output)
        current = judged.sha256 if self._plan.stale else None
        for judge_replicate in range(self._plan.replicates):
            key = VerdictKey(reference.case_id, replicate, judge_replicate)
            if book.has(key, current):
                self.done += 1
            elif book.may_come(key):
                self.outputs += 1
                size = len(text.encode())
                self._bytes += size + len(reference.text.encode())
                self.longest = max(self.longest, size)
                self.example = self.example or self._question(reference, text, judge_replicate)

    def _question(self, reference: Reference, text: str, judge_replicate: int) -> Request:
        judge = self._judge
        listing = self._listings.get(listing_key(reference, judge.rubric))
        return grading(
            judge.rubric,
            judge.model,
            reference=reference.text,
            judged=text,
            order=order_of(self._plan.seed, reference.case_id, judge_replicate),
            listed=listing.findings if listing else _TO_COME if judge.rubric.listing else (),
        )
