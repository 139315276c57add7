"""The dry run of judges: calls, tokens, dollars, and the first question. Nothing is sent or written."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple

from medbench.client.batch_file import key_of
from medbench.judging.question import grading, order_of
from medbench.pricing.prices import Prices
from medbench.schema.response import FALLBACK, MODEL, CallFor
from medbench.schema.results.judge_result import JudgeDryRun, JudgingForecast
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
    from collections.abc import Callable, Iterator, Sequence
    from typing import Self

    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.schema.response import Request
    from medbench.schema.run import Output
    from medbench.schema.verdict import Listing
    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.judging_plan import JudgingPlan

_State = Literal["done", "open", "given up"]
_TO_COME = (Listed(text="(listed by the judge first, once for the case)", present=True, key=True),)


def dry_run(plan: JudgingPlan) -> JudgingForecast:
    """Return what judges and the fallback would be asked, and what that would take.

    What other runs have paid for is not asked. The fallback is asked what judges have failed at for good;
    what they fail at from now comes on top.
    """
    runs = [_Run.of(RunFolder(folder)) for folder in plan.runs]
    asking = _Asking(plan, runs, JudgedBefore(plan.runs[0].parent.parent), dt.datetime.now(dt.UTC), set())
    judges = tuple(_of_judge(asking, judge) for judge in plan.judges)
    return JudgingForecast(judges, _of_fallback(asking, plan.fallback) if plan.fallback else None)


class _Run(NamedTuple):
    """A run to judge, as it is on the disk."""

    folder: RunFolder
    outputs: OutputIndex
    books: dict[RaterKey, VerdictBook]

    @classmethod
    def of(cls, folder: RunFolder) -> Self:
        return cls(folder, OutputIndex(folder.path), books_of(folder))


class _Asking(NamedTuple):
    """All that the questions of a plan depend on, whoever is asked."""

    plan: JudgingPlan
    runs: list[_Run]
    before: JudgedBefore
    at: dt.datetime
    listed: set[str]
    """Cases whose reference one of them lists, for all of them."""

    def cases(self) -> Iterator[tuple[Case, Reference]]:
        return self.plan.cases(self.runs[0].folder.benchmark())

    def books(self, judge: Judge) -> list[VerdictBook]:
        """Return the verdicts of a judge, run by run."""
        key = judge.key
        return [run.books.get(key, VerdictBook()) for run in self.runs]


def _of_judge(asking: _Asking, judge: Judge) -> JudgeDryRun:
    """Return what a judge would be asked."""
    plan, before = asking.plan, asking.before
    books = asking.books(judge)

    def state(run: int, key: VerdictKey, sha256: str | None) -> _State:
        if books[run].has(key, sha256):
            return "done"
        return "open" if books[run].may_come(key) else "given up"

    remaining = _Remaining(asking, judge, MODEL, state)
    references = {}
    for case, reference in asking.cases():
        references[case.case_id] = reference
        remaining.add(case, reference)
    done = settled_canaries(judge, [run.folder for run in asking.runs])
    lacking = max(0, plan.canaries - len(done))
    known = lacking and sum(1 for _ in islice(before.canaries(judge.digest, references, done), lacking))
    return remaining.forecast(canaries=lacking - known, known=known)


def _of_fallback(asking: _Asking, fallback: Judge) -> JudgeDryRun | None:
    """Return what the fallback would be asked in the place of the judges, once for all of them."""
    plan = asking.plan
    left: list[tuple[Judge, list[VerdictBook], frozenset[str]]] = []
    for judge in plan.judges:
        books = asking.books(judge)
        if not any(book.failed or book.fallback for book in books):
            continue
        judged = [(run.outputs, book) for run, book in zip(asking.runs, books, strict=True)]
        case_ids = (case.case_id for case, _ in asking.cases())
        left.append((judge, books, cases_for_fallback(plan, case_ids, judged, is_given_up)))
    replaced: dict[str, None] = {}

    def state(run: int, key: VerdictKey, _: str | None) -> _State:
        lacking = [
            judge.name
            for judge, books, cases in left
            if key.case_id in cases and needs_fallback(books[run], key)
        ]
        replaced.update(dict.fromkeys(lacking))
        return "open" if lacking else "given up"

    remaining = _Remaining(asking, fallback, FALLBACK, state)
    for case, reference in asking.cases() if any(cases for _, _, cases in left) else ():
        remaining.add(case, reference)
    if not replaced:
        return None
    return replace(remaining.forecast(), instead_of=tuple(replaced))


def settled_canaries(judge: Judge, runs: Sequence[RunFolder]) -> list[Canary]:
    """Return the canaries that a judge is not asked about again, all runs together."""
    return [
        canary
        for run in runs
        for canary in read_records(run.path / AUDIT, Canary)
        if RaterKey.of(canary) == judge.key and canary.is_settled
    ]


class _Remaining:
    """Sums over the texts that a judge is still to grade, and the first question about one of them.

    Args:
        asking: The plan and its runs.
        judge: The judge, or the fallback.
        role: Role in which it is asked.
        state: How it stands with what is to be judged: the number of the run, the verdict, and the digest of
            the text where that matters.
    """

    def __init__(
        self,
        asking: _Asking,
        judge: Judge,
        role: str,
        state: Callable[[int, VerdictKey, str | None], _State],
    ) -> None:
        plan = asking.plan
        self._asking, self._judge, self._role, self._state = asking, judge, role, state
        self._work = Work()
        self._prices = Prices(judge.model, batch=plan.batch)
        self._outputs = self._done = self._reused = self._listings = self._waiting = 0
        self._longest = 0  # in bytes: no text has more tokens
        self._example: Request | None = None
        self._bytes = 0
        self._facts = [ImageFacts(run.folder) for run in asking.runs]
        self._asked: set[tuple[str, int]] = set()
        self._under_way = frozenset().union(*(under_way(run.folder.path) for run in asking.runs))
        self._known_listings = known_listings(plan.runs[0].parent)

    def forecast(self, *, canaries: int = 0, known: int = 0) -> JudgeDryRun:
        """Return the sums, and what the questions take.

        Args:
            canaries: Canaries that are asked as well.
            known: Canaries that other runs have paid for.
        """
        plan, before, at = self._asking.plan, self._asking.before, self._asking.at
        judge = self._judge
        questions = Questions(
            outputs=((self._outputs, self._longest),),
            listings=self._listings,
            canaries=canaries,
            text_bytes=self._question_bytes,
            batch=plan.batch,
        )
        expect = expected_question(judge.model, judge.rubric.digest, plan.runs[0].parent.parent)
        forecast = judging_forecast(judge.model, expect, questions, concurrency=plan.concurrency, at=at)
        return JudgeDryRun(
            name=judge.name,
            model_id=judge.model.id,
            rubric=judge.rubric.name,
            context=judge.context,
            outputs=self._outputs,
            done=self._done,
            reused=self._reused + known,
            waiting=self._waiting,
            listings=self._listings,
            canaries=canaries,
            input_tokens=round(forecast.tokens_in or 0),
            output_tokens=round(forecast.tokens_out or 0),
            usd=forecast.usd,
            most_usd=self._most_usd(self._listings + canaries, forecast.most_usd),
            dearest_usd=self._work.dearest_usd,
            example=self._example,
            unreadable=before.unreadable() if self._outputs or canaries else (),
        )

    @property
    def _question_bytes(self) -> float:
        """Mean length of a question."""
        rubric = self._judge.rubric
        texts = self._bytes / self._outputs if self._outputs else 0.0
        return len(rubric.text.encode()) + len(rubric.system.encode()) + texts

    def _most_usd(self, others: int, else_usd: float | None) -> float | None:
        """Return the dollars at most, with so many other questions, each as dear as the dearest of these."""
        if others and not self._outputs:
            return else_usd
        worst = self._work.worst_usd
        return None if worst is None else worst + others * self._work.dearest_usd

    def add(self, case: Case, reference: Reference) -> None:
        """Count the texts of one case."""
        rubric, asked = self._judge.rubric, self._outputs
        listing = None
        if rubric.listing:
            key, lister = listing_key(reference, rubric), self._judge.model.id
            before = self._asking.before
            listing = self._known_listings.get(key) or before.listing(reference, rubric, lister)
        for number, run in enumerate(self._asking.runs):
            for replicate in run.outputs.replicates(case.case_id):
                output = run.outputs.output(case.case_id, replicate)
                facts = self._facts[number]
                told = facts.of(case, reference, output.responses) if self._judge.context != "none" else ""
                self._add_output(number, output, reference, listing, told)
        # The first that is asked about a case lists its findings for all of them.
        if self._outputs > asked and rubric.listing and listing is None:
            self._listings += case.case_id not in self._asking.listed
            self._asking.listed.add(case.case_id)

    def _add_output(
        self, run: int, output: Output, reference: Reference, listing: Listing | None, facts: str
    ) -> None:
        plan = self._asking.plan
        text, judged = judged_text(output.text or "")
        current = judged.sha256 if plan.stale else None
        for judge_replicate in range(plan.replicates):
            key = VerdictKey(reference.case_id, output.replicate, judge_replicate)
            state = self._state(run, key, current)
            if state == "done":
                self._done += 1
            elif state == "open":
                request = self._question(reference, text, judge_replicate, listing, facts)
                if self._is_under_way(request, key):
                    self._waiting += 1
                    continue
                if self._is_paid(request, key):
                    self._reused += 1
                    continue
                self._outputs += 1
                worst = self._prices.worst_case(request, at=self._asking.at)
                self._work.add(images=0, text_bytes=0, worst_usd=worst)
                size = len(text.encode())
                self._bytes += size + len(reference.text.encode()) + len(facts.encode())
                self._longest = max(self._longest, size)
                self._example = self._example or request

    def _is_under_way(self, request: Request, key: VerdictKey) -> bool:
        call_for = CallFor(case_id=key.case_id, replicate=key.replicate, stage="judge", role=self._role)
        return bool(self._under_way) and (
            key_of(request.digest, call_for, key.judge_replicate) in self._under_way
        )

    def _is_paid(self, request: Request, key: VerdictKey) -> bool:
        """Return True if a question was answered before, or is asked for another of these runs."""
        question = (request.digest, key.judge_replicate)
        again = question in self._asked
        self._asked.add(question)
        call_for = CallFor(case_id=key.case_id, replicate=key.replicate, stage="judge", role=self._role)
        return again or self._asking.before.find(request, call_for, key.judge_replicate) is not None

    def _question(
        self, reference: Reference, text: str, judge_replicate: int, listing: Listing | None, facts: str
    ) -> Request:
        judge = self._judge
        return grading(
            judge.rubric,
            judge.model,
            reference=reference.text,
            judged=text,
            order=order_of(self._asking.plan.seed, reference.case_id, judge_replicate),
            listed=listing.findings if listing else _TO_COME if judge.rubric.listing else (),
            facts=facts,
        )
