"""Organs where they do not belong are findings."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

MISPLACED = [
    ("Loops of bowel are seen within the left hemithorax.", "diaphragmatic hernia"),
    ("Omental fat in the right hemithorax.", "diaphragmatic hernia"),
    ("Bowel loops within the scrotum.", "inguinal hernia"),
    ("The left kidney is located in the pelvis.", "pelvic kidney"),
    ("The left testicle is in the inguinal canal.", "undescended testis"),
    ("The liver is on the left side.", "left sided liver"),
    ("The heart is in the right chest.", "dextrocardia"),
    ("Small bowel on the right and colon on the left.", "malrotation"),
    ("The small bowel is in the right abdomen and the large bowel lies in the left.", "malrotation"),
    ("Small bowel loops in the right abdomen, with the colon in the left abdomen.", "malrotation"),
    ("All of the small bowel is on the right.", "abnormal bowel position"),
    ("The colon is entirely on the left.", "abnormal bowel position"),
    ("The spleen is on the right.", "right sided spleen"),
]


AT_HOME = [
    "The spleen is on the left.",
    "CT of the liver in the right upper quadrant.",
    "Images of the bowel in the abdomen.",
    "The heart is on the right side of the image.",
    "The heart lies on the left side of this film.",
    "The liver is seen on the left side of the picture.",
    "The spleen is on the right side of the image.",
    "The stomach is to the right of the image.",
]
OTHERS = [
    "Diverticulosis of the colon on the left.",
    "Wall thickening of the colon on the left side, colitis.",
    "Small bowel on the right is dilated.",
    "Gas is seen in the colon on the left.",
    "Left sided colon cancer.",
    "Right sided small bowel obstruction.",
    "A polyp of the colon on the left.",
    "Small bowel loops on the right are thickened.",
    "Stool in the colon on the left, and dilated small bowel on the right.",
    "Ischemia of the small bowel in the right abdomen.",
    "The spleen on the right is normal.",
    "The liver on the left is normal.",
    "The liver on the left side of the image and the spleen on the right side of the image are normal.",
]


@pytest.mark.parametrize(("text", "name"), MISPLACED)
def test_an_organ_where_it_does_not_belong_is_a_finding(text: str, name: str) -> None:
    """The organ and the place that it is said to be in tell which."""
    (found,) = extract(text)
    assert (found.concept.name, found.presence) == (name, "present")


@pytest.mark.parametrize("text", AT_HOME)
def test_an_organ_at_home_is_none(text: str) -> None:
    """Nothing is said of it."""
    assert extract(text) == ()


@pytest.mark.parametrize("text", OTHERS)
def test_the_side_of_what_is_found_moves_no_organ(text: str) -> None:
    """Bowel lies on both sides, and a picture has sides of its own."""
    names = {one.concept.name for one in extract(text)}
    assert names.isdisjoint(
        {"malrotation", "abnormal bowel position", "left sided liver", "right sided spleen"}
    )


def test_no_organ_where_it_does_not_belong() -> None:
    """A denial is read as that of any finding."""
    (found,) = extract("No bowel is seen in the inguinal canal.")
    assert (found.concept.name, found.presence) == ("inguinal hernia", "absent")
