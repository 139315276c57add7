"""What a text tells a finding apart from is not there; the finding is, where the text points to it."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract
from medbench.scoring.extraction.observed import POSITIVE


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("Its rim distinguishes this abscess from a hematoma.", {"abscess"}),
        ("Its density differentiates this collection from a hematoma.", {"collection"}),
        ("The halo distinguished the lipoma from liposarcoma.", {"lipoma"}),
        ("The border helps to differentiate it from an enchondroma.", set()),
        ("The rim helps differentiate abscess from lymphoma.", set()),
        ("CT cannot distinguish between hematoma and abscess.", set()),
        (
            "The wide mouth differentiates this diverticulum from a hernia, and there is ascites.",
            {"diverticulum", "ascites"},
        ),
        ("The fat plane helps tell this adenoma from a metastasis.", {"benign tumor"}),
        ("Differentiating pneumonia from atelectasis is difficult.", set()),
        ("A smooth margin distinguishes a cyst from a tumor.", set()),
        ("This feature discriminates the teratoma from an abscess.", {"teratoma"}),
        ("A poorly differentiated lymphoma.", {"lymphoma"}),
        ("Distinguishing a pneumonia from an infarct was not possible.", set()),
        ("The rim allows differentiation of this abscess from lymphoma.", {"abscess"}),
        ("The rim allows the distinction of abscess from lymphoma.", set()),
        ("The rim distinguishes this abscess from a hematoma and shows edema.", {"abscess", "edema"}),
        ("A poorly differentiated carcinoma of the liver 3 cm from the vein.", {"liver cancer"}),
        ("Moderately differentiated lymphoma 2 cm from the midline.", {"lymphoma"}),
        ("Told of a fall from a height, a fracture of the tibia is seen.", {"tibial fracture"}),
        ("A septum separates the abscess from the hematoma.", {"abscess", "hematoma"}),
    ],
)
def test_what_it_is_told_apart_from_is_not_there(text: str, there: set[str]) -> None:
    """Of 'this distinguishes the abscess from a hematoma' only the abscess is there."""
    said = {finding.concept.name for finding in extract(text) if finding.presence in POSITIVE}
    assert said == there
