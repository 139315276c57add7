"""Images that hold more than a picture, or none, are remarked on."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops, ImageOps, PngImagePlugin

from medbench.images.load import read_image
from medbench.images.remarks import in_words
from medbench.images.transform import transformed


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return the bytes of an image."""
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def gradient(width: int = 40, height: int = 20) -> Image.Image:
    """Return a picture with a bright corner."""
    image = Image.new("L", (width, height), 20)
    image.paste(240, (0, 0, width * 3 // 10, height * 3 // 10))
    return image


EVEN = {
    "black": saved(Image.new("L", (16, 16), 0)),
    "white": saved(Image.new("RGB", (16, 16), (255, 255, 255))),
    "grey": saved(Image.new("L", (16, 16), 90)),
    "a colour": saved(Image.new("RGB", (16, 16), (10, 90, 200))),
    "16 bits": saved(Image.new("I;16", (16, 16), 700)),
    "a palette": saved(Image.new("P", (16, 16), 3)),
    "two greys": saved(Image.new("1", (16, 16), 1)),
    "with alpha": saved(Image.new("LA", (16, 16), (90, 255))),
    "JPEG": saved(Image.new("RGB", (40, 40), (90, 91, 99)), "JPEG", quality=30),
    "black and grainy": saved(
        Image.effect_noise((40, 40), 0.3).point(lambda value: max(0, min(value - 127, 2)))
    ),
    "transparent": saved(Image.merge("LA", (gradient(), Image.new("L", (40, 20), 0)))),
}
"""Images on which nobody sees anything."""
SEEN = {
    "a picture": saved(gradient()),
    "faint": saved(gradient().point(lambda value: 90 + value // 50)),
    "faint in 16 bits": saved(Image.effect_noise((40, 40), 2).convert("I;16")),
    "a palette of two": saved(gradient().point(lambda value: value // 200).convert("P")),
    "a line": saved(ImageOps.expand(Image.new("L", (16, 16), 90), 1, 0)),
    "half transparent": saved(Image.merge("LA", (gradient(), Image.new("L", (40, 20), 128)))),
}


@pytest.mark.parametrize("kind", EVEN)
def test_images_of_one_value_are_blank(kind: str) -> None:
    """Whatever the value, and nearly so where nobody can tell."""
    assert read_image(EVEN[kind]).remarks == ("blank",)


@pytest.mark.parametrize("kind", SEEN)
def test_images_that_show_something_are_not(kind: str) -> None:
    """Though it is faint, or a line alone."""
    assert read_image(SEEN[kind]).remarks == ()


def test_texts_in_metadata() -> None:
    """Words in a PNG, a comment of a JPEG, a description in its EXIF; resolution and software are none."""
    words = PngImagePlugin.PngInfo()
    words.add_text("PatientName", "Doe^Jane")
    assert read_image(saved(gradient(), pnginfo=words)).remarks == ("text",)
    assert read_image(saved(gradient(), "JPEG", comment=b"Jane Doe")).remarks == ("text",)
    exif = Image.Exif()
    exif[0x010E] = "Jane Doe, chest"
    assert read_image(saved(gradient(), "JPEG", exif=exif)).remarks == ("text",)
    software = PngImagePlugin.PngInfo()
    software.add_text("Software", "DOE^JANE")
    assert read_image(saved(gradient(), pnginfo=software)).remarks == ("text",)
    assert read_image(saved(gradient(), "JPEG", xmp=b"<x:xmpmeta>DOE^JANE</x:xmpmeta>")).remarks == ("text",)
    harmless = PngImagePlugin.PngInfo()
    harmless.add_text("Software", "Paint")
    assert read_image(saved(gradient(), pnginfo=harmless, dpi=(72, 72))).remarks == ()
    assert read_image(saved(gradient(), "JPEG", dpi=(72, 72))).remarks == ()


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_scaled_picture_is_turned_as_viewers_show_it(turn: int) -> None:
    """The orientation of a camera is remarked on, and done when the picture is written anew."""
    exif = Image.Exif()
    exif[0x0112] = turn
    data = saved(gradient(400, 200), "JPEG", exif=exif, quality=95)
    assert read_image(data).remarks == (() if turn == 1 else ("orientation",))
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    sent = Image.open(io.BytesIO(transformed(data, "fit-100")))
    assert sent.size == tuple(side // 4 for side in shown.size)
    small = shown.convert("L").resize(sent.size)
    difference = ImageChops.difference(sent.convert("L"), small)
    assert difference.getextrema()[1] < 90  # type: ignore[operator] # one band, two numbers


@pytest.mark.parametrize(
    ("size", "remarks"), [((1, 1), ("tiny",)), ((15, 17), ("tiny",)), ((16, 16), ()), ((2, 900), ())]
)
def test_dots_and_spacers(size: tuple[int, int], remarks: tuple[str, ...]) -> None:
    """An image of a few pixels shows nothing, whatever its greys; a long strip may."""
    dotted = Image.new("L", size, 90)
    dotted.putpixel((0, 0), 200)
    if size == (1, 1):
        remarks = ("blank", *remarks)
    assert read_image(saved(dotted)).remarks == remarks


def test_a_place_in_metadata() -> None:
    """Where a telephone was when the picture was taken may name a person; an empty part says nothing."""
    exif = Image.Exif()
    exif[0x010F] = "Acme"
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
    image = gradient().convert("RGB")
    assert read_image(saved(image, "JPEG", exif=exif)).remarks == ("place",)
    exif[0x8825] = {0: b"\2\3\0\0"}
    assert read_image(saved(image, "JPEG", exif=exif)).remarks == ()
    xmp = b'<x:xmpmeta><rdf:Description exif:GPSLatitude="52,31.2N"/></x:xmpmeta>'
    assert read_image(saved(image, "JPEG", xmp=xmp)).remarks == ("place",)


def test_remarks_name_the_first_images() -> None:
    """One sentence a kind, with the names of three."""
    said = list(in_words([(f"{n}.png", ("blank",)) for n in range(5)]))
    assert said == ["5 images are of one grey or colour everywhere: are they blank? (0.png, 1.png, 2.png …)."]
