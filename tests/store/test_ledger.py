"""The ledger: what was paid for is found again, by request, case and sample."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from medbench.errors import RecordError
from medbench.schema.response import AGAIN, ALIVE, FALLBACK, MODEL, CallFor, Failure, Request, Response
from medbench.store.ledger import Ledger
from medbench.store.runs import RESPONSES

REQUEST = Request(model="m", text="describe")


def _response(name: str, **changes: object) -> Response:
    fields = {
        "response_id": name,
        "request_digest": REQUEST.digest,
        "call_for": CallFor(case_id="c", stage="single"),
        "asked": "m",
        "text": f"text of {name}",
        **changes,
    }
    return Response.model_validate(fields)


def _failed(name: str, *, final: bool, **changes: object) -> Response:
    return _response(name, text=None, failure=Failure(kind="k", reason="r", final=final), **changes)


def _found(
    folder: Path, request: Request = REQUEST, case: str = "c", sample: int = 0, role: str = MODEL
) -> str | None:
    with Ledger(folder) as ledger:
        found = ledger.find(request, CallFor(case_id=case, stage="any", role=role), sample)
    return found.response_id if found else None


def _write(folder: Path, *responses: Response) -> None:
    async def add() -> None:
        with Ledger(folder) as ledger:
            for response in responses:
                await ledger.add(response)
                settled = response.failure is None or response.failure.final
                found = ledger.find(REQUEST, response.call_for, response.sample)
                assert not settled or found is not None, "it is found in the same session too"

    asyncio.run(add())


def test_an_answer_is_found_by_request_case_and_sample(tmp_path: Path) -> None:
    """The same request of the same case and sample is found again; any other one is not."""
    _write(tmp_path, _response("a"), _response("b", sample=1), _response("c", text="ü\n" * 50))
    assert _found(tmp_path) == "a"
    assert _found(tmp_path, sample=1) == "b"
    assert _found(tmp_path, sample=2) is None
    assert _found(tmp_path, case="other") is None
    assert _found(tmp_path, REQUEST.model_copy(update={"text": "other"})) is None


def test_each_role_has_answers_of_its_own(tmp_path: Path) -> None:
    """Two roles that ask the same have an answer each; the role of an only model is not written."""
    reader = CallFor(case_id="c", stage="read", role="reader")
    _write(tmp_path, _response("a", call_for=reader), _response("b"))
    assert _found(tmp_path, role="reader") == "a"
    assert _found(tmp_path) == "b"
    assert _found(tmp_path, role="writer") is None
    first, second = (tmp_path / RESPONSES).read_text().splitlines()
    assert json.loads(first)["for"] == {"case_id": "c", "replicate": 0, "stage": "read", "role": "reader"}
    assert json.loads(second)["for"] == {"case_id": "c", "replicate": 0, "stage": "single"}


@pytest.mark.parametrize(
    ("stage", "number", "role", "sample"),
    [
        ("judge", 100, FALLBACK, 0),
        ("judge", 103, FALLBACK, 3),
        ("judge", 3, MODEL, 3),
        ("canary-asked_again", 1_000, AGAIN, 0),
        ("canary-alive", 1_001_771_800_000, ALIVE, 1_001_770_800_000),
        ("canary-side", 0, MODEL, 0),
        ("single", 1_000, MODEL, 1_000),
    ],
)
def test_roles_that_were_written_as_numbers_are_understood(
    tmp_path: Path, stage: str, number: int, role: str, sample: int
) -> None:
    """Ledgers from before there were roles keep what was paid for: under its role, and only there."""
    line = {
        "schema_version": 1,
        "response_id": "old",
        "request_digest": REQUEST.digest,
        "sample": number,
        "for": {"case_id": "c", "replicate": 0, "stage": stage},
        "asked": "m",
        "text": "paid for",
    }
    (tmp_path / RESPONSES).write_text(json.dumps(line) + "\n")
    assert _found(tmp_path, sample=sample, role=role) == "old"
    assert [
        other
        for other in (MODEL, FALLBACK, AGAIN, ALIVE)
        if _found(tmp_path, sample=sample, role=other) or _found(tmp_path, sample=number, role=other)
    ] == [role]


def test_the_first_answer_stands(tmp_path: Path) -> None:
    """A second answer to the same request changes nothing."""
    _write(tmp_path, _response("first"), _response("second"))
    assert _found(tmp_path) == "first"


def test_a_failure_that_may_pass_is_not_found(tmp_path: Path) -> None:
    """A failure that is not final is asked again; an answer or a final failure after it stands."""
    _write(tmp_path, _failed("open", final=False))
    assert _found(tmp_path) is None
    _write(tmp_path, _failed("final", final=True), _response("late"))
    assert _found(tmp_path) == "final"


def test_a_torn_line_never_counted(tmp_path: Path) -> None:
    """A response whose line was torn is not found, and the tear is cut so that the next one can be."""
    _write(tmp_path, _response("whole"))
    with (tmp_path / RESPONSES).open("ab") as file:
        file.write(_response("torn", sample=1).to_line()[:-1])
    with Ledger(tmp_path) as ledger:
        assert ledger.cut
        assert ledger.find(REQUEST, CallFor(case_id="c", stage="single"), 1) is None
    _write(tmp_path, _response("again", sample=1))
    assert (_found(tmp_path), _found(tmp_path, sample=1)) == ("whole", "again")


def test_a_digest_that_is_none_is_refused(tmp_path: Path) -> None:
    """A line whose request digest is no sha256 is a broken record with its line number, not a crash."""
    line = _response("a").to_line().replace(REQUEST.digest.encode(), b"zz")
    (tmp_path / RESPONSES).write_bytes(line)
    with pytest.raises(RecordError, match=r"line 1, is not a valid response: field 'request_digest'"):
        Ledger(tmp_path)


@pytest.mark.parametrize(
    "change", [{"model": "x"}, {"text": "x"}, {"system": "x"}, {"settings": {"temperature": 0.5}}]
)
def test_the_digest_covers_what_decides_the_answer(change: dict[str, object]) -> None:
    """Model, texts and settings are in the digest of a request; the case key is not."""
    assert REQUEST.model_copy(update=change).digest != REQUEST.digest
    assert REQUEST.model_copy(update={"case_key": "x"}).digest == REQUEST.digest
