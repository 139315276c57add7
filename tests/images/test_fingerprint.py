"""Thumbnails: near-identical for the same picture in another form, apart for two pictures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from medbench.images.fingerprint import NEAR_IDENTICAL, SIDE, fingerprint, similarities


def _scene(shift: int = 0) -> Image.Image:
    y, x = np.mgrid[0:96, 0:128]
    values = 120 + 100 * np.sin((x + shift) / 9) * np.cos(y / 13)
    return Image.fromarray(values.astype(np.uint8))


def _sixteen_bit() -> Image.Image:
    return Image.fromarray(np.asarray(_scene()).astype(np.uint16) * 200)


def _similarity(one: Image.Image, other: Image.Image) -> float:
    return float(similarities(fingerprint(one), fingerprint(other)[None, :])[0])


@pytest.mark.parametrize(
    "other",
    [
        _scene().resize((512, 384)),
        _scene().resize((60, 200)),
        _sixteen_bit(),
        _scene().convert("RGBA"),
        _scene().convert("LA"),
        Image.fromarray((np.asarray(_scene()) * 0.8 + 10).astype(np.uint8)),
    ],
    ids=["larger", "other shape", "16 bits", "RGBA", "LA", "paler"],
)
def test_the_same_picture_in_another_form_is_near_identical(other: Image.Image) -> None:
    """Another size, shape, depth, colour mode or contrast stays above the limit."""
    assert _similarity(_scene(), other) > NEAR_IDENTICAL


def test_another_picture_is_not_near_identical() -> None:
    """A shifted pattern is below the limit, and the negative of a picture is its opposite."""
    assert _similarity(_scene(), _scene(20)) < NEAR_IDENTICAL
    negative = Image.fromarray(255 - np.asarray(_scene()))
    assert _similarity(_scene(), negative) == pytest.approx(-1, abs=0.01)


def test_transparent_parts_count_as_black() -> None:
    """The colours under a transparent part are not seen, and so do not count."""
    shown = Image.new("RGBA", (64, 64), (200, 200, 200, 255))
    shown.paste((250, 10, 10, 0), (0, 0, 64, 32))
    expected = Image.new("L", (64, 64), 200)
    expected.paste(0, (0, 0, 64, 32))
    assert np.array_equal(fingerprint(shown), fingerprint(expected))


def test_a_constant_16_bit_picture_is_no_error() -> None:
    """A range of zero is not divided by."""
    flat = Image.fromarray(np.full((8, 8), 40_000, np.uint16))
    assert fingerprint(flat).shape == (SIDE * SIDE,)


def _single(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """The correlation of two fingerprints by numpy's own formula."""
    return float(np.corrcoef(one.astype(float), other.astype(float))[0, 1])


def test_similarity_is_the_correlation() -> None:
    """One against many, many against many, none at all; 0 for a flat picture."""
    many = np.stack([fingerprint(_scene(shift)) for shift in (0, 3, 20)] + [np.full(SIDE**2, 7, np.uint8)])
    alike = similarities(many[0], many)
    assert alike[:3].tolist() == pytest.approx([_single(many[0], row) for row in many[:3]], abs=1e-5)
    assert alike[3] == 0
    square = similarities(many[:2], many)
    assert square.shape == (4, 2)
    assert square[:, 0].tolist() == pytest.approx(alike.tolist(), abs=1e-6)
    assert similarities(many[0], many[:0]).shape == (0,)


def test_no_order_of_adding_changes_a_bit() -> None:
    """Sums are whole: shuffled pixels, rows alone or together, and exact arithmetic give the same numbers.

    Libraries of other machines add in other orders, and the nearest of two must not be another one there.
    """
    draw = np.random.default_rng(7)
    many = draw.integers(0, 256, (40, SIDE * SIDE)).astype(np.uint8)
    many[1], many[2] = 0, 255  # the largest sums
    many[3, : SIDE * SIDE // 2] = 0
    found = similarities(many, many)
    assert found.max() == 1.0
    assert (np.diag(found)[[0, 3, 4]] == 1.0).all()
    assert (found[1] == 0).all(), "a flat area is like nothing"
    for _ in range(5):
        order = draw.permutation(SIDE * SIDE)
        assert (similarities(many[:, order], many[:, order]) == found).all()
    assert (similarities(many[5], many) == found[:, 5]).all()
    assert (similarities(255 - many, many)[0] == -found[0]).all()
    x, y = ([int(value) for value in row] for row in many[5:7])
    n, total = SIDE * SIDE, sum(a * b for a, b in zip(x, y, strict=True))
    spreads = [n * sum(a * a for a in row) - sum(row) ** 2 for row in (x, y)]
    assert found[6, 5] == (n * total - sum(x) * sum(y)) / math.sqrt(spreads[0] * spreads[1])
