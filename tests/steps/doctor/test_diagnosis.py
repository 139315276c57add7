"""What `doctor` says of a call that failed: the service's words, and what to try, each once."""

from __future__ import annotations

import re

import pytest

from medbench.providers._http.meanings import MEANINGS
from medbench.schema.response import Failure
from medbench.steps.doctor.diagnosis import ADVICE, failed

REASONS = {
    *((kind, "the server's words") for kind in ADVICE),
    *((meant.kind, f"the server does not take this request (400): 'no'; {meant.hint}") for meant in MEANINGS),
    ("not_found", "Gemini's API knows no 'm', or it is gone: medbench models (404)"),
}


@pytest.mark.parametrize(("kind", "reason"), sorted(REASONS))
def test_no_line_to_type_is_said_twice(kind: str, reason: str) -> None:
    """The reason may end in a line of medbench: the advice is not that line again."""
    check = failed("server", Failure(kind=kind, reason=reason, final=False))
    lines = re.findall(r"medbench \w+", f"{check.words}\n{check.todo}")
    assert len(lines) == len(set(lines)), check
    assert check.todo


def test_the_line_is_said_where_the_reason_has_none() -> None:
    """A plain 404 names no line: the advice does."""
    check = failed("server", Failure(kind="not_found", reason="it knows no 'm' (404)", final=False))
    assert check.todo.endswith("of the model: medbench models")
