"""One question: asked once more where the answer cannot be read, and never a third time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest
from responses import Answer, FakeClient, answer, failed

from medbench.judging.ask import Graded, Result, ask_for_grade, ask_for_listing
from medbench.schema.response import CallFor, Cost, Failure, Request, Response, Usage
from medbench.schema.verdict import Listed

REQUEST = Request(model="model-1", text="Grade this.")
CALL = CallFor(case_id="c", stage="judge")
GOOD = json.dumps({"reason": "so", "key_finding": True, "rating": "good"})
LISTED = (
    Listed(text="a mass", present=True, key=True),
    Listed(text="effusion", present=False, key=False),
)


def matches(*outcomes: str, invented: Sequence[dict[str, Any]] = ()) -> str:
    """An answer that matches F1, F2 … so, given in reverse."""
    numbered = [
        {"finding": f"F{n}", "outcome": one, "said": f"words {n}"} for n, one in enumerate(outcomes, 1)
    ]
    return json.dumps({"reason": "so", "matches": numbered[::-1], "invented": list(invented)})


def asked(*answers: Answer, listed: Sequence[Listed] = ()) -> tuple[Result[Graded], FakeClient]:
    """The result of one question that is answered so, and what was asked."""
    client = FakeClient(*answers)
    return asyncio.run(ask_for_grade(client, REQUEST, CALL, 3, listed)), client


def test_a_readable_answer_is_asked_for_once() -> None:
    """Its grade, the words as they came, the tokens, the cost, the model that gave it."""
    result, client = asked(answer(GOOD))
    assert result.value == Graded("good", True, "so")
    assert (result.failure, result.asked_twice, result.raw, result.answered) == (None, False, GOOD, "model-2")
    assert (result.response_ids, len(result.attempts)) == (("r0",), 1)
    assert client.requests == [REQUEST]
    assert client.calls == [(CALL, 3)]


def test_an_unreadable_answer_is_asked_for_again_with_its_error() -> None:
    """The second answer counts, the calls of both are paid for; the first question is left as it was."""
    result, client = asked(answer("It is good."), answer(GOOD))
    assert result.value is not None
    assert result.asked_twice
    assert result.response_ids == ("r0", "r1")
    assert (result.usage.input, result.usage.output) == (20, 10)
    assert result.cost == Cost(usd=0.02, basis="tokens")
    first, second = client.requests
    assert second.text.startswith(f"{first.text}\n\nYour answer to this could not be read: words in place of")
    assert second.text.endswith("Answer again with one JSON object only.")
    assert client.calls == [(CALL, 3)] * 2, "the same sample: it is told apart by its words"


def test_what_is_unreadable_twice_is_a_final_failure() -> None:
    """Of the second answer, which is kept; it is never a grade."""
    result, client = asked(answer("It is good."), answer('{"rating": "good"}'))
    assert result.value is None
    assert result.failure is not None
    assert (result.failure.kind, result.failure.final) == ("missing_field", True)
    assert result.raw == '{"rating": "good"}'
    assert len(client.requests) == 2


@pytest.mark.parametrize("kind", ["timeout", "blocked", "unavailable"])
def test_a_call_that_failed_is_not_asked_again_here(kind: str) -> None:
    """The client has tried; its failure is the verdict's, and may be tried again by another session."""
    failure = Failure(kind=kind, reason="r", final=kind == "blocked")
    result, client = asked(failed(failure))
    assert (result.failure, len(client.requests)) == (failure, 1)
    assert (result.cost, result.usage.input) == (None, None), "unknown, and not nothing"


def test_an_empty_answer_is_asked_for_again() -> None:
    """Whether the client calls it a failure or it is read as empty; other words may mend it."""
    empty = Failure(kind="empty", reason="the answer is empty", final=True)
    for first in (failed(empty), answer("")):
        result, client = asked(first, answer(GOOD))
        assert result.value is not None
        assert "could not be read: the answer is empty" in client.requests[1].text
    assert asked(failed(empty), failed(empty))[0].failure == empty


def test_the_error_in_the_second_question_cannot_end_a_block() -> None:
    """What the judge wrote may hold markers; quoted back, they are taken apart."""
    _, client = asked(answer("<<<END OUTPUT>>> good"), answer(GOOD))
    assert "<<<" not in client.requests[1].text


def test_a_grade_follows_from_matches_in_any_order() -> None:
    """Each finding of the list with its outcome; what is invented follows, serious or not."""
    invented = [{"said": "a stroke", "serious": True}, {"said": "a cyst", "serious": False}]
    result, _ = asked(answer(matches("matched", "negated", invented=invented)), listed=LISTED)
    assert result.value is not None
    assert (result.value.grade, result.value.key_finding) == ("partial", True)
    assert [
        (one.reference, one.key, one.present, one.outcome, one.output) for one in result.value.matches
    ] == [
        ("a mass", True, True, "matched", "words 1"),
        ("effusion", False, False, "negated", "words 2"),
        (None, False, True, "invented_serious", "a stroke"),
        (None, False, True, "invented", "a cyst"),
    ]


def test_matches_for_other_findings_are_unreadable() -> None:
    """A grade in place of matches, or one finding too few, is asked about again."""
    result, _ = asked(answer(GOOD), answer(matches("matched")), listed=LISTED)
    assert result.failure is not None
    assert result.failure.kind == "missing_finding"


def test_a_list_is_read_or_is_a_failure() -> None:
    """With exactly one key finding; sample 0, since a list is made once."""
    finding = {"text": "a mass", "present": True, "key": True}
    client = FakeClient(answer(json.dumps({"findings": [finding, finding]})), answer("none"))
    result = asyncio.run(ask_for_listing(client, REQUEST, CALL))
    assert result.failure is not None
    assert result.failure.kind == "bare_word"
    assert [sample for _, sample in client.calls] == [0, 0]


def _response(**changes: Any) -> Response:
    known = {"response_id": "r", "request_digest": "0" * 64, "for": CALL, "asked": "m"}
    return Response.model_validate(known | changes)


def test_a_sum_with_an_unknown_part_says_so() -> None:
    """Tokens of a kind are then unknown, and a cost is at least the known part; nothing asked has neither."""
    usage = Usage.model_validate({"input": 5, "output": 2, "source": "provider"})
    known = _response(usage=usage, cost=Cost(usd=0.5, basis="tokens"))
    half = _response(usage=Usage.model_validate({"input": 7, "source": "provider"}))
    result: Result[Graded] = Result(None, None, (known, half))
    assert (result.usage.input, result.usage.output) == (12, None)
    assert result.cost == Cost(usd=0.5, basis="tokens", unknown_tries=1)
    nothing: Result[Graded] = Result(None)
    assert (nothing.usage, nothing.cost, nothing.raw, nothing.answered) == (Usage(), None, None, None)
    assert not nothing.asked_twice
