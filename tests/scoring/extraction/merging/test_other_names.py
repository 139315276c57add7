"""One thing under two names is one finding, and two things are two."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

ONE = (
    (
        "There is a 5 cm mass in the left kidney. It is consistent with renal cell carcinoma.",
        "renal cell carcinoma",
    ),
    (
        "Glioblastoma of the right temporal lobe. The mass measures 4 cm and crosses the midline.",
        "glioblastoma",
    ),
    ("Fracture of L1. Findings represent a burst fracture.", "burst fracture"),
)
TWO = (
    "Cyst of the left kidney, 2 cm. Renal cell carcinoma of the right kidney.",
    "A mass of the pancreas. Hepatocellular carcinoma.",
    "A 4 cm mass of the left kidney. A renal cell carcinoma of 9 cm.",
    "Possible carcinoma. A mass of the liver.",
    "Mass effect with midline shift.",
    "Multiple lung masses, one with cavitation.",
    "A liver mass. Liver cysts.",
    "A mass of the distal femur. There is a small enostosis in the distal femur.",
)


@pytest.mark.parametrize(("text", "name"), ONE)
def test_a_general_word_and_the_name_are_one_finding(text: str, name: str) -> None:
    """By its name, with the place and size that either gives."""
    found = [finding for finding in extract(text) if finding.presence == "present"]
    kin = {finding.concept.kin for finding in found if finding.concept.name == name}
    same = [finding for finding in found if finding.concept.kin in kin]
    assert [finding.concept.name for finding in same] == [name]
    assert same[0].places
    assert same[0].size_mm or "cm" not in text


@pytest.mark.parametrize("text", TWO)
def test_what_can_not_be_one_thing_stays_two(text: str) -> None:
    """Other place, side, size or certainty; what goes along; two general words."""
    assert len([finding for finding in extract(text) if finding.presence != "absent"]) == 2


def test_a_name_takes_the_place_and_side_of_what_it_explains() -> None:
    """'Consistent with' speaks of what precedes; a comparison of two places leaves open only where."""
    text = "Enlarged, edematous left ovary, consistent with ovarian torsion."
    sides = {finding.concept.name: finding.side for finding in extract(text)}
    assert sides["ovarian torsion"] == "left"
    assert extract("The left vertebral artery is narrowed when compared to the right.")[0].side == "left"
    assert extract("Mass in the spinal cord and/or the conus.")[0].presence == "present"
    assert extract("Abscess versus hematoma in the left thigh.")[0].presence == "uncertain"
    named = extract(
        "A 64 mm mass of the right ovary with a calcified nodule, consistent with mature cystic teratoma."
    )
    assert [(one.concept.name, one.size_mm) for one in named if one.size_mm] == [("ovarian dermoid", 64)]


def test_a_place_that_a_name_begins_with_is_kept() -> None:
    """'Pancreatic head mass' is a mass of the head; at a level, an extrusion is one of that level."""
    assert extract("Pancreatic head mass.")[0].places == ("abdomen/pancreas/head",)
    assert extract("Fracture of the left 7th rib.")[0].places == ("bone/rib/7",)
    assert extract("Sigmoid carcinoma.")[0].places == ("abdomen/bowel/colon/sigmoid",)
    assert extract("At L4-L5 there is a left disc extrusion.")[0].places == ("spine/lumbar/l4_5",)
