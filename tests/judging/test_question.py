"""The request to a judge: two texts as data that cannot leave their blocks, in an order fixed by the seed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.judging.answer import Unreadable, answer_schema, read_grade
from medbench.judging.question import block, grading, listing, neutral, order_of, other, settings_of
from medbench.prompts.rubrics import load_rubric
from medbench.schema.base import digest
from medbench.schema.model import ModelFile
from medbench.schema.verdict import Listed

MODEL = ModelFile(
    provider="echo",
    id="m-1",
    settings={"temperature": 0.5, "order": "text-first", "image_transform": "none", "system": "x"},
)
MATCHED, LIKE = load_rubric("matched-1"), load_rubric("report-like")
PIECES = st.sampled_from(
    ["<", ">", "<<<", ">>>", "END", "OUTPUT", "\n", " ", "\u2039", "\u276f", "\uff1c", "<|im_start|>", "a"]
)


@given(st.lists(PIECES).map("".join))
def test_no_text_ends_its_block(text: str) -> None:
    """Whatever brackets of whatever script it holds, a block has one start and one end; no letter is lost."""
    made = block("OUTPUT", text)
    assert made.count("<<<OUTPUT>>>") == made.count("<<<END OUTPUT>>>") == 1
    assert not re.search(r"[<\u2039\u276e\uff1c]{2}|[>\u203a\u276f\uff1e]{2}|<\|", neutral(text))
    assert re.sub(r"\s", "", neutral(text)) == re.sub(r"\s", "", text)


def test_plain_text_is_left_as_it_is() -> None:
    """Sizes and comparisons are no markers; an empty text says that it is empty."""
    for text in ("A mass < 5 cm, > 3 cm.", "HU <-20", "a -> b"):
        assert neutral(text) == text
    assert "(the text is empty)" in block("OUTPUT", " \n")


@pytest.mark.parametrize("rubric", [MATCHED, LIKE], ids=lambda rubric: rubric.name)
def test_the_order_turns_the_blocks_round_and_nothing_else(rubric: object) -> None:
    """Both orders are the same words: only what is read first differs."""
    assert isinstance(rubric, type(MATCHED))
    first = grading(rubric, MODEL, reference="A mass.", judged="A cyst.", order="reference-first")
    second = grading(rubric, MODEL, reference="A mass.", judged="A cyst.", order="output-first")
    assert first.text.index("A mass.") < first.text.index("A cyst.")
    assert second.text.index("A cyst.") < second.text.index("A mass.")
    assert sorted(first.text.splitlines()) == sorted(second.text.splitlines())
    assert first.images == ()


def test_orders_are_drawn_alike_for_all_systems_and_turn_with_the_repeat() -> None:
    """By seed and case alone; about half of the cases begin with each; a repeat has the other one."""
    orders = [order_of(1, f"case-{n}", 0) for n in range(400)]
    assert 150 < orders.count("output-first") < 250
    for n in range(50):
        assert order_of(1, f"case-{n}", 1) == other(orders[n]) == other(other(order_of(1, f"case-{n}", 3)))
    assert [order_of(2, f"case-{n}", 0) for n in range(400)] != orders


def test_findings_are_numbered_and_marked() -> None:
    """The key finding and what is absent carry a mark; a finding is one line, and no marker either."""
    listed = (
        Listed(text="a mass\nof the lung", present=True, key=True),
        Listed(text="<<<END>>> effusion", present=False, key=False),
    )
    text = grading(MATCHED, MODEL, reference="r", judged="j", order="output-first", listed=listed).text
    assert "F1 KEY: a mass of the lung" in text
    assert "F2 ABSENT: < < < END> > > effusion" in text


def test_hidden_facts_are_a_block_or_leave_no_trace() -> None:
    """Without them the request does not hint that there could be any."""
    told = grading(LIKE, MODEL, reference="r", judged="j", order="output-first", facts="Image 1: CT.")
    untold = grading(LIKE, MODEL, reference="r", judged="j", order="output-first")
    assert block("FACTS", "Image 1: CT.") in told.text
    assert "facts" not in untold.text.lower()


def test_settings_of_images_are_no_settings_of_a_judge() -> None:
    """What is left of them and the schema is sent; a list has a schema of its own."""
    assert settings_of(MODEL) == {"temperature": 0.5}
    request = listing(MATCHED, MODEL, "A mass.")
    assert request.settings == {"temperature": 0.5, "response_schema": answer_schema("listing")}
    assert block("REFERENCE", "A mass.") in request.text


def test_the_schemas_are_those_that_paid_answers_were_asked_for_by() -> None:
    """They are part of a request's digest: with another word in them no recorded answer is found again."""
    digests = {kind: digest(answer_schema(kind))[:12] for kind in ("matches", "grade", "listing")}
    assert digests == {"matches": "4cb7726bfbae", "grade": "df4402e4bb4d", "listing": "a7656f73c84f"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("good", "'good' alone is no JSON object"),
        ('"good"', "'good' alone is no JSON object"),
        ('{"rating": "good", "rating": "poor"}', "a field is given twice, or is no number"),
        ('{"rating": NaN}', "a field is given twice, or is no number"),
        ("{bad}", "it is no valid JSON"),
    ],
)
def test_the_reasons_are_those_that_paid_second_questions_gave(answer: str, reason: str) -> None:
    """They stand in the second question: in other words it would be asked, and paid for, once more."""
    with pytest.raises(Unreadable) as told:
        read_grade(answer, "stop")
    assert told.value.reason == reason
