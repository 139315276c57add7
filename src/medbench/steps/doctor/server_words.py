"""The first call of `doctor` in words: what a server answered, or why it did not yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.schema.results.doctor import Check
from medbench.steps.doctor import diagnosis

if TYPE_CHECKING:
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Failure, Response


def server_check(model: ModelFile, response: Response, waited_s: float, before: str) -> Check:
    """Return the check of a server that answered, be it that it does not like this call."""
    name, failure = server_name(model), response.failure
    if failure is not None:
        found = diagnosis.failed(name, failure)
        return Check(name, "note", f"it is there, but {found.words}", found.todo)
    if before:
        return Check(name, "ok", f"{before}; ready after {span(waited_s)}")
    return Check(name, "ok", f"answers, the first call took {response.attempts[-1].took_s or 0.0:.1f} s")


def with_tries(failure: Failure, response: Response, waited_s: float) -> Failure:
    """Return the failure, with how often and how long it was tried."""
    tries = len(response.attempts)
    often = f" ({tries} tries)" if tries > 1 else ""
    long = f"; waited for {span(waited_s)}" if waited_s else ""
    return failure.model_copy(update={"reason": f"{failure.reason}{often}{long}"})


def in_short(response: Response) -> str:
    """Return a failure in a few words: '503: the model may still be loading', 'timeout'."""
    assert response.failure is not None
    status = response.attempts[-1].status
    if status == 503:
        return "503: the server is up, its model may still be loading"
    return f"{response.failure.kind.replace('_', ' ')}{f' ({status})' if status else ''}"


def span(seconds: float) -> str:
    """Return a time as '3 min 10 s'."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def server_name(model: ModelFile) -> str:
    """Return the word for what answers: 'endpoint' where the model needs one, else 'server'."""
    return "endpoint" if model.needs == "endpoint" else "server"
