"""Names of what chest radiographs show: signs are not the disease, and a statement keeps its organ."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

READ: tuple[tuple[str, set[str]], ...] = (
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
    ("Mild unfolding of the thoracic aorta.", {"aortic tortuosity"}),
    ("The aorta is unfolded.", {"aortic tortuosity"}),
    ("The aorta is tortuous and ectatic.", {"aortic tortuosity"}),
    ("Tortuous calcified aorta.", {"aortic tortuosity", "aortic calcification"}),
    ("Enlarged fatty liver.", {"hepatomegaly", "fatty liver"}),
    ("Dilated aorta.", {"aortic dilatation"}),
    ("Ectasia of the bile ducts.", {"biliary dilatation"}),
    ("The cardiac silhouette is enlarged, stable mediastinal and hilar contours.", {"cardiomegaly"}),
    ("Nodules in the liver, spleen and kidney are unchanged.", {"liver lesion", "nodule"}),
    ("Mild spine dextrocurvature.", {"scoliosis"}),
    ("S-shaped curvature of the thoracic spine.", {"scoliosis"}),
    ("Elevated right diaphragm.", {"elevated hemidiaphragm"}),
    ("Slight elevation of right hemidiaphragm.", {"elevated hemidiaphragm"}),
    ("The left diaphragm is elevated.", {"elevated hemidiaphragm"}),
    ("The hemidiaphragms are flattened.", {"deformity"}),
    ("Lung volumes are mildly decreased.", {"low lung volumes"}),
    ("There are lower lung volumes.", {"low lung volumes"}),
    ("The hila are prominent.", {"hilar enlargement"}),
    ("Bihilar prominence.", {"hilar enlargement"}),
    ("The pulmonary vascularity is prominent.", {"vascular congestion"}),
    ("The pulmonary veins are distended.", {"vascular congestion"}),
    ("The ventricles are prominent.", set()),
    ("Both lungs are clear and expanded.", set()),
    ("The lungs are expanded.", set()),
    ("Negative acute cardiopulmonary abnormality.", set()),
)


@pytest.mark.parametrize(("text", "names"), READ)
def test_each_text_is_read_as_these_findings(text: str, names: set[str]) -> None:
    """Nothing else is present in it."""
    assert {one.concept.name for one in extract(text) if one.presence == "present"} == names
