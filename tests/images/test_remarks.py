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


@pytest.mark.parametrize(
    ("mode", "value", "remarks"),
    [("L", 0, ("blank",)), ("RGB", (255, 255, 255), ("blank",)), ("I;16", 0, ("blank",)), ("L", 90, ())],
)
def test_blank_images(mode: str, value: object, remarks: tuple[str, ...]) -> None:
    """Black or white everywhere; one grey may be a picture of something even."""
    assert read_image(saved(Image.new(mode, (16, 16), value))).remarks == remarks  # type: ignore[arg-type]


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
    """An image of a few pixels shows nothing, whatever its grey; a long strip may."""
    assert read_image(saved(Image.new("L", size, 90))).remarks == remarks


def test_a_place_in_metadata() -> None:
    """Where a telephone was when the picture was taken may name a person; an empty part says nothing."""
    exif = Image.Exif()
    exif[0x010F] = "Acme"
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
    image = Image.new("RGB", (32, 32), (9, 90, 200))
    assert read_image(saved(image, "JPEG", exif=exif)).remarks == ("place",)
    exif[0x8825] = {0: b"\2\3\0\0"}
    assert read_image(saved(image, "JPEG", exif=exif)).remarks == ()
    xmp = b'<x:xmpmeta><rdf:Description exif:GPSLatitude="52,31.2N"/></x:xmpmeta>'
    assert read_image(saved(image, "JPEG", xmp=xmp)).remarks == ("place",)


def test_remarks_name_the_first_images() -> None:
    """One sentence a kind, with the names of three."""
    said = list(in_words([(f"{n}.png", ("blank",)) for n in range(5)]))
    assert said == ["5 images are black or white everywhere: are they blank? (0.png, 1.png, 2.png …)."]
