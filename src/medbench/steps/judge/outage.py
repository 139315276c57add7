"""A judge that is down, told apart from one that fails at single texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import ProviderDownError
from medbench.steps.judge.session import JobId

if TYPE_CHECKING:
    from medbench.steps.judge.grader import Grader
    from medbench.steps.judge.session import JudgingSession


async def outage_reason(session: JudgingSession, grader: Grader) -> ProviderDownError | None:
    """Return why a judge is taken to be down; None where it is not.

    It is down where something failed in a way that may pass, and a question that it has answered before gets
    no answer now. A dead server fails the last texts of a session one by one, too few or too fast for the
    client to give it up; without this the fallback would take an outage for single failures.
    """
    books = [run.book(grader.judge.key) for run in session.runs]
    failures = [
        run.book(grader.judge.key).failed[key].kind
        for run, key in grader.failed_transiently(job.id for job in session.jobs())
        if not grader.unusable.holds(JobId(run, key))
    ]
    if not failures:
        return None
    try:
        result = await grader.known_answer()
    except ProviderDownError as error:
        return error
    if result is not None and (result.failure is None or result.failure.final):
        return None
    last = (
        result.failure if result else next((book.last_failure for book in books if book.last_failure), None)
    )
    why = f"{last.kind}: {last.reason}" if last else failures[-1]
    again = " (asked again, a question that it had answered)" if result is not None else ""
    return ProviderDownError(
        f"{grader.judge.name} does not answer{again}: {why}.",
        "the same line again goes on, when it is back",
    )
