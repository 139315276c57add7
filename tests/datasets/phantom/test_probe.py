"""The images that show whether a model sees: within a pair, nothing differs but the spot."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from medbench.datasets.phantom.probe import presence_images, side_images


def _pixels(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(np.int16)


def test_each_question_has_two_images_of_each_answer() -> None:
    """A reader that always says the same word is right on half of the images, not more."""
    assert sorted(truth for truth, _ in side_images()) == ["left", "left", "right", "right"]
    assert sorted(truth for truth, _ in presence_images()) == ["no", "no", "yes", "yes"]


def test_the_answer_does_not_follow_from_the_number_of_the_image() -> None:
    """Neither taking turns nor two of each in a row is right."""
    for images in (side_images(), presence_images()):
        first, second, third, fourth = (truth for truth, _ in images)
        assert first != second
        assert (third, fourth) == (second, first)


@pytest.mark.parametrize("pair", [0, 1])
def test_a_spot_is_bright_and_on_the_named_half_of_the_image(pair: int) -> None:
    """What differs between the two images of a patient is a bright spot in the left or the right half."""
    (one, first), (other, second) = list(side_images())[2 * pair : 2 * pair + 2]
    left, right = (first, second) if one == "left" else (second, first)
    assert {one, other} == {"left", "right"}
    brighter = _pixels(left) - _pixels(right) > 40
    columns = np.flatnonzero(brighter.any(axis=0))
    assert columns.max() < 112, "it lies wholly in the left half"
    assert brighter.sum() > 1000, "some 2 % of the image, and a tenth of the brain"


@pytest.mark.parametrize("pair", [0, 1])
def test_with_and_without_differ_in_the_spot_only(pair: int) -> None:
    """The patient, the noise and everything outside the spot and its rim are the same."""
    images = list(presence_images())[2 * pair : 2 * pair + 2]
    there, absent = (next(_pixels(data) for truth, data in images if truth == one) for one in ("yes", "no"))
    rows, columns = np.nonzero(there != absent)
    assert (there - absent > 40).sum() > 1000
    assert np.ptp(rows) < 70
    assert np.ptp(columns) < 70


def test_nothing_is_written_on_them() -> None:
    """The corners where a benchmark's images have the letters R and L are black."""
    for _, data in (*side_images(), *presence_images()):
        assert _pixels(data)[:26, :26].max() == 0
        assert _pixels(data)[:26, -26:].max() == 0


def test_they_are_the_same_everywhere() -> None:
    """The pixels are known, as those of the embedded benchmark are."""
    pixels = b"".join(
        _pixels(data).astype(np.uint8).tobytes() for _, data in (*side_images(), *presence_images())
    )
    assert hashlib.sha256(pixels).hexdigest()[:16] == "5a7a6ceaee547cdd"
