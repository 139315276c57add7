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
]


AT_HOME = [
    "The spleen is on the left.",
    "CT of the liver in the right upper quadrant.",
    "Images of the bowel in the abdomen.",
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


def test_no_organ_where_it_does_not_belong() -> None:
    """A denial is read as that of any finding."""
    (found,) = extract("No bowel is seen in the inguinal canal.")
    assert (found.concept.name, found.presence) == ("inguinal hernia", "absent")
