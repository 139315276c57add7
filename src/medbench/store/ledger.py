"""responses.jsonl: every answer and failed call, looked up before anything is sent."""

from __future__ import annotations

import secrets
from contextlib import nullcontext
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from medbench.schema.response import AGAIN, ALIVE, FALLBACK, MODEL, Cost, Failure, Request, Response
from medbench.store.jsonl import Journal, read_at, read_with_offsets
from medbench.store.runs import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from medbench.schema.response import CallFor
    from medbench.schema.verdict import Canary, Listing
    from medbench.store.runs import RunFolder

R = TypeVar("R", "Response", "Canary", "Listing")

_Key = bytes
"""Digest of a request, its case, role and sample: of 16 bytes, where the four take ten times the memory."""

_OLD_FALLBACK, _OLD_AGAIN, _OLD_ALIVE = 100, 1_000, 1_000_000
"""Ledgers were written without roles once; these were added to the number of a sample in place of them."""


def _key(request_digest: str, case_id: str, role: str, sample: int) -> _Key:
    return blake2b(f"{request_digest} {case_id} {role} {sample}".encode(), digest_size=16).digest()


class Recorded:
    """The answers and final failures of a run. Only positions are held in memory, not answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / RESPONSES
        self._settled: dict[_Key, int] = {}
        self.has_answer = False
        """True if the model has answered a request at least once."""
        for offset, response in read_with_offsets(self._path, Response):
            self._remember(response, offset)

    def find(self, request: Request, call_for: CallFor, sample: int) -> Response | None:
        """Return the answer or final failure of this request for this case and role, if there is one."""
        offset = self._settled.get(_key(request.digest, call_for.case_id, call_for.role, sample))
        if offset is None:
            return None
        with self._path.open("rb") as file:
            return read_at(file, offset, Response)

    @staticmethod
    def _key(response: Response) -> _Key:
        role, sample = role_and_sample(response)
        return _key(response.request_digest, response.call_for.case_id, role, sample)

    def _remember(self, response: Response, offset: int) -> None:
        key = self._key(response)
        self.has_answer = self.has_answer or response.failure is None
        settled = response.failure is None or response.failure.final
        if response.withdraws is not None:
            self._settled.pop(key, None)
        elif settled and key not in self._settled:
            self._settled[key] = offset


def role_and_sample(response: Response) -> tuple[str, int]:
    """Return who was asked and the number of the answer, also of a line that has both in one number."""
    stage, role, sample = response.call_for.stage, response.call_for.role, response.sample
    if role == MODEL and stage == "judge" and sample >= _OLD_FALLBACK:
        return FALLBACK, sample - _OLD_FALLBACK
    if role == MODEL and stage == "canary-asked_again" and sample >= _OLD_AGAIN:
        return AGAIN, sample - _OLD_AGAIN
    if role == MODEL and stage == "canary-alive" and sample >= _OLD_ALIVE:
        return ALIVE, sample - _OLD_ALIVE
    return role, sample


class Ledger(Recorded):
    """The paid-for answers of one run, and the only way to add to them."""

    def __init__(self, folder: Path) -> None:
        # A torn last line is cut before anything is read: positions would be wrong after it.
        self._journal = Journal(folder / RESPONSES)
        super().__init__(folder)

    @property
    def cut(self) -> bool:
        """True if a torn last line was cut when the file was opened."""
        return self._journal.cut

    async def add(self, response: Response) -> None:
        """Put a response on the disk; it counts when this returns.

        Raises:
            StoreError: It could not be written.
        """
        self._remember(response, await self._journal.commit(response))

    async def take_over(self, response: Response) -> None:
        """Add an answer that another run paid for, unless its request has one here."""
        if self._key(response) not in self._settled:
            await self.add(response)

    async def withdraw(self, response: Response) -> None:
        """Let an answer count no more, so that its request is sent again.

        Raises:
            StoreError: It could not be written.
        """
        await self.add(
            Response(
                response_id=secrets.token_hex(8),
                request_digest=response.request_digest,
                sample=response.sample,
                call_for=response.call_for,
                asked=response.asked,
                failure=Failure(kind="withdrawn", reason="the model gave nothing usable then", final=False),
                withdraws=response.response_id,
                cost=Cost(usd=0.0, basis="none"),
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()


def paid_in(record: R, folder: Path) -> R:
    """Return a record marked with the run that paid for it, by benchmark and name, unless it names one."""
    folder = folder.resolve()
    source = record.reused_from or f"{folder.parent.name}/{folder.name}"
    return record.model_copy(update={"reused_from": source})


class PaidElsewhere(Protocol):
    """Answers that other runs have paid for."""

    def find(self, request: Request, call_for: CallFor, sample: int) -> Response | None:
        """Return the answer to this very request, marked with the run that paid for it."""

    def alone(self, request: Request, sample: int) -> AbstractAsyncContextManager[None]:
        """Keep others from asking the same at the same time; nobody does unless runs share their answers."""
        del request, sample
        return nullcontext()


class ReusableAnswers(PaidElsewhere):
    """Answers that other runs of the same system have, for cases that are the same in both benchmarks."""

    def __init__(self, runs: Sequence[RunFolder], digests: Mapping[str, str]) -> None:
        """Look through the runs.

        Args:
            runs: Runs of the same system on other benchmarks.
            digests: Case to digest in the benchmark at hand.
        """
        self._found: list[tuple[Recorded, frozenset[str]]] = []
        for run in runs:
            same = frozenset(
                output.case_id
                for output in run.outputs()
                if output.text is not None and digests.get(output.case_id) == output.case_digest
            )
            if same:
                self._found.append((Recorded(run.path), same))

    def find(self, request: Request, call_for: CallFor, sample: int) -> Response | None:
        """Return the answer to this very request, marked with the run that paid for it."""
        for recorded, cases in self._found:
            if call_for.case_id not in cases:
                continue
            response = recorded.find(request, call_for, sample)
            if response is not None and response.failure is None:
                return paid_in(response, recorded.folder)
        return None
