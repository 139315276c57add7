"""One judge at work on all runs of a session: its questions, and the verdicts that it gives."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.errors import PendingError, ProviderDownError, ProviderError
from medbench.executors.local import for_each
from medbench.images.recorded import Pictures
from medbench.judging.ask import Graded, Result, ask_for_grade
from medbench.judging.question import grading, order_of, settings_of
from medbench.providers import Provider
from medbench.schema.response import ALIVE, FALLBACK, MODEL, CallFor, Failure
from medbench.schema.verdict import Verdict
from medbench.steps.access.clients import new_provider
from medbench.steps.access.readiness import missing_access
from medbench.steps.judge.fallback import has_failed
from medbench.steps.judge.image_facts import ImageFacts
from medbench.steps.judge.unusable import Unusable
from medbench.steps.reading.outputs import judged_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from medbench.schema.case import Case
    from medbench.schema.model import ModelFile
    from medbench.schema.reference import Reference
    from medbench.schema.response import Reply, Request
    from medbench.schema.verdict import Listing, Order
    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.open_runs import OpenRun
    from medbench.steps.judge.session import Job, JobId, JudgingSession


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a judge, about one text."""

    run: OpenRun
    """The run whose ledger keeps the answer."""
    case: Case
    reference: Reference
    text: str
    order: Order
    call_for: CallFor
    sample: int = 0
    image_facts: str = ""


class _Unreached(Provider):
    """Stands for a judge that lacks a key: nothing is left to judge, or `refusals` say what it lacks."""

    async def ask(self, request: Request) -> Reply:
        """Refuse: nothing is sent."""
        missing = missing_access(self._model)
        reason = f"'{request.model}' cannot be asked: no {missing.name if missing else 'key'}"
        raise ProviderError("setting", reason, final=False, stops=True, sent=False)


def _provider(session: JudgingSession, model: ModelFile) -> Provider:
    pictures = Pictures(session.benchmark.path)
    if missing_access(model) and not session.plan.batch:
        return _Unreached(model, pictures)
    return new_provider(model, pictures, session.calls.accounts)


