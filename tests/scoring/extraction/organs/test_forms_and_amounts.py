"""Findings that are told by a form, an amount or a change rather than by a name."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

READ = [
    ("Senescent change of the thoracic aorta.", "degeneration", "aorta"),
    ("Malacic change in the right parietal lobe.", "encephalomalacia", "brain"),
    ("A fluid-fluid level in the ovarian cyst.", "fluid fluid level", ""),
    ("Air-fluid levels in the maxillary sinuses.", "air fluid level", "face"),
    ("Increased orbital fat on the right.", "orbital fat excess", ""),
    ("Abundant periorbital fat on both sides.", "orbital fat excess", ""),
    ("Paucity of subcutaneous fat.", "fat paucity", ""),
    ("Increased focal signal in the patellar tendon.", "hyperintensity", "joint"),
    ("Contrast tract from the rectum to the bladder.", "fistula", "abdomen"),
    ("Interposition of the aponeurosis between the ligament and the bone.", "interposition", "joint"),
    ("The lateral ventricles are straight.", "deformity", "brain"),
    ("The left main bronchus terminates abruptly.", "occlusion", "chest"),
    ("A lytic lesion of the tibia with surrounding edema.", "bone marrow edema", "bone"),
    ("A mass of the left frontal lobe with surrounding edema.", "vasogenic edema", "brain"),
]


@pytest.mark.parametrize(("text", "name", "region"), READ)
def test_is_read_at_its_place(text: str, name: str, region: str) -> None:
    """As the one concept, with a place of the region where the text gives one."""
    found = {one.concept.name: one.places for one in extract(text) if one.presence == "present"}
    assert name in found
    assert not region or found[name][0].startswith(region)


def test_metastases_in_organs_and_bone_keep_the_bone() -> None:
    """'Bone' says nothing beside a rib, and something beside the lungs."""
    found = extract("Metastases in the liver, lungs and bone.")
    assert {one.places for one in found} == {("abdomen/liver",), ("chest/lung",), ("bone",)}
    found = extract("A bone metastasis in the fifth rib.")
    assert [one.places for one in found] == [("bone/rib/5",)]


def test_what_is_compared_with_is_no_place_or_side_of_a_finding() -> None:
    """'Small compared to the left kidney' is on the right."""
    for text in (
        "The right kidney is small compared to the left kidney.",
        "Atrophy of the right hemisphere in comparison to the left.",
        "The right lung is hyperlucent as opposed to the left.",
    ):
        assert {one.side for one in extract(text)} == {"right"}


def test_loss_of_what_is_normal_is_no_normal_organ() -> None:
    """It is a deformity of its outline or, where nothing tells what is lost, an abnormality."""
    for text, name in (
        ("Loss of the normal convexity of the kidney.", "renal contour deformity"),
        ("Loss of normal lung tissue.", "abnormality"),
    ):
        assert [one.concept.name for one in extract(text)] == [name]
