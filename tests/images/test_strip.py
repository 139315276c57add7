"""Metadata is taken out of a file; pixels, colours and orientation are what they were."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from medbench.errors import ImageError
from medbench.images.load import read_image
from medbench.images.strip import stripped

NAME = "Doe^Jane"
_BANDS = [Image.linear_gradient("L").rotate(40 * turn).resize((70, 50)) for turn in range(3)]
PICTURE = Image.merge("RGB", _BANDS)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf>{NAME}</rdf></x:xmpmeta>'.encode()


def _exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = NAME
    exif[0x0112] = orientation
    exif.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + NAME.encode()
    return exif


def _saved(kind: str, picture: Image.Image = PICTURE, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _texts() -> PngInfo:
    info = PngInfo()
    info.add_text("PatientName", NAME)
    info.add_text("Comment", NAME, zip=True)
    info.add_itxt("Description", NAME)
    info.add(b"tIME", b"\x07\xe0\x01\x01\x01\x01\x01")
    info.add(b"prVt", NAME.encode())
    return info


def _with_thumbnail(data: bytes) -> bytes:
    jfif = data.index(b"JFIF\0")
    pixels = NAME.encode().ljust(12, b"\0")
    return (
        data[: jfif - 2]
        + struct.pack(">H", 28)
        + data[jfif : jfif + 12]
        + b"\2\2"
        + pixels
        + data[jfif + 14 :]
    )


def _between_scans(data: bytes) -> bytes:
    second = data.rindex(b"\xff\xda")
    comment = NAME.encode()
    return data[:second] + b"\xff\xff\xfe" + struct.pack(">H", 2 + len(comment)) + comment + data[second:]


JPEGS: dict[str, Callable[[], bytes]] = {
    "exif": lambda: _saved("JPEG", exif=_exif(), quality=95),
    "turned": lambda: _saved("JPEG", exif=_exif(6)),
    "comment": lambda: _saved("JPEG", comment=NAME.encode()),
    "xmp": lambda: _saved("JPEG", xmp=XMP),
    "profile": lambda: _saved("JPEG", icc_profile=PROFILE, exif=_exif(8)),
    "progressive": lambda: _between_scans(_saved("JPEG", progressive=True, exif=_exif())),
    "grey": lambda: _saved("JPEG", PICTURE.convert("L"), exif=_exif(3)),
    "cmyk": lambda: _saved("JPEG", PICTURE.convert("CMYK"), comment=NAME.encode()),
    "restarts": lambda: _saved("JPEG", restart_marker_blocks=2, comment=NAME.encode()),
    "after the end": lambda: _saved("JPEG") + NAME.encode() + _saved("JPEG"),
    "thumbnail": lambda: _with_thumbnail(_saved("JPEG")),
    "other segments": lambda: _saved("JPEG", extra=b"\xff\xed\x00\x0a" + NAME.encode()),
}
PNGS: dict[str, Callable[[], bytes]] = {
    "texts": lambda: _saved("PNG", pnginfo=_texts()),
    "turned png": lambda: _saved("PNG", exif=_exif(5), pnginfo=_texts()),
    "profile png": lambda: _saved("PNG", icc_profile=PROFILE, pnginfo=_texts()),
    "palette": lambda: _saved("PNG", PICTURE.quantize(20), transparency=3, pnginfo=_texts()),
    "16 bits": lambda: _saved("PNG", PICTURE.convert("L").convert("I;16"), pnginfo=_texts()),
    "gamma": lambda: (
        _saved("PNG")
        .replace(
            b"\0\0\0\rIHDR" + _saved("PNG")[16:33],
            b"\0\0\0\rIHDR" + _saved("PNG")[16:33] + _chunk(b"gAMA", b"\0\0\xb1\x8f"),
        )
        .replace(b"\0\0\0\0IEND", _chunk(b"tEXt", b"Patient\0" + NAME.encode()) + b"\0\0\0\0IEND")
    ),
    "after the end png": lambda: _saved("PNG") + NAME.encode(),
}


@pytest.mark.parametrize("case", [*JPEGS, *PNGS])
def test_names_go_and_pixels_stay(case: str) -> None:
    """Decoded by Pillow before and after: the same pixels, palette, profile, gamma and orientation."""
    data = (JPEGS | PNGS)[case]()
    assert NAME.encode() in data or zlib.compress(NAME.encode())[2:6] in data
    new = stripped(data, "x")
    assert NAME.encode() not in new
    assert "text" not in read_image(new).remarks
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(new)) as after:
        assert (after.mode, after.size, after.format) == (before.mode, before.size, before.format)
        assert after.tobytes() == before.tobytes()
        assert after.getpalette() == before.getpalette()
        for key in ("icc_profile", "gamma", "transparency", "adobe_transform"):
            assert after.info.get(key) == before.info.get(key), key
        assert after.getexif().get(0x0112, 1) == before.getexif().get(0x0112, 1)
        assert not set(after.getexif()) - {0x0112}
    assert stripped(new, "x") == new


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "WEBP"])
def test_other_kinds_are_refused(kind: str) -> None:
    """What cannot be taken apart without another encoding is not passed on as if it were clean."""
    with pytest.raises(ImageError, match=r"'x\.img' is neither JPEG nor PNG"):
        stripped(_saved(kind), "x.img")