class Grader:
    """One judge at work.

    Args:
        session: The session; its open runs and its spending are shared with other judges.
        judge: The judge.
    """

    def __init__(self, session: JudgingSession, judge: Judge) -> None:
        self.judge = judge
        self.key = judge.key
        """Its key, a digest of all that makes it: computed once, and not for each verdict."""
        self.down: ProviderDownError | None = None
        """Why nothing more is asked of it."""
        answered = any(run.book(self.key).own for run in session.runs)
        self.unusable = Unusable(session, judge.name, self.known_answer, answered=answered)
        """Failures of the judge, until it is known to work."""
        self._session = session
        self._image_facts = {run: ImageFacts(run.folder) for run in session.runs}
        provider = _provider(session, judge.model)
        self.pending = 0
        """Questions whose answers are to come with a batch."""
        ids = {run: run.folder.head.run_id for run in session.runs}
        self._clients = {run: session.client(provider, judge, run.ledger, ids[run]) for run in session.runs}
        listings, list_id = session.listings, f"{next(iter(ids.values()))}-listings"
        self._lister = session.client(provider, judge, listings.ledger, list_id) if listings else None
        self.at_a_time = session.calls.accounts.of(judge.model).slots.controller.most

    async def settle(self) -> None:
        """Put all that is held back on the disk."""
        await self.unusable.settle(down=self.down is not None)

    async def close(self) -> None:
        """Close the connections, and enter what was paid."""
        for client in (*self._clients.values(), *((self._lister,) if self._lister else ())):
            await client.close()
            self._session.spending.account.merge(client.spent)

    def missing(self) -> set[JobId]:
        """Return the verdicts of this judge that are missing and may still come."""
        return {job.id for job in self._session.jobs() if self._is_missing(job.id)}

    def failed_transiently(self, jobs: Iterable[JobId]) -> set[JobId]:
        """Return those of the jobs that failed in a way that may pass."""
        open_failures = set()
        for job in jobs:
            book = job.run.book(self.key)
            if has_failed(book, job.key) and book.may_come(job.key):
                open_failures.add(job)
        return open_failures

    def _is_missing(self, job: JobId) -> bool:
        book = job.run.book(self.key)
        current = None
        if self._session.plan.stale and book.has(job.key):
            current = judged_text(job.run.text(job.key.case_id, job.key.replicate))[1].sha256
        return not book.has(job.key, current) and book.may_come(job.key)

    async def grade(
        self, title: str, jobs: Collection[JobId], *, done: int = 0, instead_of: Judge | None = None
    ) -> None:
        """Give verdicts.

        Args:
            title: Name of this part of the work.
            jobs: The verdicts to give.
            done: Number of verdicts that are there already.
            instead_of: The judge that this one stands in for; None where it judges in its own name.
        """
        if not jobs:
            return
        watcher = self._session.hooks.watcher
        watcher.begin(title, done, done + len(jobs))

        async def give_verdict(job: Job) -> None:
            if self.down is not None:
                return
            try:
                verdict, result = await self._verdict(job, instead_of)
                output = (instead_of.key if instead_of else self.key, job.id)
                graded, twice = result.value is not None, result.asked_twice
                self._session.spending.add(output, graded=graded, asked_twice=twice)
                kind = verdict.failure.kind if verdict.failure else None
                watcher.step(title, kind, again=result.asked_twice)
                await self.unusable.add(job.id.run, verdict, result)
            except PendingError:
                self.pending += 1
            except ProviderDownError as error:
                self.down = error

        await for_each(
            (job for job in self._session.jobs() if job.id in jobs),
            give_verdict,
            at_a_time=self.at_a_time,
            stopped=self._session.hooks.stop.is_set,
        )
        watcher.end(title)

    async def ask(self, question: Question) -> tuple[Result[Graded], Listing | None]:
        """Ask about one text, after its reference's findings where the rubric needs them.

        Returns:
            The grade or a failure, and the list of findings that was given.

        Raises:
            ProviderDownError: The judge was given up.
            PendingError: The answer is to come with a batch.
        """
        listing = await self._listing(question.reference)
        if isinstance(listing, Failure):
            return Result(None, listing), None
        findings = listing.findings if listing else ()
        request = grading(
            self.judge.rubric,
            self.judge.model,
            reference=question.reference.text,
            judged=question.text,
            order=question.order,
            listed=findings,
            facts=question.image_facts,
        )
        call_for = question.call_for
        request = request.model_copy(update={"case_key": f"{question.case.case_id}/{call_for.replicate}"})
        client = self._clients[question.run]
        place, pending = (request.digest, call_for.role, question.sample), self._session.pending
        async with self._session.alone(request, call_for.role, question.sample):
            if place in pending:  # the same about another run
                raise PendingError("the answer is to come with a batch", "the same line again collects it")
            try:
                return await ask_for_grade(client, request, call_for, question.sample, findings), listing
            except PendingError:
                pending.add(place)
                raise

    async def known_answer(self) -> Result[Graded] | None:
        """Ask a question again that the judge has answered before; None where there is none.

        Raises:
            ProviderDownError: The judge was given up.
        """
        for job in self._session.jobs():
            run, key = job.id
            if not run.book(self.key).has(key):
                continue
            if self._session.plan.batch:  # nobody answers now: that it did before must do
                return Result(Graded("good", key_finding=True, rationale=""))
            text, _ = judged_text(run.text(key.case_id, key.replicate))
            order = order_of(self._session.plan.seed, key.case_id, 0)
            call_for = CallFor(case_id=key.case_id, stage="canary-alive", role=ALIVE)
            facts = self.image_facts(run, job.case, job.reference)
            # Another number each time: a recorded answer would say nothing about now.
            now = int(time.time())
            question = Question(run, job.case, job.reference, text, order, call_for, now, facts)
            return (await self.ask(question))[0]
        return None

    def image_facts(
        self, run: OpenRun, case: Case, reference: Reference, responses: tuple[str, ...] = ()
    ) -> str:
        """Return the hidden facts about the images that a system was sent; empty without that context."""
        if self.judge.context == "none":
            return ""
        return self._image_facts[run].of(case, reference, responses)

    async def _listing(self, reference: Reference) -> Listing | Failure | None:
        if self._session.listings is None or self._lister is None or not self.judge.rubric.listing:
            return None
        return await self._session.listings.of(reference, self.judge, self._lister)

    async def _verdict(self, job: Job, instead_of: Judge | None) -> tuple[Verdict, Result[Graded]]:
        run, key = job.id
        output = run.outputs.output(key.case_id, key.replicate)
        # A long output takes a while to parse: calls in flight must not wait for it.
        text, judged = await asyncio.to_thread(judged_text, output.text or "")
        order = order_of(self._session.plan.seed, key.case_id, key.judge_replicate)
        # The fallback may have the same model on another server: its answer is not the judge's own.
        role = FALLBACK if instead_of else MODEL
        call_for = CallFor(case_id=key.case_id, replicate=key.replicate, stage="judge", role=role)
        facts = self.image_facts(run, job.case, job.reference, output.responses)
        result, listing = await self.ask(
            Question(run, job.case, job.reference, text, order, call_for, key.judge_replicate, facts)
        )
        graded, rater = result.value, instead_of or self.judge
        verdict = Verdict(
            case_id=key.case_id,
            replicate=key.replicate,
            rater=rater.rater,
            rater_digest=rater.digest,
            rater_kind="judge",
            judge_replicate=key.judge_replicate,
            grade=graded.grade if graded else None,
            key_finding=graded.key_finding if graded else None,
            rationale=graded.rationale if graded else None,
            matches=graded.matches if graded else (),
            failure=result.failure,
            by_fallback=instead_of is not None,
            same_family=self.judge.model.family == run.folder.head.system.family != "other",
            judged_text=judged,
            order=order,
            rubric_digest=self.judge.rubric.digest,
            listing_digest=listing.digest if listing else None,
            asked=self.judge.model.id,
            settings=settings_of(self.judge.model),
            answered=result.answered,
            raw=result.raw,
            responses=result.response_ids,
            reused_from=result.reused_from,
            usage=result.usage,
            cost=result.cost,
            attempts=result.attempts,
        )
        return verdict, result
