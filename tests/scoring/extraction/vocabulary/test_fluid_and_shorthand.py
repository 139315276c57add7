"""Free fluid is that of the belly, whatever else holds fluid; shorthand of residents; thrombus in a wall."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract
from medbench.scoring.findings import measured

READ = [
    ("Free fluid in the pelvis between the uterus and the rectum.", "pelvic fluid"),
    ("Small amount of free fluid in the dependent pelvis.", "pelvic fluid"),
    ("Free fluid around the liver.", "ascites"),
    ("Free fluid in Morison's pouch of the abdomen.", "ascites"),
    ("There is free fluid.", "free fluid"),
    ("HNP at L5-S1.", "disc herniation"),
    ("Rt hydro, mild.", "hydronephrosis"),
    ("Compression fx of L1.", "vertebral fracture"),
    ("VCF at T8.", "vertebral fracture"),
    ("Two hepatic cysts.", "liver cyst"),
    ("Mural thrombus of the aorta.", "mural thrombus"),
]


@pytest.mark.parametrize(("text", "concept"), READ, ids=[text for text, _ in READ])
def test_it_is_read_as(text: str, concept: str) -> None:
    """One finding, of that name."""
    assert [finding.concept.name for finding in extract(text)] == [concept]


@pytest.mark.parametrize(
    "finding",
    ["Joint effusion of the right knee.", "Left hip joint effusion.", "Mastoid effusion on the right."],
)
def test_no_free_fluid_is_no_word_on_an_effusion(finding: str) -> None:
    """The denial takes nothing from an effusion of a joint or the ear that the same text reports."""
    assert measured(finding, f"{finding} No free fluid.").f1 == 1.0


@pytest.mark.parametrize("finding", ["Moderate ascites.", "Free pelvic fluid."])
def test_no_free_fluid_denies_ascites(finding: str) -> None:
    """Fluid that is there and is denied earns no credit."""
    assert (measured(finding, f"{finding} No free fluid.").f1 or 0.0) < 0.5


SAME_PLACE = [
    (
        "Bone metastases in the vertebral bodies.",
        "Bone metastases of the marrow of several vertebral bodies.",
    ),
    ("Enlarged left iliac lymph node.", "Enlarged left lymph node along the left iliac vessels."),
    ("Left joint effusion.", "Effusion in the left joint."),
    ("Right kidney stone.", "Stone in the right kidney."),
]


@pytest.mark.parametrize(("reference", "output"), SAME_PLACE)
def test_a_place_that_the_name_implies_is_no_other_place(reference: str, output: str) -> None:
    """It is neither an error nor credit."""
    assert measured(reference, output).f1 == 1.0


@pytest.mark.parametrize(
    ("reference", "output"),
    [
        ("Fracture of the femur.", "Fracture of the tibia."),
        ("Nodule in the upper lobe.", "Nodule in the lower lobe."),
        ("Bone metastasis in the femur.", "Bone metastasis in the spine."),
    ],
)
def test_another_place_is_an_error(reference: str, output: str) -> None:
    """Two places that no name implies are not one."""
    assert (measured(reference, output).f1 or 0.0) < 0.8


@pytest.mark.parametrize(
    "text", ["Obstructing ureteral calculus on the right.", "Obstructing ureteric stone on the right."]
)
def test_an_obstructing_stone_is_one_finding(text: str) -> None:
    """The obstruction is not another, urgent finding."""
    assert [finding.concept.name for finding in extract(text)] == ["ureteral stone"]
