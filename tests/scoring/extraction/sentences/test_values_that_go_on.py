"""A value without a verb of its own describes what its label names: both are read together."""

from __future__ import annotations

import json

import pytest

from medbench.scoring.extraction.extract import extract

VALUES = [
    ("Ovarian cyst", "With septations, measuring 4.1 cm on the left", "ovarian cyst", "left"),
    ("Popliteal artery aneurysm", "On the right, measuring 2.4 cm, with mural thrombus", "aneurysm", "right"),
    ("Rotator cuff tear", "Involving the right supraspinatus tendon, with joint effusion", "tear", "right"),
    ("Splenic laceration", "Extending to the hilum, with perisplenic hematoma", "laceration", ""),
    ("Pulmonary embolism", "In the left lower lobe, with right heart strain", "pulmonary embolism", "left"),
    ("Parotid mass", "On the left, 22 mm, with calcification", "mass", "left"),
    ("Renal infarct", "Wedge-shaped, involving the lower pole of the right kidney", "infarct", "right"),
    ("Bronchiectasis", "In the left lower lobe, with mucus plugging", "bronchiectasis", "left"),
    ("Maxillary sinusitis", "On the right, with an air-fluid level", "sinusitis", "right"),
]


@pytest.mark.parametrize(("label", "value", "concept", "side"), VALUES, ids=[row[0] for row in VALUES])
def test_what_the_label_names_is_read_with_its_value(label: str, value: str, concept: str, side: str) -> None:
    """As a label, as a table row, and as an object of a JSON list."""
    record = {"findings": [{"finding": label, "present": True, "description": value.lower()}]}
    for text in (
        f"{label}: {value}",
        f"| Finding | Description |\n|---|---|\n| {label} | {value} |",
        json.dumps(record),
    ):
        named = [
            finding
            for finding in extract(text)
            if concept in finding.concept.name and finding.presence == "present"
        ]
        assert named, text
        assert named[0].side == side, text


@pytest.mark.parametrize("label", ["Pleural effusion", "Mass", "Fracture"])
def test_a_sentence_as_value_speaks_for_itself(label: str) -> None:
    """'Mass: There is hydrocephalus.' claims no mass."""
    found = [finding.concept.name for finding in extract(f"{label}: There is marked hydrocephalus.")]
    assert found == ["hydrocephalus"]
