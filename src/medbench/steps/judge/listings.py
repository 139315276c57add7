"""The findings of each reference, listed once for a rubric and given to every call of every judge."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple, Self

from medbench.judging.ask import ask_for_listing
from medbench.judging.question import listing
from medbench.paths import check_links, inside
from medbench.schema.response import CallFor, Failure
from medbench.schema.verdict import Listed, Listing
from medbench.steps.reading.outputs import sha256
from medbench.store.jsonl import Journal, read_records
from medbench.store.ledger import Ledger
from medbench.store.lock import RunLock

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.client.client import Client
    from medbench.prompts.rubrics import Rubric
    from medbench.schema.reference import Reference
    from medbench.steps.judge.judges import Judge

FOLDER = "listings"
"""Folder of the lists, beside the runs of a benchmark."""
LISTINGS = "listings.jsonl"


class ListingKey(NamedTuple):
    """The key of a list: all that it depends on."""

    case_id: str
    reference_sha256: str
    rubric_digest: str


def listing_key(reference: Reference, rubric: Rubric) -> ListingKey:
    """Return the key of the list of a reference by a rubric."""
    return ListingKey(reference.case_id, sha256(reference.text), rubric.digest)


class Listings:
    """The lists on the disk, to which those that are missing are added.

    Args:
        runs: The folder that holds the runs of the benchmark.
    """

    def __init__(self, runs: Path) -> None:
        self._folder = runs / FOLDER
        self._stack = ExitStack()
        self._known: dict[ListingKey, Listing] = {}
        self._locks: dict[ListingKey, asyncio.Lock] = {}

    def __enter__(self) -> Self:
        inside(self._folder.parent, FOLDER).mkdir(parents=True, exist_ok=True)
        check_links(self._folder)
        self._stack.enter_context(RunLock(self._folder))
        self._journal = self._stack.enter_context(Journal(self._folder / LISTINGS))
        self.ledger = self._stack.enter_context(Ledger(self._folder))
        self._known = known_listings(self._folder.parent)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    async def of(self, reference: Reference, judge: Judge, client: Client) -> Listing | Failure:
        """Return the list of a reference; the judge makes it where there is none yet.

        Raises:
            ProviderDownError: The judge was given up.
        """
        key = listing_key(reference, judge.rubric)
        # Several texts of one case wait for the same list.
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key in self._known:
                return self._known[key]
            request = listing(judge.rubric, judge.model, reference.text)
            result = await ask_for_listing(
                client, request, CallFor(case_id=reference.case_id, stage="listing")
            )
            if result.value is None:
                assert result.failure is not None
                reason = f"the reference's findings could not be listed: {result.failure.reason}"
                return result.failure.model_copy(update={"reason": reason})
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
            await self._journal.commit(new)
            self._known[key] = new
            return new


def known_listings(runs: Path) -> dict[ListingKey, Listing]:
    """Return the lists on the disk, the first of each key."""
    known: dict[ListingKey, Listing] = {}
    for found in read_records(runs / FOLDER / LISTINGS, Listing):
        key = ListingKey(found.case_id, found.reference_sha256, found.rubric_digest)
        known.setdefault(key, found)
    return known
