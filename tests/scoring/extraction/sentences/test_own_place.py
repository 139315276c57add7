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
