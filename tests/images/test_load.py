"""Images are read once, decoded whole, and never altered."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from medbench.errors import ImageError
from medbench.images.fingerprint import fingerprint, similarities
from medbench.images.load import MAX_PIXELS, read_image


def _scene(shift: int = 0) -> Image.Image:
    y, x = np.mgrid[0:96, 0:128]
    values = 120 + 100 * np.sin((x + shift) / 9) * np.cos(y / 13)
    return Image.fromarray(values.astype(np.uint8))


def _bytes(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def _sixteen_bit() -> Image.Image:
    return Image.fromarray(np.asarray(_scene()).astype(np.uint16) * 200)


@pytest.mark.parametrize(
    ("image", "kind", "mode"),
    [
        (_scene(), "PNG", "L"),
        (_scene().convert("RGB"), "PNG", "RGB"),
        (_scene().convert("RGBA"), "PNG", "RGBA"),
        (_scene().convert("LA"), "PNG", "LA"),
        (_scene().convert("P"), "PNG", "P"),
        (_scene().convert("1"), "PNG", "1"),
        (_sixteen_bit(), "PNG", "I;16"),
        (_scene(), "JPEG", "L"),
        (_scene().convert("CMYK"), "JPEG", "CMYK"),
        (_scene(), "TIFF", "L"),
    ],
)
def test_every_usual_kind_of_picture_is_read(image: Image.Image, kind: str, mode: str) -> None:
    """8 and 16 bit, grey, palette, colour, transparent: bytes unchanged, size and mode as in the file."""
    data = _bytes(image, kind)
    loaded = read_image(data)
    assert loaded.data == data
    assert loaded.sha256 == hashlib.sha256(data).hexdigest()
    assert (loaded.width, loaded.height, loaded.mode, loaded.format) == (128, 96, mode, kind)
    assert similarities(loaded.fingerprint, fingerprint(_scene())[None, :])[0] > (
        0.5 if mode in "1P" else 0.97
    )


def test_a_file_is_read_like_its_bytes(tmp_path: Path) -> None:
    """Path and bytes give the same image; the suffix follows the format."""
    (tmp_path / "a.png").write_bytes(_bytes(_scene(), "JPEG"))
    loaded = read_image(tmp_path / "a.png")
    assert loaded.suffix == ".jpg"
    assert loaded.data == (tmp_path / "a.png").read_bytes()


@pytest.mark.parametrize("keep", [30, 60, -13, -40])
def test_a_cut_png_is_refused(tmp_path: Path, keep: int) -> None:
    """A file that ends in the header, in the pixels or just before its end is named in the error."""
    path = tmp_path / "cut.png"
    path.write_bytes(_bytes(_scene())[:keep])
    with pytest.raises(ImageError, match=r"'.*cut\.png' is damaged or cut") as caught:
        read_image(path)
    assert caught.value.hint


def test_one_wrong_bit_in_the_pixels_is_found() -> None:
    """Pillow passes over the checksums of the pixels; a flipped bit in them is an error all the same."""
    data = bytearray(_bytes(_scene()))
    data[data.index(b"IDAT") + 40] ^= 1
    with pytest.raises(ImageError, match="damaged or cut: a checksum"):
        read_image(bytes(data), "x.png")


def test_a_cut_jpeg_is_refused() -> None:
    """A truncated JPEG is not filled up with grey."""
    with pytest.raises(ImageError, match="damaged or cut"):
        read_image(_bytes(_scene(), "JPEG")[:-200], "x.jpg")


@pytest.mark.parametrize("side", [9_000, 12_000, 60_000])
def test_a_decompression_bomb_is_not_decoded(side: int) -> None:
    """A few bytes that claim a huge picture are refused below, between and above Pillow's own limits."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b""))
    )
    assert side * side > MAX_PIXELS
    with pytest.raises(ImageError, match=r"'bomb\.png' has more than 64,000,000 pixels"):
        read_image(b"\x89PNG\r\n\x1a\n" + chunks, "bomb.png")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"not a picture at all", "not a picture that can be read"),
        (b"DICM" * 50, "is a DICOM file"),
    ],
)
def test_what_is_no_picture_is_said_so(data: bytes, words: str) -> None:
    """Empty files and other kinds of files are errors with a hint."""
    with pytest.raises(ImageError, match=words) as caught:
        read_image(data, "x")
    assert caught.value.hint


def test_a_missing_file_and_a_film_strip_are_refused(tmp_path: Path) -> None:
    """A path without a file, and a file with several pictures in it."""
    with pytest.raises(ImageError, match="cannot be read: No such file"):
        read_image(tmp_path / "none.png")
    strip = io.BytesIO()
    _scene().save(strip, "TIFF", save_all=True, append_images=[_scene(5)])
    with pytest.raises(ImageError, match="several pictures"):
        read_image(strip.getvalue(), "x.tif")
