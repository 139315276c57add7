"""Changing images before they are sent: only when asked, in one way, and as little as needed."""

from __future__ import annotations

import io

import pytest
from PIL import Image as pillow  # noqa: N813 - the class of that name is a record here

from medbench.errors import ImageError, UsageError
from medbench.images.transform import check_transform, transformed


def _saved(picture: pillow.Image, kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    picture.save(made, kind)
    return made.getvalue()


def _opened(data: bytes) -> pillow.Image:
    picture = pillow.open(io.BytesIO(data))
    picture.load()
    return picture


def test_none_and_small_enough_are_the_files_bytes() -> None:
    """Without a transform, and where nothing has to be made smaller, not a byte is changed."""
    data = _saved(pillow.linear_gradient("L"), "JPEG")
    assert transformed(data, "none") is data
    assert transformed(data, "fit-256") is data


@pytest.mark.parametrize(
    ("size", "expected"), [((400, 200), (64, 32)), ((200, 400), (32, 64)), ((1000, 3), (64, 1))]
)
def test_fit_keeps_the_aspect(size: tuple[int, int], expected: tuple[int, int]) -> None:
    """The longer side gets the length asked for, the other follows."""
    made = _opened(transformed(_saved(pillow.new("RGB", size, (9, 99, 199))), "fit-64"))
    assert (made.size, made.mode, made.format) == (expected, "RGB", "PNG")
    assert made.getpixel((0, 0)) == (9, 99, 199)


def test_the_same_bytes_each_time() -> None:
    """A transform says exactly which bytes are sent."""
    data = _saved(pillow.radial_gradient("L"))
    assert transformed(data, "fit-100") == transformed(data, "fit-100")


def test_sixteen_bits_keep_their_order() -> None:
    """A 16-bit grey is spread over 8 bits by its own range instead of being cut at 255."""
    grey = pillow.new("I;16", (300, 1))
    grey.putdata([1000 + 10 * n for n in range(300)])
    made = _opened(transformed(_saved(grey), "fit-100"))
    values = [made.getpixel((n, 0)) for n in range(100)]
    assert made.mode == "L"
    assert values == sorted(values)  # type: ignore[type-var] # one band, one number
    assert values[0] < 5  # type: ignore[operator]
    assert values[-1] > 250  # type: ignore[operator]


def test_a_palette_becomes_colours() -> None:
    """Numbers of a palette are never averaged: the picture is made of colours first."""
    striped = pillow.new("P", (64, 32))
    striped.putpalette([0, 0, 0, 200, 0, 0])
    striped.putdata([0, 1] * 1024)
    made = _opened(transformed(_saved(striped), "fit-16"))
    assert made.mode == "RGB"
    red = made.getpixel((0, 0))
    assert isinstance(red, tuple)
    assert 50 < red[0] < 150


@pytest.mark.parametrize("wrong", ["fit", "fit-", "fit-1", "fit-0", "fit-x", "resize", "fit-123456"])
def test_a_wrong_name_is_an_error(wrong: str) -> None:
    """What is no transform is never taken for 'none'."""
    with pytest.raises(UsageError, match="unknown image transform"):
        check_transform(wrong)


def test_no_picture_is_an_error() -> None:
    """Bytes that are no picture are an error of the image."""
    with pytest.raises(ImageError):
        transformed(b"no picture", "fit-64")


def test_steps_change_what_they_say() -> None:
    """A mirror exchanges the sides, a window cuts the greys, a pad makes a square, a blank shows nothing."""
    picture = pillow.new("L", (4, 2))
    picture.putdata([0, 50, 100, 200] * 2)
    data = _saved(picture)

    def row(name: str) -> list[object]:
        made = _opened(transformed(data, name))
        return [made.getpixel((x, made.height // 2)) for x in range(made.width)]

    assert row("mirror") == [200, 100, 50, 0]
    assert row("window-50-100") == [0, 0, 255, 255]
    assert row("blank") == [0, 0, 0, 0]
    assert _opened(transformed(data, "pad")).size == (4, 4)
    assert _opened(transformed(data, "mirror+pad+resize-16+jpeg-75")).size == (16, 16)


def test_jpeg_is_what_the_notebook_sends() -> None:
    """Quality 75 gives the bytes that Pillow gives unasked."""
    picture = pillow.radial_gradient("L").convert("RGB")
    assert transformed(_saved(picture), "jpeg-75") == _saved(picture, "JPEG")


@pytest.mark.parametrize(
    "wrong", ["jpeg-0", "jpeg-101", "jpeg-75+pad", "mirror+blank", "", "pad+none", "pad+"]
)
def test_steps_have_one_order(wrong: str) -> None:
    """The same change has one name, so that two systems of it have one digest."""
    with pytest.raises(UsageError, match="in this order: mirror"):
        check_transform(wrong)
