"""The step `judge`: outputs against their references; the same call again judges only what is missing."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.client.budget import Budget
from medbench.errors import ProviderDownError
from medbench.executors.local import work_through
from medbench.images.recorded import Pictures
from medbench.judging.ask import Calls, Graded, Said, verdict_of
from medbench.judging.grade import majority, steps_between
from medbench.judging.question import grading, order_of
from medbench.schema.judged import Judged
from medbench.schema.response import CallFor, Failure
from medbench.schema.verdict import JudgedText, Verdict
from medbench.steps.clients import Accounts, Conduct, new_provider
from medbench.steps.facts import Facts
from medbench.steps.judges import Panel
from medbench.steps.judging import MOST_REPLICATES, Bench, Benches, cases_of, places, standings
from medbench.steps.listings import Listings
from medbench.steps.verdicts import Place, fallback_cases, judged_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from medbench.schema.case import Case
    from medbench.schema.judged import Spent
    from medbench.schema.reference import Reference
    from medbench.schema.verdict import Grade, Listed, Listing
    from medbench.steps.judges import Judge
    from medbench.steps.judging import JudgeSession


def judge_all(session: JudgeSession) -> Judged:
    """Let each judge grade what is missing, its fallback what it could not, then the canaries.

    Raises:
        LockedError: Another process is writing one of the runs.
        StoreError: Something could not be written.
    """

    async def work() -> Judged:
        with (
            session.stop.on_interrupt(
                lambda: session.watcher.notice(
                    "Stopping: nothing more is sent, what is in flight is waited for."
                )
            ),
            Benches(session) as benches,
        ):
            return await _judge_all(session, benches.all)

    try:
        return asyncio.run(work())
    except asyncio.CancelledError:
        session.watcher.notice("Stopped by the second Ctrl-C; the same line again goes on.")
        raise KeyboardInterrupt from None


async def _judge_all(session: JudgeSession, benches: Sequence[Bench]) -> Judged:
    judged = Judged(
        fallback=session.fallback.name if session.fallback else None,
        fallback_on_outage=session.fallback_on == "outage",
    )
    conduct = Conduct(
        Accounts(session.concurrency), session.stop.pause, session.policy, Budget(session.max_cost)
    )
    with ExitStack() as held:
        listings = None
        if any(judge.rubric.listing for judge in session.judges):
            listings = held.enter_context(Listings(session.runs[0].path.parent))
        desks = {}
        for judge in (*session.judges, *((session.fallback,) if session.fallback else ())):
            desks[judge.rater] = Desk(session, judge, benches, conduct, listings, judged.spent)
        try:
            for judge in session.judges:
                if not session.stop.asked:
                    await _one_judge(session, desks, judge, benches, judged)
        finally:
            for desk in desks.values():
                await desk.close()
    if len(session.judges) > 1:
        panel = Panel(session.judges)
        for bench in benches:
            await _panel(session, panel, bench, benches)
        judged.panel = panel.rater
        judged.standings += standings(session, benches, panel.rater, panel.digest)
    for judge in session.judges:
        judged.standings += standings(session, benches, judge.rater, judge.digest)
        judged.moved[judge.rater] = fallback_cases(bench.book(judge.rater, judge.digest) for bench in benches)
    return judged


async def _one_judge(
    session: JudgeSession, desks: dict[str, Desk], judge: Judge, benches: Sequence[Bench], judged: Judged
) -> None:
    from medbench.steps.auditing import audit

    desk = desks[judge.rater]
    asked: set[tuple[int, Place]] = set()
    await desk.grade("judged", lambda job: desk.lacks(job, asked))
    if desk.down is None and not session.stop.asked:
        # What failed in passing is asked once more when all else is done: a short outage is over by then.
        await desk.grade("once more", lambda job: desk.failed_in_passing(job, asked))
    stands_in = session.fallback is not None and (desk.down is None or session.fallback_on == "outage")
    if session.fallback and stands_in and not session.stop.asked:
        deputy = desks[session.fallback.rater]
        needed = desk.cases_for_fallback(outage=desk.down is not None)
        await deputy.grade(
            "by the fallback",
            lambda job: job.case.case_id in needed and deputy.lacks_deputy(job, judge),
            judge,
        )
        if deputy.down is not None:
            judged.down[session.fallback.rater] = deputy.down
    if desk.down is None and not session.stop.asked and session.canaries:
        await audit(session, desk, benches)
    if desk.down is not None:
        judged.down[judge.rater] = desk.down


DEPUTY = MOST_REPLICATES
"""Added to the number of an answer that the fallback gives."""


@dataclass(frozen=True, slots=True)
class Job:
    """One text to judge."""

    number: int
    """Of the run."""
    place: Place
    case: Case
    reference: Reference


class Desk:
    """One judge at work on all runs of a session."""

    def __init__(  # noqa: PLR0913 - what a judge works with
        self,
        session: JudgeSession,
        judge: Judge,
        benches: Sequence[Bench],
        conduct: Conduct,
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

    def lacks(self, job: Job, asked: set[tuple[int, Place]]) -> bool:
        """Whether this judge's verdict of a text is missing and may still come."""
        bench, place = self.benches[job.number], job.place
        book = bench.book(self.judge.rater, self.judge.digest)
        missing = place not in book.own
        if self.session.stale and not missing:
            text = bench.outputs.output(place.case_id, place.replicate).text or ""
            now = judged_text(text)[1].sha256
            said = book.said(place, by_fallback=False, sha256=now)
            missing = said is None or said.sha256 != now
        failed = book.failed.get(place)
        if not missing or (failed is not None and failed.final):
            return False
        asked.add((job.number, place))
        return True

    def failed_in_passing(self, job: Job, asked: set[tuple[int, Place]]) -> bool:
        """Whether a text was asked about in this session and failed in a way that may pass."""
        book = self.benches[job.number].book(self.judge.rater, self.judge.digest)
        failed = book.failed.get(job.place)
        return (
            (job.number, job.place) in asked
            and job.place not in book.own
            and failed is not None
            and not failed.final
        )

    def cases_for_fallback(self, *, outage: bool) -> frozenset[str]:
        """Cases that the fallback is to grade for all systems."""
        books = [bench.book(self.judge.rater, self.judge.digest) for bench in self.benches]
        needed = set(fallback_cases(books))
        for book in books:
            needed |= {place.case_id for place in book.failed if place not in book.own}
        if outage:
            for case, _ in cases_of(self.session):
                for bench, book in zip(self.benches, books, strict=True):
                    if any(place not in book.own for place in places(self.session, bench, case.case_id)):
                        needed.add(case.case_id)
        return frozenset(needed)

    def lacks_deputy(self, job: Job, judge: Judge) -> bool:
        """Whether the fallback's verdict in the place of a judge's is missing."""
        book = self.benches[job.number].book(judge.rater, judge.digest)
        failed = book.fallback_failed.get(job.place)
        return job.place not in book.fallback and not (failed is not None and failed.final)

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

        await work_through(
            (job for job in self._jobs() if wanted(job)), one, at_a_time=self.workers, stop=self.session.stop
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
            CallFor(case_id=place.case_id, replicate=place.replicate, stage="judge"),
            # Another server may have the same model: its answer is not the judge's own.
            place.judge_replicate + (DEPUTY if instead_of else 0),
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


async def _panel(session: JudgeSession, panel: Panel, bench: Bench, benches: Sequence[Bench]) -> None:
    """Write the panel's verdict of each text that all its judges have graded."""
    moved = {
        judge.rater: fallback_cases(other.book(judge.rater, judge.digest) for other in benches)
        for judge in panel.members
    }
    book = bench.book(panel.rater, panel.digest)
    for case, _ in cases_of(session):
        for place in places(session, bench, case.case_id):
            said = {
                judge.name: bench.book(judge.rater, judge.digest).said(
                    place, by_fallback=case.case_id in moved[judge.rater]
                )
                for judge in panel.members
            }
            grades: dict[str, Grade] = {name: one.grade for name, one in said.items() if one is not None}
            if len(grades) < len(panel.members) or place in book.own:
                continue
            keys = [one.key_finding for one in said.values() if one and one.key_finding is not None]
            await bench.add(
                Verdict(
                    case_id=place.case_id,
                    replicate=place.replicate,
                    rater=panel.rater,
                    rater_digest=panel.digest,
                    rater_kind="panel",
                    judge_replicate=place.judge_replicate,
                    grade=majority(list(grades.values())),
                    key_finding=2 * sum(keys) > len(keys) if keys else None,
                    members=grades,
                    spread=steps_between(list(grades.values())),
                    same_family=any(one.same_family for one in said.values() if one),
                    judged_text=_text_of(said.values()),
                )
            )


def _text_of(said: object) -> JudgedText | None:
    from medbench.scoring.text import CURRENT

    digests = {one.sha256 for one in said if one and one.sha256}  # type: ignore[attr-defined]
    return JudgedText(sha256=digests.pop(), parser=CURRENT) if len(digests) == 1 else None
