"""Names of what chest radiographs show: signs are not the disease, and a statement keeps its organ."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

READ = (
    ("Blunting of the left costophrenic angle.", {"costophrenic angle blunting"}),
    ("The costophrenic angles are blunted.", {"costophrenic angle blunting"}),
    (
        "Blunted right costophrenic sulcus. Small effusion.",
        {"costophrenic angle blunting", "pleural effusion"},
    ),
    ("Nodular density at the left costophrenic angle.", {"lung nodule"}),
    ("Pleural-based nodule in the right base.", {"pleural mass"}),
    ("COPD.", {"chronic obstructive pulmonary disease"}),
    ("COPD with emphysema.", {"chronic obstructive pulmonary disease", "emphysema"}),
    ("Borderline heart size.", {"cardiomegaly"}),
    ("The heart is borderline in size.", {"cardiomegaly"}),
    ("Heart size borderline enlarged, mediastinal contours appear similar.", {"cardiomegaly"}),
    ("There is an interval increase in heart size.", {"cardiomegaly"}),
    ("Multiple granulomata.", {"granuloma"}),
    ("Subdural hematomata.", {"subdural hematoma"}),
)


@pytest.mark.parametrize(("text", "names"), READ)
def test_each_text_is_read_as_these_findings(text: str, names: set[str]) -> None:
    """Nothing else is present in it."""
    assert {one.concept.name for one in extract(text) if one.presence == "present"} == names
