"""The images of a case that are sent."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.errors import UsageError
from medbench.images.choice import CHOICES, USUAL, chosen, full_choice
from medbench.schema.case import Image


def _images(many: int) -> tuple[Image, ...]:
    return tuple(
        Image(file=f"images/{n}.png", sha256=f"{n:064x}", bytes=1, width=1, height=1, mode="L")
        for n in range(many)
    )


def _numbers(many: int, choice: str) -> list[int]:
    return [int(image.sha256, 16) for image in chosen(_images(many), choice)]


@pytest.mark.parametrize(
    ("many", "choice", "expected"),
    [
        (6, "first", [0]),
        (0, "first", []),
        (6, "none", []),
        (6, "all", [0, 1, 2, 3, 4, 5]),
        (6, "each", [0, 1, 2, 3, 4, 5]),
        (3, "spread:4", [0, 1, 2]),
        (4, "spread:4", [0, 1, 2, 3]),
        (5, "spread:4", [0, 1, 3, 4]),
        (7, "spread:4", [0, 2, 4, 6]),
        (10, "spread:4", [0, 3, 6, 9]),
        (9, "spread:1", [4]),
        (9, "spread:2", [0, 8]),
        (9, "spread:3", [0, 4, 8]),
    ],
)
def test_what_each_choice_takes(many: int, choice: str, expected: list[int]) -> None:
    """Spread takes the first, the last and what lies evenly between; a single one is the middle one."""
    assert _numbers(many, choice) == expected


@given(st.integers(0, 400), st.integers(1, 60))
def test_spread_is_even(many: int, most: int) -> None:
    """No image twice, in order, no more than asked, and no two gaps differ by more than one."""
    found = _numbers(many, f"spread:{most}")
    assert len(found) == min(many, most)
    assert found == sorted(set(found))
    gaps = {b - a for a, b in pairwise(found)}
    assert not gaps or max(gaps) - min(gaps) <= 1


def test_names_in_full() -> None:
    """The usual number is written out, so that a record says what was sent; others stay as they are."""
    assert full_choice("spread") == USUAL
    assert {full_choice(name) for name in CHOICES} == {*CHOICES, USUAL} - {"spread"}
    assert full_choice("spread:12") == "spread:12"


@pytest.mark.parametrize("wrong", ["", "spread:0", "spread:", "spread:-1", "spread:4x", "last", "4", "All"])
def test_a_wrong_choice_is_named(wrong: str) -> None:
    """What is no choice is an error that lists them."""
    with pytest.raises(UsageError, match="--images does not take") as caught:
        full_choice(wrong)
    assert "first | all | spread" in caught.value.hint
