"""Answers of judges: one JSON object is a verdict; everything else is a failure of its own kind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.judging.answer import Unreadable, answer_schema, read_grade, read_listing, read_matches

GOOD = '{"reason": "so", "key_finding": true, "rating": "good"}'
MATCH = {"finding": "F1", "outcome": "matched", "said": "a mass"}


def matches(*given: dict[str, Any], **more: Any) -> str:
    """An answer by a rubric that asks for matches."""
    return json.dumps({"reason": "so", "matches": list(given), "invented": [], **more})


@pytest.mark.parametrize(
    ("text", "finish", "kind"),
    [
        ("The description is good.", "stop", "prose"),
        (f"Here is my verdict: {GOOD}", "stop", "prose"),
        (f"{GOOD} I hope this helps.", "stop", "prose"),
        (f"```json\n{GOOD}\n```", "stop", "fenced"),
        (f"{GOOD}\n{GOOD}", "stop", "several_objects"),
        (f"[{GOOD}, {GOOD}]", "stop", "several_objects"),
        ("INCORRECT", "stop", "bare_word"),
        ('"good"', "stop", "bare_word"),
        ("good", "stop", "bare_word"),
        (GOOD.replace("good", "INCORRECT"), "stop", "unknown_grade"),
        (GOOD.replace("good", "excellent"), "stop", "unknown_grade"),
        (GOOD.replace("good", "Good"), "stop", "unknown_grade"),
        (GOOD.replace("good", "not good"), "stop", "unknown_grade"),
        (GOOD.replace('"good"', "null"), "stop", "unknown_grade"),
        (GOOD.replace("true", '"true"'), "stop", "wrong_type"),
        ('{"reason": "so", "rating": "good"}', "stop", "missing_field"),
        ('{"rating": "poor", "reason": "so", "key_finding": true, "rating": "good"}', "stop", "broken_json"),
        ("", "stop", "empty"),
        (" \n", None, "empty"),
        (GOOD, "length", "truncated"),
        (GOOD[:30], "stop", "truncated"),
        (GOOD[:-1], None, "truncated"),
        ("{rating: good}", "stop", "broken_json"),
        ("[" * 5000, "stop", "prose"),
        ('{"a":' * 5000, "stop", "broken_json"),
        ("I'm sorry, but I can't help with that request.", "stop", "refusal"),
        ("7", "stop", "not_an_object"),
        ("null", "stop", "not_an_object"),
    ],
)
def test_each_wrong_answer_has_a_kind_of_its_own(text: str, finish: str | None, kind: str) -> None:
    """No wrong answer is a grade, and the kind says how it is wrong."""
    with pytest.raises(Unreadable) as caught:
        read_grade(text, finish)
    assert caught.value.kind == kind
    assert "\n" not in caught.value.reason


def test_a_grade_is_read_and_what_stands_beside_it_is_not() -> None:
    """An object with the three fields is a verdict, whatever else a model adds."""
    found = read_grade(GOOD.replace("}", ', "score": 1.0}'), "stop")
    assert (found.rating, found.key_finding, found.reason) == ("good", True, "so")


@given(st.text(max_size=80))
def test_no_text_is_taken_for_a_grade_by_chance(text: str) -> None:
    """Any text is unreadable unless it is that very object."""
    with pytest.raises(Unreadable):
        read_grade(text, "stop")


@given(st.sampled_from(["good", "partial", "poor"]), st.text(max_size=40), st.integers(0, 60))
def test_a_cut_answer_is_never_a_grade(rating: str, reason: str, cut: int) -> None:
    """However much is missing at the end, nothing is read."""
    whole = json.dumps({"rating": rating, "key_finding": False, "reason": reason})
    with pytest.raises(Unreadable):
        read_grade(whole[: min(cut, len(whole) - 1)], None)


def test_matches_come_in_the_order_of_the_findings() -> None:
    """Each finding is matched once; the order of the answer does not matter."""
    found = read_matches(matches({**MATCH, "finding": "F2"}, MATCH), "stop", ["F1", "F2"])
    assert [match.finding for match in found.matches] == ["F1", "F2"]


@pytest.mark.parametrize(
    ("given_matches", "kind"),
    [
        ([MATCH], "missing_finding"),
        ([MATCH, MATCH], "repeated_finding"),
        ([MATCH, {**MATCH, "finding": "F3"}], "unknown_finding"),
        ([MATCH, {**MATCH, "finding": "F2", "outcome": "MATCHED"}], "unknown_outcome"),
    ],
)
def test_matches_that_are_not_one_for_each_finding_are_unreadable(
    given_matches: list[dict[str, Any]], kind: str
) -> None:
    """A finding left out, given twice, unknown or with another outcome makes the answer unreadable."""
    with pytest.raises(Unreadable) as caught:
        read_matches(matches(*given_matches), "stop", ["F1", "F2"])
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("findings", "kind"),
    [
        ([], "no_findings"),
        ([{"text": " ", "present": True, "key": True}], "no_findings"),
        ([{"text": "a mass", "present": True, "key": False}], "key_findings"),
        ([{"text": "a mass", "present": True, "key": True}] * 2, "key_findings"),
        (
            [{"text": "a mass", "present": True, "key": True}]
            + [{"text": "more", "present": True, "key": False}] * 60,
            "too_many_findings",
        ),
    ],
)
def test_a_list_has_findings_and_one_of_them_is_the_key(findings: list[dict[str, Any]], kind: str) -> None:
    """An empty list, a loop, no key finding or two of them is unreadable."""
    with pytest.raises(Unreadable) as caught:
        read_listing(json.dumps({"findings": findings}), "stop")
    assert caught.value.kind == kind


@pytest.mark.parametrize("answer", ["matches", "grade", "listing"])
def test_the_schema_names_every_field_and_no_number(answer: Any) -> None:
    """The schema closes its objects, requires all fields and has no number to run away in."""
    schema = answer_schema(answer)
    objects = [schema, *schema.get("$defs", {}).values()]
    for one in (one for one in objects if one.get("type") == "object"):
        assert one["additionalProperties"] is False
        assert set(one["required"]) == set(one["properties"])
    assert '"number"' not in json.dumps(schema)
    assert '"integer"' not in json.dumps(schema)
