"""Recipes: the bytes of pictures against numpy written anew, and the slices that are shown."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from medbench.errors import UsageError
from medbench.images.slices import (
    NAMED,
    WINDOWS,
    Recipe,
    chosen,
    encoded,
    picture,
    recipe_of,
    windowed,
    windows_of,
)

LEVELS = {
    "brain": (40, 80),
    "subdural": (75, 215),
    "stroke": (32, 8),
    "lung": (-600, 1500),
    "mediastinum": (50, 350),
    "abdomen": (50, 400),
    "liver": (60, 160),
    "bone": (500, 2000),
}
"""Level and width of each preset, as radiologists write them."""


@pytest.mark.parametrize("name", LEVELS)
def test_presets_are_level_and_width(name: str) -> None:
    """The level is the middle grey, half a width below it is black, above it white."""
    level, width = LEVELS[name]
    assert WINDOWS[name] == ((level - width / 2, level + width / 2),)
    assert windowed(np.array([level - width / 2, level, level + width / 2]), *WINDOWS[name][0]).tolist() == [
        0,
        128,
        255,
    ]


def test_medgemma_is_three_windows_as_red_green_and_blue() -> None:
    """Values worked out by hand: -135 is where green begins, 80 where blue is full."""
    hu = np.array([[-2000.0, -1024.0, -135.0, 0.0, 40.0, 80.0, 215.0, 1024.0, 3000.0]])
    found = picture(hu, WINDOWS["medgemma"])[0]
    assert found.tolist() == [
        [0, 0, 0],
        [0, 0, 0],
        [111, 0, 0],
        [128, 98, 0],
        [132, 128, 128],
        [137, 157, 255],
        [154, 255, 255],
        [255, 255, 255],
        [255, 255, 255],
    ]


@given(st.lists(st.integers(-3000, 4000), min_size=4, max_size=60), st.sampled_from([*WINDOWS]))
def test_pictures_equal_numpy_written_anew(values: list[int], name: str) -> None:
    """Clip, shift, scale to 255 in 32 bits, round half to even: each step as the notebook writes it."""
    hu = np.array(values, dtype=np.float64)
    layers = []
    for low, high in WINDOWS[name]:
        layer = np.clip(hu, low, high).astype(np.float32)
        layer -= low
        layer /= high - low
        layer *= 255.0
        layers.append(np.round(layer, 0).astype(np.uint8))
    expected = layers[0] if len(layers) == 1 else np.stack(layers, axis=-1)
    assert picture(hu, WINDOWS[name]).tolist() == expected.tolist()


def test_minmax_is_of_the_whole_volume() -> None:
    """One dark slice stays dark beside a bright one; a volume of one value is black."""
    volume = np.array([[[0.0, 10.0]], [[90.0, 100.0]]])
    (window,) = windows_of(volume, "minmax")
    assert window == (0.0, 100.0)
    assert picture(volume[0], (window,)).tolist() == [[0, 26]]
    assert picture(np.full((1, 2), 7.0), windows_of(np.full((1, 1, 2), 7.0), "minmax")).tolist() == [[0, 0]]


@pytest.mark.parametrize("count", [86, 100, 120, 171, 300])
def test_the_notebook_never_takes_the_first_slice_and_always_the_last(count: int) -> None:
    """Its rule for more than 85 slices, written as the notebook has it."""
    expected = [int(round(i / 85 * (count - 1))) for i in range(1, 86)]  # noqa: RUF046 - as it is there
    assert chosen(count, "notebook-85") == expected
    assert (expected[0] > 0, expected[-1]) == (True, count - 1)


@given(st.integers(1, 500), st.integers(1, 200))
def test_even_slices_are_the_middles_of_equal_parts(count: int, most: int) -> None:
    """As many as asked for, none twice, in order; distances differ by one at most, and ends are alike."""
    places = chosen(count, f"even-{most}")
    assert len(places) == min(count, most)
    assert places == sorted(set(places))
    assert 0 <= places[0] <= places[-1] < count
    if count > most:
        steps = np.diff(places)
        assert most == 1 or steps.max() - steps.min() <= 1
        assert abs(places[0] - (count - 1 - places[-1])) <= 1


def test_all_takes_all_and_few_are_all_shown() -> None:
    """A volume that is shorter than asked for is shown whole, by each rule."""
    assert chosen(7, "all") == chosen(7, "notebook-85") == chosen(7, "even-24") == list(range(7))


def test_encodings_are_what_they_are_called() -> None:
    """PNG gives the pixels back; JPEG is Pillow's with that quality, byte for byte."""
    pixels = np.random.default_rng(1).integers(0, 256, (32, 40, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(encoded(pixels, "png"))) as image:
        assert np.asarray(image).tolist() == pixels.tolist()
    plain = io.BytesIO()
    Image.fromarray(pixels).save(plain, format="jpeg")
    assert encoded(pixels, "jpeg-75") == plain.getvalue()


@pytest.mark.parametrize("name", [*NAMED, "even-24+brain", "all+minmax+jpeg-95", "notebook-40+bone+png"])
def test_a_recipe_has_a_long_name_that_means_the_same(name: str) -> None:
    """What is recorded says all of it."""
    assert recipe_of(recipe_of(name).name) == recipe_of(name)
    assert recipe_of("even-24+brain") == Recipe("even-24", "brain", "png")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("medgemma-notebok", "'medgemma-notebook'?"),
        ("even-24+brian+png", "'brain'?"),
        ("even-0+brain", "even-24+brain+png"),
        ("", "medgemma-lossless"),
        ("all+brain+jpeg-101", "even-24"),
    ],
)
def test_an_unknown_recipe_is_an_error_with_the_nearest(name: str, hint: str) -> None:
    """Before any file is read."""
    with pytest.raises(UsageError) as raised:
        recipe_of(name)
    assert hint in raised.value.hint
