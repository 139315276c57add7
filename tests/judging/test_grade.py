"""The grade that follows from the matches; the majority of several grades."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.judging.grade import grade_from, majority, steps_between
from medbench.schema.verdict import Grade, Match, Outcome

KEY, MORE, ABSENT = "the mass", "an effusion", "no fracture"


def match(outcome: str, reference: str | None = MORE) -> Match:
    """One match; the key finding by its name, absent ones too."""
    return Match.model_validate(
        {
            "reference": reference,
            "key": reference == KEY,
            "present": reference != ABSENT,
            "outcome": outcome,
            "output": "words",
        }
    )


@pytest.mark.parametrize(
    ("outcomes", "grade", "key"),
    [
        ({KEY: "matched", MORE: "matched", ABSENT: "matched"}, "good", True),
        ({KEY: "matched", MORE: "missed", ABSENT: "missed"}, "good", True),
        ({KEY: "matched", MORE: "wrong_side"}, "partial", True),
        ({KEY: "matched", MORE: "wrong_size"}, "partial", True),
        ({KEY: "matched", MORE: "matched", ABSENT: "negated"}, "partial", True),
        ({KEY: "incomplete", MORE: "matched"}, "partial", True),
        ({KEY: "wrong_size", MORE: "matched"}, "partial", True),
        ({KEY: "wrong_side", MORE: "matched"}, "partial", False),
        ({KEY: "wrong_site", MORE: "missed"}, "poor", False),
        ({KEY: "missed", MORE: "missed", ABSENT: "matched"}, "poor", False),
        ({KEY: "negated", MORE: "missed"}, "poor", False),
        ({KEY: "missed", MORE: "matched"}, "partial", False),
    ],
)
def test_the_grade_follows_from_the_outcomes(outcomes: dict[str, str], grade: str, key: bool) -> None:
    """Wrong sides, sites, sizes and denials keep a text from good; silence about what is absent does not."""
    assert grade_from([match(outcome, name) for name, outcome in outcomes.items()]) == (grade, key)


def test_serious_inventions_keep_a_text_from_good_and_others_do_not() -> None:
    """What would change the patient's care counts; a trifle does not."""
    whole = [match("matched", KEY)]
    assert grade_from([*whole, match("invented", None)])[0] == "good"
    assert grade_from([*whole, match("invented_serious", None)])[0] == "partial"


def test_a_normal_reference_is_matched_by_saying_so() -> None:
    """Where all is absent, what is absent counts."""
    normal = Match(reference="no fracture", key=True, present=False, outcome="matched")
    assert grade_from([normal]) == ("good", True)
    assert grade_from([normal.model_copy(update={"outcome": "missed"})]) == ("poor", False)


@given(st.lists(st.tuples(st.sampled_from(get_args(Outcome)), st.booleans()), min_size=1, max_size=8))
def test_grade_and_key_finding_cannot_contradict_each_other(found: list[tuple[Outcome, bool]]) -> None:
    """Good implies that the key finding is matched; a key finding that is identified is never poor."""
    matches = [
        Match(reference=f"f{number}", key=number == 0, present=present, outcome=outcome)
        for number, (outcome, present) in enumerate(found)
    ]
    grade, key = grade_from(matches)
    assert grade != "good" or (key and matches[0].outcome == "matched")
    assert grade != "poor" or not key


@pytest.mark.parametrize(
    ("grades", "expected", "spread"),
    [
        (["good", "good", "poor"], "good", 2),
        (["good", "partial", "poor"], "partial", 2),
        (["good", "partial"], "partial", 1),
        (["good", "poor"], "poor", 2),
        (["partial", "partial"], "partial", 0),
    ],
)
def test_the_majority_counts_else_the_median(grades: list[Grade], expected: Grade, spread: int) -> None:
    """More than half decides; without it the median, the lower of two; the spread is kept."""
    assert majority(grades) == expected
    assert steps_between(grades) == spread
