"""The findings of each reference, listed once for a rubric and given to every call of every judge."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from medbench.judging.ask import ask_for_listing
from medbench.judging.question import listing
from medbench.paths import check_links, inside
from medbench.schema.response import CallFor, Failure
from medbench.schema.verdict import Listed, Listing
from medbench.steps.reading.judged_before import LISTINGS, known_listings, listing_key
from medbench.store.jsonl import Journal
from medbench.store.ledger import Ledger
from medbench.store.lock import RunLock
from medbench.store.runs import LISTINGS_FOLDER
from medbench.store.seals import sealing

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.client.asker import Asker
    from medbench.schema.reference import Reference
    from medbench.schema.response import Response
    from medbench.steps.judge.judges import Judge
    from medbench.steps.reading.judged_before import JudgedBefore, ListingKey


class Listings:
    """The lists on the disk, to which those that are missing are added.

    Args:
        runs: The folder that holds the runs of the benchmark.
        before: Lists that other benchmarks have.
    """

    def __init__(self, runs: Path, before: JudgedBefore) -> None:
        self._folder = runs / LISTINGS_FOLDER
        self._before = before
        self._unusable: list[Response] = []
        self._stack = ExitStack()
        self._known: dict[ListingKey, Listing] = {}
        self._failed: dict[tuple[ListingKey, str], Failure] = {}
        self._locks: dict[ListingKey, asyncio.Lock] = {}

    def __enter__(self) -> Self:
        inside(self._folder.parent, LISTINGS_FOLDER).mkdir(parents=True, exist_ok=True)
        check_links(self._folder)
        self._stack.enter_context(RunLock(self._folder))
        self._stack.enter_context(sealing(self._folder))
        self._journal = self._stack.enter_context(Journal(self._folder / LISTINGS))
        self.ledger = self._stack.enter_context(Ledger(self._folder))
        self._known = known_listings(self._folder.parent)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    async def of(self, reference: Reference, judge: Judge, client: Asker) -> Listing | Failure:
        """Return the list of a reference; the judge makes it where there is none yet, asked once a session.

        Raises:
            ProviderDownError: The judge was given up.
            PendingError: The answer is to come with a batch.
        """
        key = listing_key(reference, judge.rubric)
        # Several texts of one case wait for the same list.
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key in self._known:
                return self._known[key]
            if failed := self._failed.get((key, judge.name)):
                return failed
            if new := self._before.listing(reference, judge.rubric, judge.model.id):
                for name in new.responses:
                    if response := self._before.response(name):
                        await self.ledger.take_over(response)
                return await self._keep(key, new.model_copy(update={"case_id": reference.case_id}))
            request = listing(judge.rubric, judge.model, reference.text)
            result = await ask_for_listing(
                client, request, CallFor(case_id=reference.case_id, stage="listing")
            )
            if result.value is None:
                assert result.failure is not None
                self._unusable += result.responses
                reason = f"the reference's findings could not be listed: {result.failure.reason}"
                failed = result.failure.model_copy(update={"reason": reason})
                self._failed[key, judge.name] = failed
                return failed
            new = Listing(
                case_id=reference.case_id,
                reference_sha256=key.reference_sha256,
                rubric_digest=key.rubric_digest,
                findings=tuple(
                    Listed(text=finding.text, present=finding.present, key=finding.key)
                    for finding in result.value.findings
                ),
                lister=judge.model.id,
                responses=result.response_ids,
            )
            return await self._keep(key, new)

    async def withdraw_unusable(self) -> None:
        """Let the answers of this session that were no list count no more."""
        while self._unusable:
            await self.ledger.withdraw(self._unusable.pop())

    async def _keep(self, key: ListingKey, new: Listing) -> Listing:
        await self._journal.commit(new)
        self._known[key] = new
        return new
