"""One verdict of one judge: ask, read, ask once more with the error; then it is a failure and no grade."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from medbench.judging.answer import Unreadable, read_grade, read_listing, read_matches
from medbench.judging.grade import grade_from
from medbench.judging.question import asked_again, numbered
from medbench.schema.response import Cost, Failure, Usage
from medbench.schema.verdict import Match

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medbench.judging.answer import ListingAnswer, MatchesAnswer
    from medbench.schema.response import Attempt, CallFor, Request, Response
    from medbench.schema.verdict import Grade, Listed

T = TypeVar("T")
ASK_AGAIN = frozenset({"empty"})
"""Failures of a call that asking again with other words may mend, as it may an unreadable answer."""


class Asks(Protocol):
    """A client, as far as judging needs it."""

    async def ask(self, request: Request, call_for: CallFor, sample: int) -> Response:
        """The response to a request, recorded or new."""
        ...


@dataclass(frozen=True, slots=True)
class Graded:
    """What a readable answer says."""

    grade: Grade
    key_finding: bool
    rationale: str
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Calls:
    """The responses behind one verdict, together."""

    responses: tuple[Response, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(response.response_id for response in self.responses)

    @property
    def raw(self) -> str | None:
        """The last answer, as it came."""
        return self.responses[-1].text if self.responses else None

    @property
    def answered(self) -> str | None:
        """The model that gave it."""
        return self.responses[-1].answered if self.responses else None

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every try."""
        return tuple(attempt for response in self.responses for attempt in response.attempts)

    @property
    def usage(self) -> Usage:
        """Their tokens; unknown where one of them is unknown."""
        counts = {
            name: _sum([getattr(response.usage, name) for response in self.responses])
            for name in ("input", "output", "thoughts", "cached")
        }
        known = any(count is not None for count in counts.values())
        return Usage.model_validate({**counts, "source": "provider" if known else None})

    @property
    def cost(self) -> Cost | None:
        """Their cost; unknown where one of them is unknown."""
        costs = [response.cost for response in self.responses if response.cost]
        if not costs or len(costs) != len(self.responses):
            return None
        return Cost(usd=sum(cost.usd for cost in costs), basis=costs[-1].basis)


@dataclass(frozen=True, slots=True)
class Said:
    """What came of asking: something readable, or a failure."""

    calls: Calls
    failure: Failure | None = None
    again: bool = field(default=False)
    """Whether it was asked a second time."""


async def verdict_of(
    client: Asks, request: Request, call_for: CallFor, sample: int, listed: Sequence[Listed]
) -> tuple[Graded | None, Said]:
    """The grade of one text, derived from the matches where the rubric asks for these.

    Raises:
        ProviderDownError: The judge was given up.
    """

    def read(text: str, finish_reason: str | None) -> Graded:
        if not listed:
            found = read_grade(text, finish_reason)
            return Graded(found.rating, found.key_finding, found.reason)
        answer = read_matches(text, finish_reason, [number for number, _ in numbered(listed)])
        matches = _matches(answer, listed)
        grade, key_finding = grade_from(matches)
        return Graded(grade, key_finding, answer.reason, matches)

    return await _readable(client, request, call_for, sample, read)


async def listing_of(client: Asks, request: Request, call_for: CallFor) -> tuple[ListingAnswer | None, Said]:
    """The findings of a reference.

    Raises:
        ProviderDownError: The judge was given up.
    """
    return await _readable(client, request, call_for, 0, read_listing)


async def _readable(
    client: Asks,
    request: Request,
    call_for: CallFor,
    sample: int,
    read: Callable[[str, str | None], T],
) -> tuple[T | None, Said]:
    responses: list[Response] = []
    failure: Failure | None = None
    for again in (False, True):
        asked = asked_again(request, failure.reason) if failure else request
        response = await client.ask(asked, call_for, sample)
        responses.append(response)
        if response.failure is not None:
            failure = response.failure
            if failure.kind not in ASK_AGAIN:
                break
            continue
        try:
            found = read(response.text or "", response.finish_reason)
        except Unreadable as error:
            failure = Failure(kind=error.kind, reason=error.reason, final=True)
        else:
            return found, Said(Calls(tuple(responses)), again=again)
    return None, Said(Calls(tuple(responses)), failure, again=len(responses) > 1)


def _matches(answer: MatchesAnswer, listed: Sequence[Listed]) -> tuple[Match, ...]:
    found = [
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
        Match(outcome="invented_serious" if one.serious else "invented", output=one.said)
        for one in answer.invented
    ]
    return tuple(found + invented)


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
