"""A sign of a disease that both texts name is not held against an output."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract
from medbench.scoring.matching.match import match
from medbench.scoring.matching.sides import output_side, reference_side

OF_THE_DISEASE = [
    ("Acute appendicitis.", "Dilated appendix with acute appendicitis."),
    ("SBO", "SBO with transition point."),
    ("Small bowel obstruction.", "Small bowel obstruction. Transition point in the ileum."),
    ("Cirrhosis.", "Cirrhosis. Nodular liver contour."),
    ("Aortic dissection.", "Dissection of the aorta with an intimal flap."),
    ("Acute appendicitis. The abdomen is otherwise normal.", "Dilated appendix, acute appendicitis."),
    ("Empyema.", "Split pleura sign. Empyema."),
]
ALONE = [
    ("Cholecystitis.", "Cholecystitis. The appendix is dilated."),
    ("No appendicitis.", "Dilated appendix. No appendicitis."),
    ("Ascites.", "Ascites, transition point in the ileum."),
]


def _outcomes(reference: str, output: str) -> set[str]:
    return {one.outcome for one in match(reference_side(extract(reference)), output_side(extract(output)))}


@pytest.mark.parametrize(("reference", "output"), OF_THE_DISEASE)
def test_a_sign_of_a_disease_that_both_have_is_not_invented(reference: str, output: str) -> None:
    """Nobody can say that it is not there."""
    assert _outcomes(reference, output).isdisjoint({"invented", "contradicted", "missed"})


@pytest.mark.parametrize(("reference", "output"), ALONE)
def test_a_sign_of_another_disease_is_invented(reference: str, output: str) -> None:
    """The rule forgives nothing that the reference does not have."""
    assert "invented" in _outcomes(reference, output)
