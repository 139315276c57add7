"""Organs that are more so than those of the other side."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

COMPARED = [
    ("Compared with the left kidney, the right is small.", "renal atrophy", "right"),
    ("The right optic nerve is thinner than the left.", "thinning", "right"),
    (
        "The left parotid gland is bigger than its counterpart on the right.",
        "salivary gland enlargement",
        "left",
    ),
    (
        "The left kidney measures 8 cm and is smaller than the right, which measures 11 cm.",
        "renal atrophy",
        "left",
    ),
    ("The kidneys differ in size, the left being smaller.", "renal atrophy", "left"),
    ("In contrast to the left kidney, the right kidney is atrophic.", "renal atrophy", "right"),
    ("Unlike the right kidney, the left kidney is small.", "renal atrophy", "left"),
    ("The right internal jugular vein is smaller in caliber than the left.", "small size", "right"),
]


NOT_COMPARED = [
    "The kidneys, the right slight bigger",
    "The kidney is slight bigger after",
    "The kidneys are equal in size.",
    "The right kidney is not smaller than the left.",
    "The right kidney is similar in size to the left.",
    "A loop recorder is in place.",
]


@pytest.mark.parametrize(("text", "concept", "side"), COMPARED)
def test_an_organ_is_compared_with_that_of_the_other_side(text: str, concept: str, side: str) -> None:
    """What an organ is more so than the other one is a finding on its own side alone."""
    assert [(one.concept.name, one.side) for one in extract(text)] == [(concept, side)]


@pytest.mark.parametrize("text", NOT_COMPARED)
def test_what_is_alike_is_no_finding(text: str) -> None:
    """Organs that are alike, or said not to differ, are no finding of size."""
    assert not [one for one in extract(text) if one.presence == "present" and one.concept.kin in {"form", ""}]
