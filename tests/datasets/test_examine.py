"""The guards: what cannot be answered from its images, and what gives its answer away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from source_cases import made_case

from medbench.datasets.examine import check_keep, examine, left_out, names_diagnosis
from medbench.errors import UsageError
from medbench.schema.case import Question


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("The chest radiograph shows a large round mass.", "other_modality"),
        ("See captions. There is a mass in the left lung.", "points_elsewhere"),
        ("Image 2: the mass enhances in the late phase.", "points_elsewhere"),
        ("(Fig. 1) shows a mass of the left lung", "points_elsewhere"),
        ("A left lung mass", "too_short"),
    ],
)
def test_an_unanswerable_text_is_left_out_unless_kept(text: str, flag: str) -> None:
    """Its flag remains when it is kept."""
    case = made_case("1", text=text)
    (found,) = examine([case])
    assert (found.flags, found.reasons) == ((flag,), ("unanswerable",))
    (kept,) = examine([case], ["unanswerable"])
    assert (kept.flags, kept.reasons) == ((flag,), ())


@pytest.mark.parametrize(
    "text", ["A 3 cm mass on the image, 5 mm from it.", "Delayed images 3 hours later show a mass."]
)
def test_innocent_numbers_point_nowhere(text: str) -> None:
    """Measures beside the word 'image' are no figure numbers."""
    assert examine([made_case("1", text=text)])[0].flags == ()


def test_a_case_without_a_text_cannot_be_kept() -> None:
    """There would be nothing to compare with; asking for it says so."""
    (found,) = examine([made_case("1", text=" \n")], ["unanswerable"])
    assert found.reasons == ("no_findings",)
    with pytest.raises(UsageError, match="cannot be kept"):
        check_keep(["no-findings"])
    with pytest.raises(UsageError, match="'unanswerble'"):
        check_keep(["unanswerble"])


@pytest.mark.parametrize("name", ["diagnosis", "title", "topic"])
def test_a_history_that_names_the_answer_is_left_out(name: str) -> None:
    """Diagnosis, title and topic alike, whatever the case and punctuation; unless kept."""
    case = made_case(
        "1",
        history="Known  AORTIC-dissection since May.",
        **cast("dict[str, Any]", {name: "Aortic dissection"}),
    )
    assert examine([case])[0].reasons == ("history_names_diagnosis",)
    assert examine([case], ["history-names-diagnosis"])[0].reasons == ()
    assert examine([replace(case, history="Known dissecting knee.")])[0].flags == ()


def test_a_diagnosis_in_the_text_is_noted_only() -> None:
    """Radiologists do write diagnoses into findings."""
    (found,) = examine(
        [made_case("1", text="This mass of the lung is a hamartoma.", diagnosis="Hamartoma (lung)")]
    )
    assert (found.flags, found.reasons) == (("contains_diagnosis",), ())


def test_duplicate_texts_are_noted_on_all_of_them() -> None:
    """Spaces, case and punctuation do not make a text another one; missing texts are no duplicates."""
    one, two = "There is a mass in the lung.", "there is  a mass, in the Lung"
    found = examine(
        [made_case("1", text=one), made_case("2", text=two), made_case("3", text=""), made_case("4", text="")]
    )
    assert [one.flags for one in found] == [("duplicate_text",), ("duplicate_text",), (), ()]


def test_photographs_are_left_away_and_a_case_of_photographs_left_out() -> None:
    """A case keeps its scans; kept photographs stay where they stood."""
    case = made_case("1", "CT,CT")
    mixed = replace(case, images=(replace(case.images[0], radiology=False), case.images[1]))
    assert examine([mixed])[0].case.images == (case.images[1],)
    assert examine([mixed], ["no-radiology"])[0].case.images == mixed.images
    none = replace(case, images=tuple(replace(image, radiology=False) for image in case.images))
    (found,) = examine([none])
    assert found.reasons == ("no_radiology_image",)
    assert left_out([found]) == {"no_radiology_image": 1}
    (kept,) = examine([none], ["no-radiology"])
    assert (kept.flags, kept.reasons) == (("no_radiology_image",), ())


def test_only_whole_diagnoses_count() -> None:
    """Word for word, with or without what stands in brackets or on further lines."""
    assert names_diagnosis("an AVM", "AVM\nof the brain")
    assert names_diagnosis("arteriovenous malformation seen", "Arteriovenous Malformation (AVM)")
    assert not names_diagnosis("a simple cystic mass", "Cyst")
    assert not names_diagnosis("", "Cyst")
    assert not names_diagnosis("anything", None)


@pytest.mark.parametrize(
    ("choices", "answer", "reasons"),
    [
        (("< 5 mm", "5 mm", "> 5 mm"), "> 5 mm", ()),
        (("A cyst", "mass"), "a cyst.", ()),
        (("< 5 mm", "> 5 mm"), "5 mm", ("answer_not_offered",)),
        (("cyst", "A cyst.", "mass"), "mass", ("choices_alike",)),
    ],
)
def test_a_question_is_asked_only_where_one_choice_is_right(
    choices: tuple[str, ...], answer: str, reasons: tuple[str, ...]
) -> None:
    """The choices are told apart by the same rules by which answers are read."""
    question = Question(text="Which?", kind="choice", choices=choices)
    (found,) = examine([made_case("1", text=answer, question=question)], [])
    assert found.reasons == reasons
    assert left_out([found]) == dict.fromkeys(reasons, 1)
