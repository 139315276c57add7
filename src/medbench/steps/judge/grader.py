"""One judge at work on all runs of a session: what it lacks, one verdict, and whether it is there."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.errors import ProviderDownError
from medbench.executors.local import for_each
from medbench.images.recorded import Pictures
from medbench.judging.ask import Calls, Graded, Said, verdict_of
from medbench.judging.question import grading, order_of
from medbench.schema.response import ALIVE, FALLBACK, MODEL, CallFor, Failure
from medbench.schema.verdict import Verdict
from medbench.steps.access.clients import new_provider
from medbench.steps.judge.image_facts import Facts
from medbench.steps.judge.open_runs import OpenRun, places
from medbench.steps.judge.session import cases_of
from medbench.steps.reading.outputs import judged_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.schema.results.judge_result import Spent
    from medbench.schema.verdict import Listed, Listing
    from medbench.steps.access.clients import CallPolicy
    from medbench.steps.judge.judges import Judge
    from medbench.steps.judge.listings import Listings
    from medbench.steps.judge.session import JudgeSession
    from medbench.steps.reading.verdict_book import VerdictKey


@dataclass(frozen=True, slots=True)
class Job:
    """One text to judge."""

    number: int
    """Of the run."""
    place: VerdictKey
    case: Case
    reference: Reference


class Grader:
    """One judge at work on all runs of a session."""

    def __init__(  # noqa: PLR0913 - what a judge works with
        self,
        session: JudgeSession,
        judge: Judge,
        benches: Sequence[OpenRun],
        conduct: CallPolicy,
        listings: Listings | None,
        spent: Spent,
    ) -> None:
        self.session, self.judge, self.benches, self.spent = session, judge, benches, spent
        self.down: ProviderDownError | None = None
        self._listings = listings
        self._facts = [Facts(bench.run) for bench in benches]
        provider = new_provider(judge.model, Pictures(session.benchmark.path))

        def note(kind: str, words: str) -> None:
            if kind == "breaker":
                session.watcher.notice(words)

        self.clients = [conduct.client(provider, judge.model, bench.ledger, note) for bench in benches]
        self._lister = conduct.client(provider, judge.model, listings.ledger, note) if listings else None
        self.workers = conduct.accounts.of(judge.model).slots.controller.most

    async def close(self) -> None:
        """Close the connections."""
        for client in (*self.clients, *((self._lister,) if self._lister else ())):
            await client.close()

    def lacks(self, job: Job, asked: set[tuple[int, VerdictKey]]) -> bool:
        """Whether this judge's verdict of a text is missing and may still come."""
        bench, place = self.benches[job.number], job.place
        book = bench.book(self.judge.rater, self.judge.digest)
        now = None
        if self.session.stale and place in book.own:
            now = judged_text(bench.outputs.output(place.case_id, place.replicate).text or "")[1].sha256
        if book.has(place, now) or not book.may_come(place):
            return False
        asked.add((job.number, place))
        return True

    def failed_transiently(self, job: Job, asked: set[tuple[int, VerdictKey]]) -> bool:
        """Whether a text was asked about in this session and failed in a way that may pass."""
        book = self.benches[job.number].book(self.judge.rater, self.judge.digest)
        failed = book.failed.get(job.place)
        return (
            (job.number, job.place) in asked
            and job.place not in book.own
            and failed is not None
            and not failed.final
        )

    async def outage_reason(self) -> ProviderDownError | None:
        """Why it is held for down: something failed in passing, and it answers no known question either.

        A dead server fails the last texts of a session one by one, too few or too fast for the client to give
        it up; without this the fallback would take an outage for single failures.
        """
        own = [bench.book(self.judge.rater, self.judge.digest) for bench in self.benches]
        failed = [
            one.kind
            for book in own
            for place, one in book.failed.items()
            if place not in book.own and not one.final
        ]
        if not failed:
            return None
        known = next((job for job in self._jobs() if job.place in own[job.number].own), None)
        if known is not None:
            text, _ = judged_text(self.benches[known.number].outputs.output(*known.place[:2]).text or "")
            order = order_of(self.session.seed, known.place.case_id, 0)
            call_for = CallFor(case_id=known.place.case_id, stage="canary-alive", role=ALIVE)
            # Another number each time: a recorded answer would say nothing about now.
            sample = int(time.time())
            try:
                _, said, _ = await self.ask(
                    known.number, known.case, known.reference, text, order, call_for, sample, ""
                )
            except ProviderDownError as error:
                return error
            if said.failure is None or said.failure.final:
                return None
        return ProviderDownError(
            f"{self.judge.name} does not answer: {failed[-1]}, and nothing else when asked again.",
            "the same line again goes on, when it is back",
        )

    async def grade(self, title: str, wanted: Callable[[Job], bool], instead_of: Judge | None = None) -> None:
        """Judge the texts that are wanted.

        Args:
            title: What this part of the work is called.
            wanted: Whether a text is.
            instead_of: The judge that this one stands in for; None where it judges in its own name.
        """
        total = sum(1 for job in self._jobs() if wanted(job))
        if not total:
            return
        everything = sum(1 for _ in self._jobs())
        own = instead_of is None and title == "judged"
        self.session.watcher.begin(title, everything - total if own else 0, everything if own else total)

        async def one(job: Job) -> None:
            if self.down is not None:
                return
            try:
                verdict, said = await self._verdict(job, instead_of)
            except ProviderDownError as error:
                self.down = error
                return
            await self.benches[job.number].add(verdict)
            self.count(said)
            kind = verdict.failure.kind if verdict.failure else None
            self.session.watcher.step(title, kind, again=said.again)

        await for_each(
            (job for job in self._jobs() if wanted(job)),
            one,
            at_a_time=self.workers,
            stopped=self.session.stop.is_set,
        )
        self.session.watcher.end(title)

    def count(self, said: Said) -> None:
        """Take note of what the calls of one verdict cost."""
        cost = said.calls.cost
        self.spent.add(cost.usd if cost else None, again=said.again)

    def _jobs(self) -> Iterator[Job]:
        """Everything there is to judge, case by case, so that what stops early leaves whole pairs."""
        for case, reference in cases_of(self.session):
            for number, bench in enumerate(self.benches):
                for place in places(self.session, bench, case.case_id):
                    yield Job(number, place, case, reference)

    async def listed(self, reference: Reference) -> Listing | Failure | None:
        """The reference's findings, where the rubric asks for them.

        Raises:
            ProviderDownError: The judge was given up.
        """
        if self._listings is None or self._lister is None or not self.judge.rubric.listing:
            return None
        return await self._listings.of(self.judge, self._lister, reference)

    async def ask(  # noqa: PLR0913 - what one question is made of
        self,
        number: int,
        case: Case,
        reference: Reference,
        text: str,
        order: str,
        call_for: CallFor,
        sample: int,
        facts: str,
    ) -> tuple[Graded | None, Said, Listing | None]:
        """Ask about one text.

        Raises:
            ProviderDownError: The judge was given up.
        """
        listing = await self.listed(reference)
        if isinstance(listing, Failure):
            return None, Said(Calls(), listing), None
        findings: Sequence[Listed] = listing.findings if listing else ()
        request = grading(
            self.judge.rubric,
            self.judge.model,
            reference=reference.text,
            judged=text,
            order=order,  # type: ignore[arg-type] # one of the two, from order_of
            listed=findings,
            facts=facts,
        )
        request = request.model_copy(update={"case_key": f"{case.case_id}/{call_for.replicate}"})
        graded, said = await verdict_of(self.clients[number], request, call_for, sample, findings)
        return graded, said, listing

    def facts(self, number: int, case: Case, reference: Reference, responses: Sequence[str]) -> str:
        """The hidden facts about the images that a system was sent; empty without that context."""
        if self.judge.context == "none":
            return ""
        return self._facts[number].of(case, reference, responses)

    async def _verdict(self, job: Job, instead_of: Judge | None) -> tuple[Verdict, Said]:
        bench, place = self.benches[job.number], job.place
        output = bench.outputs.output(place.case_id, place.replicate)
        text, judged = await asyncio.to_thread(judged_text, output.text or "")
        order = order_of(self.session.seed, place.case_id, place.judge_replicate)
        graded, said, listing = await self.ask(
            job.number,
            job.case,
            job.reference,
            text,
            order,
            # The fallback may have the same model on another server: its answer is not the judge's own.
            CallFor(
                case_id=place.case_id,
                replicate=place.replicate,
                stage="judge",
                role=FALLBACK if instead_of else MODEL,
            ),
            place.judge_replicate,
            self.facts(job.number, job.case, job.reference, output.responses),
        )
        rater = instead_of or self.judge
        verdict = Verdict(
            case_id=place.case_id,
            replicate=place.replicate,
            rater=rater.rater,
            rater_digest=rater.digest,
            rater_kind="judge",
            judge_replicate=place.judge_replicate,
            grade=graded.grade if graded else None,
            key_finding=graded.key_finding if graded else None,
            rationale=graded.rationale if graded else None,
            matches=graded.matches if graded else (),
            failure=said.failure,
            by_fallback=instead_of is not None,
            same_family=self.judge.model.family == bench.run.head.system.family != "other",
            judged_text=judged,
            order=order,
            rubric_digest=self.judge.rubric.digest,
            listing_digest=listing.digest if listing else None,
            asked=self.judge.model.id,
            answered=said.calls.answered,
            raw=said.calls.raw,
            responses=said.calls.ids,
            usage=said.calls.usage,
            cost=said.calls.cost,
            attempts=said.calls.attempts,
        )
        return verdict, said
