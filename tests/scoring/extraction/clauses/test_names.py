"""A name behind 'consistent with' takes the place, side and size of what it explains."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

TEXTS = (
    (
        "Hypodensity in the territory of the right PCA, consistent with a subacute infarct.",
        "infarct",
        "right",
        None,
    ),
    (
        "Swelling of the left kidney with perinephric stranding, consistent with pyelonephritis.",
        "pyelonephritis",
        "left",
        None,
    ),
    (
        "Mass at T6 on the left, 45 mm, widening the foramen, in keeping with a neurogenic tumor.",
        "nerve sheath tumor",
        "left",
        45,
    ),
    ("Psoas abscess on the right, rim-enhancing collection of 5.5 cm.", "psoas abscess", "right", 55),
    ("Nodule in the right upper lobe, 2.2 cm, worrisome for cancer.", "lung nodule", "right", 22),
    ("Enlarged right ovary with a twisted pedicle of the ovary.", "ovarian torsion", "right", None),
    ("A bifid left ureter.", "duplicated collecting system", "left", None),
    (
        "Small effusion on the right. Volume loss on the left. Clear upper lungs.",
        "hemithorax volume loss",
        "left",
        None,
    ),
    ("Pleural fluid on the right. A small amount of fluid on the left.", "pleural effusion", "left", None),
    (
        "Cardiomegaly with fractures of the left clavicle and the right femur.",
        "femur fracture",
        "right",
        None,
    ),
)


@pytest.mark.parametrize(("text", "name", "side", "size"), TEXTS)
def test_a_name_has_side_and_size(text: str, name: str, side: str, size: float | None) -> None:
    """One finding of that name is on that side, and as large."""
    found = [(one.side, one.size_mm) for one in extract(text) if one.concept.name == name]
    assert (side, size) in found


def test_a_cardiomediastinal_silhouette_is_heart_and_mediastinum() -> None:
    """Where it is normal, both are; where it is enlarged, the heart is."""
    normal = extract("The cardiomediastinal silhouette is normal.")
    assert [one.places for one in normal] == [("chest/heart", "chest/mediastinum")]
    assert [one.concept.name for one in extract("Enlarged cardiomediastinal silhouette.")] == ["cardiomegaly"]


def test_what_a_region_has_nothing_of_is_a_normal_region() -> None:
    """'No acute intracranial process' says that the brain is normal, and nothing of the rest."""
    (brain,) = extract("No acute intracranial process.")
    assert brain.is_normal
    assert brain.places == ("brain",)
