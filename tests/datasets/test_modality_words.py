"""The modalities that a text names, and those that no image has."""

from __future__ import annotations

import pytest

from medbench.datasets.modality_words import missing_modalities, modalities_named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Chest radiograph shows a mass.", {"XR"}),
        ("CXR: clear. Plain films normal", {"XR"}),
        ("The PA view shows it best.", {"XR"}),
        ("No abnormality on ultrasound", {"US"}),
        ("US: simple cyst", {"US"}),
        ("PET shows uptake", {"NM"}),
        ("A bone scan was negative", {"NM"}),
        ("Catheter angiogram: aneurysm", {"XA"}),
        ("ERCP and barium enema", {"RF"}),
        ("T1-weighted MRI", {"MR"}),
        ("Axial CT of the neck", {"CT"}),
        ("CT pulmonary angiogram shows emboli. The angiogram is otherwise normal.", {"CT"}),
        ("CT scout radiograph", {"CT"}),
        ("Gradient echo MR image", {"MR"}),
        ("gadolinium-DTPA was given", {"MR"}),
        ("He told us that the pet mouse of mr Smith bit him at T1.", set()),
        ("The mass lies at T2 to T3, and filmy adhesions", set()),
    ],
)
def test_the_modalities_a_text_names(text: str, named: set[str]) -> None:
    """Whole words count, short names in capitals only, and CT angiography is CT."""
    assert modalities_named(text) == named


def test_a_modality_is_missing_only_if_no_image_has_it() -> None:
    """Images whose modality is unknown accuse nobody."""
    assert missing_modalities("CT and MR images", frozenset({"CT"})) == {"MR"}
    assert not missing_modalities("CT and MR images", frozenset({"CT", "MR"}))
    assert not missing_modalities("CT and MR images", frozenset())


def test_an_angiogram_or_a_fluoroscopy_may_be_a_radiograph() -> None:
    """Sources file both under XR, so an image of XR shows what the text names; one of CT does not."""
    text = "The catheter angiogram and the barium enema show it."
    assert modalities_named(text) == {"XA", "RF"}
    assert missing_modalities(text, frozenset({"XR"})) == set()
    assert missing_modalities(text, frozenset({"CT"})) == {"XA", "RF"}
