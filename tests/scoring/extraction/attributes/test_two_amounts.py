"""Another size or degree on either side makes two findings."""

from __future__ import annotations

import itertools

import pytest

from medbench.scoring.extraction.extract import extract


@pytest.mark.parametrize(
    ("text", "right", "left"),
    [
        ("Pleural effusions, 3 cm on the left and 1 cm on the right.", 10, 30),
        ("Bilateral adrenal nodules measuring 12 mm on the right and 18 mm on the left.", 12, 18),
        ("A 5 mm right and an 8 mm left renal stone.", 5, 8),
        ("Bilateral renal stones (right 4 mm, left 9 mm).", 4, 9),
        ("Bilateral renal cysts, the right measuring 5 cm and the left 2 cm.", 50, 20),
    ],
)
def test_each_side_has_its_size(text: str, right: float, left: float) -> None:
    """Two sizes, each with a side, make two findings."""
    assert {(one.side, one.size_mm) for one in extract(text)} == {("right", right), ("left", left)}


@pytest.mark.parametrize("sides", [*itertools.product(("left", "right"), repeat=4)])
def test_four_sides_without_a_size_are_read(sides: tuple[str, ...]) -> None:
    """As a text that repeats itself has them: nothing is taken for the size or degree of another side."""
    found = extract(f"Effusions {' '.join(sides)}.")
    assert found
    assert all((one.size_mm, one.severity) == (None, 0) for one in found)


def test_each_side_has_its_size_and_degree() -> None:
    """A degree beside a size goes with its side, too."""
    found = extract("Pleural effusions, small, 1 cm on the left and large, 5 cm on the right.")
    assert {(one.side, one.size_mm, one.severity) for one in found} == {("left", 10, 1), ("right", 50, 3)}
