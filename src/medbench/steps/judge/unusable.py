"""Answers of a judge that cannot be used, held back until a usable one comes: without any, it is down."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from medbench.errors import ProviderDownError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from medbench.judging.ask import Graded, Result
    from medbench.schema.response import Response
    from medbench.schema.verdict import Canary, Verdict
    from medbench.steps.judge.open_runs import OpenRun
    from medbench.steps.judge.session import JobId, JudgingSession

HANDFUL = 6
"""Cases in a row without a usable answer, after which a judge is taken to be down."""
_QUOTED = 100


class _Held(NamedTuple):
    run: OpenRun
    record: Verdict | Canary
    responses: Sequence[Response]


class Unusable:
    """Puts the records of one judge on the disk, final failures only when it is known to work.

    A judge that answers everything with prose fails at no text: its failures stay open, its answers are
    withdrawn, and the same line asks again when it is mended.

    Args:
        session: The session.
        name: Name of the judge, for messages.
        known_answer: Asks it a question again that it has answered before.
        answered: True if it has given a usable answer before.
    """

    def __init__(
        self,
        session: JudgingSession,
        name: str,
        known_answer: Callable[[], Awaitable[Result[Graded] | None]],
        *,
        answered: bool,
    ) -> None:
        self.answered = answered
        """True if it has ever given a usable answer."""
        self._listings = session.listings
        self._name = name
        self._known_answer = known_answer
        self._held: list[_Held] = []
        self._first_by_case: dict[str, str] = {}

    def holds(self, job: JobId) -> bool:
        """Return True if the verdict of a job is held back."""
        return any(held.run is job.run and held.record.case_id == job.key.case_id for held in self._held)

    async def add(self, run: OpenRun, record: Verdict | Canary, result: Result[Graded]) -> None:
        """Put a record on the disk, or hold it back.

        Raises:
            ProviderDownError: There was a handful of cases without a usable answer, and none to a question
                that it has answered before.
        """
        if record.failure is None:
            await self._works()
        if record.failure is None or not record.failure.final:
            await run.add(record)
            return
        self._held.append(_Held(run, record, result.responses))
        if record.case_id in self._first_by_case:
            return
        self._first_by_case[record.case_id] = result.raw or record.failure.reason
        if len(self._first_by_case) == HANDFUL:
            first = " ".join(next(iter(self._first_by_case.values())).split())
            known = await self._known_answer() if self.answered else None
            if known is not None and known.value is not None:
                await self._works()
                return
            raise ProviderDownError(
                f"{self._name} gave no usable answer for {HANDFUL} cases in a row, the first: "
                f"'{first[:_QUOTED]}{'…' * (len(first) > _QUOTED)}'.",
                "none of these is final: when the judge is mended, the same line again goes on",
            )

    async def _works(self) -> None:
        self.answered = True
        self._first_by_case.clear()
        await self.settle()

    async def settle(self, *, down: bool = False) -> None:
        """Put what is held back on the disk: as open failures if the judge is down or has never worked."""
        held, self._held = self._held, []
        failed = down or not self.answered
        for run, record, responses in held:
            assert record.failure is not None
            failure = record.failure.model_copy(update={"final": not failed})
            await run.add(record.model_copy(update={"failure": failure}))
            for response in responses if failed else ():
                await run.ledger.withdraw(response)
        if held and failed and self._listings is not None:
            await self._listings.withdraw_unusable()
