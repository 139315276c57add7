"""One question to a judge: asked, read, and asked once more with the error where it cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from medbench.judging.answer import Unreadable, read_grade, read_listing, read_matches
from medbench.judging.grade import grade_from
from medbench.judging.question import asked_again, numbered
from medbench.schema.account import together
from medbench.schema.response import Failure, Usage
from medbench.schema.verdict import Match

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medbench.client.asker import Answering
    from medbench.judging.answer import ListingAnswer, MatchesAnswer
    from medbench.schema.response import Attempt, CallFor, Cost, Request, Response
    from medbench.schema.verdict import Grade, Listed

T = TypeVar("T")
ASK_AGAIN = frozenset({"empty"})
"""Failures of a call that the second question may mend, as it may an unreadable answer."""


@dataclass(frozen=True, slots=True)
class Graded:
    """A readable answer about one text."""

    grade: Grade
    key_finding: bool
    rationale: str
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True)
class Result(Generic[T]):
    """A readable answer or a failure, with the responses behind it."""

    value: T | None
    failure: Failure | None = None
    responses: tuple[Response, ...] = ()

    @property
    def asked_twice(self) -> bool:
        """True if the first answer could not be read."""
        return len(self.responses) > 1

    @property
    def response_ids(self) -> tuple[str, ...]:
        """The ids of the responses."""
        return tuple(response.response_id for response in self.responses)

    @property
    def reused_from(self) -> str | None:
        """The run that paid for all of them, where it was not the one at hand."""
        sources = {response.reused_from for response in self.responses}
        return sources.pop() if len(sources) == 1 else None

    @property
    def raw(self) -> str | None:
        """The last answer, as it came."""
        return self.responses[-1].text if self.responses else None

    @property
    def answered(self) -> str | None:
        """The model that gave the last answer."""
        return self.responses[-1].answered if self.responses else None

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every try of the calls."""
        return tuple(attempt for response in self.responses for attempt in response.attempts)

    @property
    def usage(self) -> Usage:
        """Tokens of the responses together; a count is unknown where one of them is."""
        counts = {
            name: _sum([getattr(response.usage, name) for response in self.responses])
            for name in ("input", "output", "thoughts", "cached")
        }
        known = any(count is not None for count in counts.values())
        return Usage.model_validate({**counts, "source": "provider" if known else None})

    @property
    def cost(self) -> Cost | None:
        """Cost of the responses together; None is unknown."""
        return together(response.cost for response in self.responses)


async def ask_for_grade(
    client: Answering, request: Request, call_for: CallFor, sample: int, listed: Sequence[Listed]
) -> Result[Graded]:
    """Ask for the grade of one text; it follows from the matches where findings are listed.

    Raises:
        ProviderDownError: The judge was given up.
    """

    def read(text: str, finish_reason: str | None) -> Graded:
        if not listed:
            grade = read_grade(text, finish_reason)
            return Graded(grade.rating, grade.key_finding, grade.reason)
        answer = read_matches(text, finish_reason, [number for number, _ in numbered(listed)])
        matches = _matches(answer, listed)
        return Graded(*grade_from(matches), answer.reason, matches)

    return await _ask(client, request, call_for, sample, read)


async def ask_for_listing(client: Answering, request: Request, call_for: CallFor) -> Result[ListingAnswer]:
    """Ask for the findings of a reference.

    Raises:
        ProviderDownError: The judge was given up.
    """
    return await _ask(client, request, call_for, 0, read_listing)


async def _ask(
    client: Answering,
    request: Request,
    call_for: CallFor,
    sample: int,
    read: Callable[[str, str | None], T],
) -> Result[T]:
    responses: list[Response] = []
    failure: Failure | None = None
    for _ in range(2):
        question = asked_again(request, failure.reason) if failure else request
        response = await client.ask(question, call_for, sample)
        responses.append(response)
        if response.failure is not None:
            failure = response.failure
            if failure.kind not in ASK_AGAIN:
                break
            continue
        try:
            return Result(read(response.text or "", response.finish_reason), responses=tuple(responses))
        except Unreadable as error:
            failure = Failure(kind=error.kind, reason=error.reason, final=True)
    return Result(None, failure, tuple(responses))


def _matches(answer: MatchesAnswer, listed: Sequence[Listed]) -> tuple[Match, ...]:
    of_reference = [
        Match(
            reference=finding.text,
            key=finding.key,
            present=finding.present,
            outcome=match.outcome,
            output=match.said,
        )
        for match, finding in zip(answer.matches, listed, strict=True)
    ]
    invented = [
        Match(outcome="invented_serious" if invention.serious else "invented", output=invention.said)
        for invention in answer.invented
    ]
    return (*of_reference, *invented)


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
