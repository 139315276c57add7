"""Yes or no by finding: what answers say, and what references say of the findings that are asked for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from medbench.prompts.prompt import load_prompt
from medbench.scoring.screening import Answer, answers, asked_in, concept_of, truth

SHIPPED = load_prompt("findings", "screening").response_schema["properties"]["findings"]["items"][
    "properties"
]
NAMES = tuple(SHIPPED["finding"]["enum"])


def test_every_finding_of_the_prompt_is_in_the_vocabulary() -> None:
    """Else its truth could not be read from a reference."""
    assert len(NAMES) == 12
    assert [name for name in NAMES if concept_of(name) is None] == []


@pytest.mark.parametrize(
    ("reference", "asked", "says"),
    [
        ("There is a mass in the left lung.", "mass", "present"),
        ("Glioblastoma in the left frontal lobe.", "mass", "present"),
        ("Right subdural hematoma.", "hemorrhage", "present"),
        ("Hydronephrosis on the right.", "dilatation", "present"),
        ("Large pneumothorax.", "gas", "present"),
        ("Dilated loops of small bowel.", "dilatation", "present"),
        ("Small bowel obstruction.", "obstruction", "present"),
        ("No left pleural effusion. Small right pleural effusion.", "pleural effusion", "present"),
        ("No fracture.", "fracture", "denied"),
        ("No evidence of intracranial hemorrhage.", "hemorrhage", "denied"),
        ("No pleural effusion.", "pleural effusion", "denied"),
        ("The lungs are clear.", "consolidation", "denied"),
        ("Normal CT of the head.", "mass", "denied"),
        ("The heart is enlarged.", "mass", "unsaid"),
        ("No mass in the liver.", "mass", "unsaid"),
        ("No left pleural effusion.", "pleural effusion", "unsaid"),
        ("The left kidney is normal. No rib fracture.", "fracture", "unsaid"),
        ("No subdural hematoma.", "hemorrhage", "unsaid"),
        ("The liver is normal.", "consolidation", "unsaid"),
        ("Possible mass in the liver.", "mass", "unclear"),
        ("Status post resection of a mass.", "mass", "unclear"),
        ("Opacity in the right lower lobe.", "consolidation", "unclear"),
        ("Enlarged appendix, acute appendicitis.", "dilatation", "unclear"),
        ("", "mass", "unsaid"),
        ("There is a mass.", "sparkle", None),
    ],
)
def test_what_a_reference_says_of_a_finding(reference: str, asked: str, says: str | None) -> None:
    """A narrower finding is the one asked for; a denial of a part or a side leaves the rest unsaid."""
    assert truth(reference, asked) == says


def _said(*rows: dict[str, object]) -> str:
    return json.dumps({"findings": list(rows)})


def _one(finding: str, present: object, confidence: object = 0.8) -> dict[str, object]:
    return {"finding": finding, "present": present, "confidence": confidence, "side": "", "site": ""}


def test_the_confidence_is_of_the_answer_and_the_score_of_the_finding() -> None:
    """A sure no is a low score; a confidence out of range or in words is none."""
    text = _said(
        _one("mass", "yes", 0.9),
        _one("edema", "no", 0.9),
        _one("gas", "yes", 85),
        _one("Pleural Effusion", "NO", "high"),
        _one("fracture", "yes", None),
        _one("calcification", "no", "0.25"),
    )
    found = answers(text, NAMES)
    assert found["mass"] == Answer(yes=True, score=0.9)
    assert found["edema"].score == pytest.approx(0.1)
    assert found["calcification"] == Answer(yes=False, score=0.75)
    assert [(found[name].yes, found[name].score) for name in ("gas", "pleural effusion", "fracture")] == [
        (True, None),
        (False, None),
        (True, None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "No mass is seen. No fracture.",
        "",
        _said(_one("mass", "maybe"), _one("fracture", ""), _one("gas", None), _one("sparkle", "yes")),
        '{"findings": "none"}',
        '{"findings": [{"finding": "mass", "present": "yes", "confidence": 0.',
        "[[[[",
        "{" * 200,
    ],
)
def test_what_is_no_yes_and_no_no_is_no_answer(text: str) -> None:
    """Prose, other words, other findings, and an object that was cut in the middle."""
    assert answers(text, NAMES) == {}


def test_what_came_before_the_cut_counts_and_what_is_around_the_json_does_not() -> None:
    """Thoughts and fences are taken off; a cut answer has the findings that came whole."""
    whole = _said(_one("mass", "yes", 0.7), _one("gas", "no", 0.6))
    cut = whole[: whole.index('"gas"') + 20]
    around = f"<think>{_said(_one('mass', 'no', 0.9))}</think>\n```json\n{whole}\n```"
    assert answers(cut, NAMES) == {"mass": Answer(yes=True, score=0.7)}
    assert answers(around, NAMES) == answers(whole, NAMES)


def test_a_finding_that_is_given_once_a_side_is_there_if_it_is_anywhere() -> None:
    """In either order; the score is that of the surest yes."""
    sides = [_one("mass", "no", 0.9), _one("mass", "yes", 0.6), _one("mass", "yes", 0.7)]
    for rows in (sides, sides[::-1]):
        assert answers(_said(*rows), NAMES) == {"mass": Answer(yes=True, score=0.7)}


def test_the_form_of_a_screening_answer_has_a_confidence() -> None:
    """So that findings as JSON, which deny too, are not taken for an answer to a list."""
    assert asked_in(_said(_one("mass", "yes"), _one("Gas", "no"))) == ["mass", "gas"]
    assert asked_in('{"findings": [{"finding": "mass", "present": "yes"}]}') == []


@given(some.text(alphabet='{}[]":, mas\\\nyeo.1', max_size=120))
def test_no_text_breaks_it(text: str) -> None:
    """Whatever comes, it is read or left."""
    assert set(answers(text, NAMES)) <= set(NAMES)
