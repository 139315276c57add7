"""The findings of each reference, listed once for a rubric and given to every call of every judge."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from medbench.judging.ask import listing_of
from medbench.judging.question import listing
from medbench.schema.response import CallFor, Failure
from medbench.schema.verdict import Listed, Listing
from medbench.steps.reading.outputs import sha256
from medbench.store.jsonl import Journal, read_records
from medbench.store.ledger import Ledger
from medbench.store.lock import RunLock

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.client.client import Client
    from medbench.schema.reference import Reference
    from medbench.steps.judge.judges import Judge

FOLDER = "listings"
"""Beside the runs of a benchmark."""
LISTINGS = "listings.jsonl"


class Listings:
    """Lists that are there, and the making of those that are not."""

    def __init__(self, runs: Path) -> None:
        self._folder = runs / FOLDER
        self._held = ExitStack()
        self._found: dict[tuple[str, str, str], Listing] = {}
        self._making: dict[tuple[str, str, str], asyncio.Lock] = {}

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._held.enter_context(RunLock(self._folder))
        self._journal = self._held.enter_context(Journal(self._folder / LISTINGS))
        self.ledger = self._held.enter_context(Ledger(self._folder))
        self._found = known_listings(self._folder.parent)
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    async def of(self, judge: Judge, client: Client, reference: Reference) -> Listing | Failure:
        """The list of a reference; made by this judge where no judge has made it yet.

        Raises:
            ProviderDownError: The judge was given up.
        """
        key = (reference.case_id, sha256(reference.text), judge.rubric.digest)
        async with self._making.setdefault(key, asyncio.Lock()):
            if key in self._found:
                return self._found[key]
            request = listing(judge.rubric, judge.model, reference.text)
            call_for = CallFor(case_id=reference.case_id, stage="listing")
            answer, said = await listing_of(client, request, call_for)
            if answer is None:
                assert said.failure is not None
                reason = f"the reference's findings could not be listed: {said.failure.reason}"
                return said.failure.model_copy(update={"reason": reason})
            made = Listing(
                case_id=reference.case_id,
                reference_sha256=key[1],
                rubric_digest=key[2],
                findings=tuple(
                    Listed(text=one.text, present=one.present, key=one.key) for one in answer.findings
                ),
                lister=judge.model.id,
                responses=said.calls.ids,
            )
            await self._journal.commit(made)
            self._found[key] = made
            return made


def known_listings(runs: Path) -> dict[tuple[str, str, str], Listing]:
    """The lists on the disk, the first of each; by case, reference and rubric."""
    found: dict[tuple[str, str, str], Listing] = {}
    for made in read_records(runs / FOLDER / LISTINGS, Listing):
        found.setdefault((made.case_id, made.reference_sha256, made.rubric_digest), made)
    return found
