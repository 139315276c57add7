"""The dry run of a judge: calls, tokens, dollars, and the first question. Nothing is sent or written."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import TYPE_CHECKING

from medbench.client.batch_file import key_of
from medbench.judging.question import grading, order_of
from medbench.pricing.prices import Prices
from medbench.schema.response import CallFor
from medbench.schema.results.judge_result import JudgeDryRun
from medbench.schema.verdict import Canary, Listed
from medbench.steps.access.forecast import Work
from medbench.steps.access.judging_cost import Questions, expected_question, judging_forecast
from medbench.steps.judge.fallback import cases_for_fallback, is_given_up, needs_fallback
from medbench.steps.judge.image_facts import ImageFacts
from medbench.steps.reading.judged_before import JudgedBefore, known_listings, listing_key
from medbench.steps.reading.outputs import judged_text
from medbench.steps.reading.verdict_book import RaterKey, VerdictBook, VerdictKey, books_of
from medbench.store.batches import under_way
from medbench.store.jsonl import read_records
from medbench.store.outputs import OutputIndex
from medbench.store.runs import AUDIT, RunFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.schema.response import Request
    from medbench.schema.run import Output
    from medbench.schema.verdict import Listing
    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.judging_plan import JudgingPlan

_TO_COME = (Listed(text="(listed by the judge first, once for the case)", present=True, key=True),)


def dry_run(plan: JudgingPlan, judge: Judge) -> JudgeDryRun:
    """Return what a judge would be asked, and what that would take. What other runs have paid for is not."""
    runs = [RunFolder(folder) for folder in plan.runs]
    before = JudgedBefore(plan.runs[0].parent.parent)
    at = dt.datetime.now(dt.UTC)
    remaining = _Remaining(plan, judge, runs, before, at)
    references = {}
    for case, reference in plan.cases(runs[0].benchmark()):
        references[case.case_id] = reference
        remaining.add(case, reference)
    done = settled_canaries(judge, runs)
    lacking = max(0, plan.canaries - len(done))
    canaries = lacking and sum(1 for _ in islice(before.canaries(judge.digest, references, done), lacking))
    questions = Questions(
        outputs=((remaining.outputs, remaining.longest),),
        listings=remaining.listings,
        canaries=lacking - canaries,
        text_bytes=remaining.question_bytes,
        batch=plan.batch,
    )
    expect = expected_question(judge.model, judge.rubric.digest, plan.runs[0].parent.parent)
    forecast = judging_forecast(judge.model, expect, questions, concurrency=plan.concurrency, at=at)
    return JudgeDryRun(
        name=judge.name,
        model_id=judge.model.id,
        rubric=judge.rubric.name,
        context=judge.context,
        outputs=remaining.outputs,
        done=remaining.done,
        reused=remaining.reused + canaries,
        waiting=remaining.waiting,
        for_fallback=remaining.for_fallback,
        listings=questions.listings,
        canaries=questions.canaries,
        input_tokens=round(forecast.tokens_in or 0),
        output_tokens=round(forecast.tokens_out or 0),
        usd=forecast.usd,
        most_usd=remaining.most_usd(questions.listings + questions.canaries, forecast.most_usd),
        dearest_usd=remaining.work.dearest_usd,
        example=remaining.example,
        unreadable=before.unreadable() if remaining.outputs or questions.canaries else (),
    )


def settled_canaries(judge: Judge, runs: Sequence[RunFolder]) -> list[Canary]:
    """Return the canaries that a judge is not asked about again, all runs together."""
    return [
        canary
        for run in runs
        for canary in read_records(run.path / AUDIT, Canary)
        if RaterKey.of(canary) == judge.key and canary.is_settled
    ]


class _Remaining:
    """Sums over the texts that a judge has not graded yet, and the first question about one of them."""

    def __init__(
        self,
        plan: JudgingPlan,
        judge: Judge,
        runs: Sequence[RunFolder],
        before: JudgedBefore,
        at: dt.datetime,
    ) -> None:
        self.work = Work()
        self._prices, self._at = Prices(judge.model, batch=plan.batch), at
        self.outputs = self.done = self.reused = self.listings = self.waiting = self.for_fallback = 0
        self.longest = 0  # in bytes: no text has more tokens
        self.example: Request | None = None
        self._bytes = 0
        self._plan, self._judge, self._before = plan, judge, before
        self._runs = [
            (OutputIndex(run.path), books_of(run).get(judge.key, VerdictBook()), ImageFacts(run))
            for run in runs
        ]
        self._for_fallback = frozenset[str]()
        if plan.fallback is not None:
            case_ids = (case.case_id for case, _ in plan.cases(runs[0].benchmark()))
            judged = [(outputs, book) for outputs, book, _ in self._runs]
            self._for_fallback = cases_for_fallback(plan, case_ids, judged, is_given_up)
        self._asked: set[tuple[str, int]] = set()
        self._under_way = frozenset().union(*(under_way(run.path) for run in runs))
        self._listings = known_listings(plan.runs[0].parent)

    @property
    def question_bytes(self) -> float:
        """Mean length of a question."""
        rubric = self._judge.rubric
        texts = self._bytes / self.outputs if self.outputs else 0.0
        return len(rubric.text.encode()) + len(rubric.system.encode()) + texts

    def most_usd(self, others: int, else_usd: float | None) -> float | None:
        """Return the dollars at most, with so many other questions, each as dear as the dearest of these."""
        if others and not self.outputs:
            return else_usd
        worst = self.work.worst_usd
        return None if worst is None else worst + others * self.work.dearest_usd

    def add(self, case: Case, reference: Reference) -> None:
        """Count the texts of one case."""
        rubric, asked = self._judge.rubric, self.outputs
        listing = None
        if rubric.listing:
            key, lister = listing_key(reference, rubric), self._judge.model.id
            listing = self._listings.get(key) or self._before.listing(reference, rubric, lister)
        for index, book, facts in self._runs:
            for replicate in index.replicates(case.case_id):
                output = index.output(case.case_id, replicate)
                told = facts.of(case, reference, output.responses) if self._judge.context != "none" else ""
                self._add_output(book, output, reference, listing, told)
        # The first judge lists the findings for all of them.
        if self.outputs > asked and rubric.listing and self._judge == self._plan.judges[0]:
            self.listings += listing is None

    def _add_output(
        self, book: VerdictBook, output: Output, reference: Reference, listing: Listing | None, facts: str
    ) -> None:
        text, judged = judged_text(output.text or "")
        current = judged.sha256 if self._plan.stale else None
        for judge_replicate in range(self._plan.replicates):
            key = VerdictKey(reference.case_id, output.replicate, judge_replicate)
            self.for_fallback += key.case_id in self._for_fallback and needs_fallback(book, key)
            if book.has(key, current):
                self.done += 1
            elif book.may_come(key):
                request = self._question(reference, text, judge_replicate, listing, facts)
                if self._is_under_way(request, key):
                    self.waiting += 1
                    continue
                if self._is_paid(request, key):
                    self.reused += 1
                    continue
                self.outputs += 1
                worst = self._prices.worst_case(request, at=self._at)
                self.work.add(images=0, text_bytes=0, worst_usd=worst)
                size = len(text.encode())
                self._bytes += size + len(reference.text.encode()) + len(facts.encode())
                self.longest = max(self.longest, size)
                self.example = self.example or request

    def _is_under_way(self, request: Request, key: VerdictKey) -> bool:
        call_for = CallFor(case_id=key.case_id, replicate=key.replicate, stage="judge")
        return bool(self._under_way) and (
            key_of(request.digest, call_for, key.judge_replicate) in self._under_way
        )

    def _is_paid(self, request: Request, key: VerdictKey) -> bool:
        """Return True if a question was answered before, or is asked for another of these runs."""
        question = (request.digest, key.judge_replicate)
        again = question in self._asked
        self._asked.add(question)
        call_for = CallFor(case_id=key.case_id, replicate=key.replicate, stage="judge")
        return again or self._before.find(request, call_for, key.judge_replicate) is not None

    def _question(
        self, reference: Reference, text: str, judge_replicate: int, listing: Listing | None, facts: str
    ) -> Request:
        judge = self._judge
        return grading(
            judge.rubric,
            judge.model,
            reference=reference.text,
            judged=text,
            order=order_of(self._plan.seed, reference.case_id, judge_replicate),
            listed=listing.findings if listing else _TO_COME if judge.rubric.listing else (),
            facts=facts,
        )
