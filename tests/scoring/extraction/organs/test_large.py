"""What an organ measures is a finding where that is too large."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract


@pytest.mark.parametrize(
    "text",
    [
        "The spleen measures 11 cm.",
        "The common bile duct measures 5 mm.",
        "The spleen is normal, measuring 14.5 cm.",
    ],
)
def test_what_is_not_too_large_is_no_finding(text: str) -> None:
    """The size of an organ by itself says nothing."""
    assert not [one for one in extract(text) if one.presence == "present"]


@pytest.mark.parametrize(
    "text",
    [
        "The appendix measures 9 cm in length.",
        "The appendix measures 2 cm in length.",
        "The appendix is 6 cm long and fills with contrast.",
        "The appendix is 2 cm long.",
        "The appendix has a length of 2 cm.",
        "The appendix measures 7 cm.",
        "The tip of the appendix lies 3 cm below the cecum.",
        "The appendix lies 2 cm from the cecum.",
        "The common bile duct is 5 cm long.",
    ],
)
def test_a_length_or_distance_is_no_width(text: str) -> None:
    """A tube is too large by how wide it is."""
    assert not [one for one in extract(text) if one.presence == "present"]


@pytest.mark.parametrize(
    "text",
    [
        "No appendicitis: the appendix is 8 mm.",
        "The appendix measures 8 mm. No evidence of appendicitis.",
        "The appendix is 8 mm without evidence of appendicitis.",
    ],
)
def test_a_denial_of_appendicitis_is_worth_more_than_the_size(text: str) -> None:
    """The size alone speaks for it."""
    assert [(one.concept.name, one.presence) for one in extract(text)] == [("appendicitis", "absent")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The appendix measures 11 mm.", "appendicitis"),
        ("A 9 mm appendix is seen.", "appendicitis"),
        ("The common bile duct measures 12 mm.", "biliary dilatation"),
        ("The spleen measures 15 cm in length.", "splenomegaly"),
    ],
)
def test_what_is_too_wide_or_an_organ_that_is_too_long_is_a_finding(text: str, name: str) -> None:
    """The spleen and the liver are too large by their length."""
    assert [(one.concept.name, one.presence) for one in extract(text)] == [(name, "present")]
