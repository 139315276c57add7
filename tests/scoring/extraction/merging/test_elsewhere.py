"""A name of a sign of one organ is none beside another organ."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

ELSEWHERE = [
    ("The mass has a nodular contour.", "nodular liver contour"),
    ("A lung nodule with nodular surface.", "nodular liver contour"),
    ("The kidney has a nodular contour.", "nodular liver contour"),
    ("The spleen has a nodular surface.", "nodular liver contour"),
    ("Thyroid goiter with nodular contours.", "nodular liver contour"),
    ("A mass of the liver with a nodular contour.", "nodular liver contour"),
    ("Stepladder sign of air-fluid levels.", "linguine sign"),
    ("Small bowel obstruction with a stepladder sign.", "linguine sign"),
    ("Rat tail narrowing of the common bile duct.", "bird beak"),
    ("Bird beak appearance of the sigmoid colon, consistent with volvulus.", "bird beak"),
    ("Sail sign of the thymus.", "fat pad sign"),
    ("Left lower lobe collapse with a sail sign.", "fat pad sign"),
    ("Collateral damage to the spleen.", "collateral vessel"),
    ("Widening of the collateral sulcus.", "collateral vessel"),
    ("The collateral fissure is widened.", "collateral vessel"),
    ("Short limb of the stent graft.", "limb reduction"),
    ("Shortened limb of the aortic endograft.", "limb reduction"),
    ("A coil of the umbilical cord.", "embolization coil"),
    ("IUD coil.", "embolization coil"),
    ("Feeding tube coil in the stomach.", "embolization coil"),
    ("Nasogastric tube with a coil in the esophagus.", "embolization coil"),
    ("A coil of small bowel.", "embolization coil"),
    ("Left ventricular remodeling.", "bone remodeling"),
    ("Positive remodeling of the plaque.", "bone remodeling"),
    ("Airway remodeling.", "bone remodeling"),
    ("High-flow remodeling of the right anterior circulation.", "bone remodeling"),
    ("Vascular remodeling in pulmonary hypertension.", "bone remodeling"),
    ("The left ventricle is dilated with adverse remodeling.", "bone remodeling"),
    ("Remodeling of the bronchial walls.", "bone remodeling"),
]
OWN = [
    ("The liver has a nodular contour.", "nodular liver contour"),
    ("Cirrhosis with a nodular contour.", "nodular liver contour"),
    ("The liver is small with a nodular surface.", "nodular liver contour"),
    ("Breast implant with a stepladder sign.", "linguine sign"),
    ("The distal esophagus has a bird beak appearance.", "bird beak"),
    ("Rat tail narrowing. Achalasia.", "bird beak"),
    ("Sail sign in a supracondylar fracture.", "fat pad sign"),
    ("Sail sign of the elbow.", "fat pad sign"),
    ("Numerous venous collaterals.", "collateral vessel"),
    ("Collaterals around the spleen.", "collateral vessel"),
    ("Coils in an aneurysm of the left middle cerebral artery.", "embolization coil"),
    ("Embolization coils are seen.", "embolization coil"),
    ("A coil pack in the aneurysm.", "embolization coil"),
    ("Remodeling of the sphenoid bone.", "bone remodeling"),
    ("An expansile lesion with remodeling of the maxillary sinus wall.", "bone remodeling"),
    ("Lytic lesion of the femur with remodeling.", "bone remodeling"),
    ("A mass with remodeling of the skull.", "bone remodeling"),
    ("Short limbs and a narrow chest of the fetus.", "limb reduction"),
]


@pytest.mark.parametrize(("text", "name"), ELSEWHERE)
def test_beside_another_organ_there_is_no_such_sign(text: str, name: str) -> None:
    """The general word is read, or nothing."""
    assert name not in {one.concept.name for one in extract(text)}


@pytest.mark.parametrize(("text", "name"), OWN)
def test_beside_its_organ_the_sign_stays(text: str, name: str) -> None:
    """The condition takes no sign from its own organ."""
    assert name in {one.concept.name for one in extract(text) if one.presence == "present"}


def test_another_organ_has_the_general_word() -> None:
    """A duct that narrows like a tail has a stricture."""
    assert {one.concept.name for one in extract("Rat tail narrowing of the common bile duct.")} == {
        "biliary stricture"
    }
