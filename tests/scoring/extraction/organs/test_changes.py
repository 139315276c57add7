"""What is said of the size of a finding is its change, and of an organ a finding."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

CHANGED = [
    ("Decreased size of the left pleural effusion.", "pleural effusion", "better"),
    ("Hematoma decreased in volume.", "hematoma", "better"),
    ("Decreased volume of ascites.", "ascites", "better"),
    ("The tumor is diminished in size.", "mass", "better"),
    ("Increased caliber of the varices.", "varix", "worse"),
    ("Decreased size of the liver mass.", "liver lesion", "better"),
    ("The mass in the liver has decreased in size.", "liver lesion", "better"),
    ("Increased diameter of the abdominal aortic aneurysm.", "aortic aneurysm", "worse"),
    ("Reduced volume of the subdural hematoma.", "subdural hematoma", "better"),
    ("The right renal cyst is reduced in size.", "renal cyst", "better"),
    ("Pleural effusion, decreased in size, on the left.", "pleural effusion", "better"),
    ("The lung nodule decreased in size.", "lung nodule", "better"),
]
OF_ORGANS = [
    ("Increased diameter of the aorta.", "aortic dilatation"),
    ("Decreased size of the left kidney.", "renal atrophy"),
    ("The spleen is decreased in size.", "small size"),
    ("Vertebral body height is reduced at T12.", "vertebral fracture"),
    ("The vertebral body height is decreased at L1.", "vertebral fracture"),
]


@pytest.mark.parametrize(("text", "name", "change"), CHANGED)
def test_a_finding_has_the_change(text: str, name: str, change: str) -> None:
    """It is no finding of the organ in which the finding is."""
    (finding,) = extract(text)
    assert (finding.concept.name, finding.change) == (name, change)


@pytest.mark.parametrize(("text", "name"), OF_ORGANS)
def test_of_an_organ_it_is_a_finding(text: str, name: str) -> None:
    """Without an earlier study, nothing says that it has changed."""
    (finding,) = extract(text)
    assert (finding.concept.name, finding.change) == (name, "")
