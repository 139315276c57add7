"""An effusion without a place is that of the region that its text speaks of."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

JOINT = [
    "The knee shows a tear of the medial meniscus. A moderate effusion is present.",
    "Sagittal MR images of the right knee show a large high-signal-intensity effusion.",
    "Radiograph of the elbow: supracondylar fracture with effusion.",
    "There is a fracture of the patella with a large effusion.",
    "ACL tear with an associated effusion.",
    "The hip joint is narrowed, and there is an effusion.",
    "Ankle: There is an effusion and soft tissue swelling.",
    "Erosions of the femoral head. Large effusion.",
    "Bone marrow edema of the distal femur and proximal tibia. A small effusion is seen.",
    "Septic arthritis of the shoulder with effusion.",
    "Low-signal-intensity masses in the knee. There was a large high-signal-intensity effusion on T2.",
    "The medial meniscus is torn. There is an effusion with synovitis.",
    "Fracture of the radial head. An effusion is present.",
    "Osteochondral lesion of the talus with a small effusion.",
    "The scaphoid is fractured with an effusion.",
    "Rotator cuff tear. Effusion.",
    "Tears of both medial menisci, with bilateral effusions of the knees.",
    "There is an ACL tear. No effusion.",
    "Fracture of the femur with a joint body and an effusion on the right.",
]
ELSEWHERE = [
    ("Consolidation in the right lower lobe. There is an effusion.", "pleural effusion"),
    ("Left lower lobe collapse with effusion.", "pleural effusion"),
    ("Chest radiograph shows bilateral effusions.", "pleural effusion"),
    ("Rib fractures and a small effusion.", "pleural effusion"),
    ("The heart is enlarged. There are small effusions.", "pleural effusion"),
    ("Fracture of the humerus. The lungs are clear, with a small effusion.", "pleural effusion"),
    (
        "There is a dissection of the ascending aorta and an effusion around the heart.",
        "pericardial effusion",
    ),
    ("Femur fracture. CT chest: no effusion.", "pleural effusion"),
    ("Femur fracture. Chest: right effusion.", "pleural effusion"),
    ("Humeral fracture. CXR: bilateral effusions.", "pleural effusion"),
    ("PICC line via the left arm; small effusions.", "pleural effusion"),
    ("Fracture of the tibia. CXR: small left effusion.", "pleural effusion"),
    ("Knee dislocation. Bilateral effusions.", "pleural effusion"),
    ("Right PICC in the arm. There is an effusion.", "pleural effusion"),
    ("Radial head fracture. The cardiac silhouette is normal, without effusion.", "pleural effusion"),
    ("Fibular fracture. The lungs show an effusion.", "pleural effusion"),
]


@pytest.mark.parametrize("text", JOINT)
def test_in_a_text_on_a_limb_it_is_the_joint_s(text: str) -> None:
    """No other finding has to name the joint: a fracture or tear at it will do."""
    names = {finding.concept.name for finding in extract(text)}
    assert "joint effusion" in names
    assert "pleural effusion" not in names


@pytest.mark.parametrize(("text", "name"), ELSEWHERE)
def test_beside_the_trunk_it_is_none_of_a_joint(text: str, name: str) -> None:
    """A limb in a text on the chest does not take it away."""
    names = {finding.concept.name for finding in extract(text)}
    assert name in names
    assert "joint effusion" not in names


@pytest.mark.parametrize(
    "text",
    ["Distended joint, consistent with effusion.", "Knee effusion. The joint is distended by an effusion."],
)
def test_an_effusion_of_a_joint_by_two_names_is_one(text: str) -> None:
    """A joint that is distended has an effusion."""
    (finding,) = extract(text)
    assert finding.concept.name == "joint effusion"
