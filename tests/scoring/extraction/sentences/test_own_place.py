"""A part has the side of the organ that its sentence speaks of."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("The right lung is clear except for atelectasis in the middle lobe.", "right"),
        ("In the left hemisphere there is a lesion in the frontal lobe.", "left"),
        ("The right heart is large, with thickening of the mitral valve.", ""),
    ],
)
def test_a_part_has_the_side_of_its_organ(text: str, side: str) -> None:
    """A lobe is on the side of the organ that the sentence speaks of; what is not paired has none."""
    assert [one.side for one in extract(text) if one.presence == "present"][-1] == side


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Narrowing of the abdominal aorta, above and below the renal arteries.", ("aorta/abdominal",)),
        ("Occlusion of the inferior vena cava below the renal veins.", ("vessel/ivc",)),
        ("There is a stenosis in the right renal artery.", ("vessel/renal",)),
        ("A tumor thrombus in the renal vein extends into the IVC.", ("vessel/renal", "vessel/ivc")),
    ],
)
def test_a_vessel_that_gives_the_level_is_not_the_narrow_one(text: str, places: tuple[str, ...]) -> None:
    """'Below the renal arteries' says how far down the aorta is narrow."""
    assert extract(text)[0].places == places
